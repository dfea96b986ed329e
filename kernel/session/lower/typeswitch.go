package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// assertSwitch lowers a type switch over an interface of compiled code, in
// which the interpreter recognises no interpreted type, by assertions:
//
//	t, k := x, 0
//	if k == 0 { if v, ok := t.(T); ok { k, v1 = 1, v } }
//	switch k { case 1: ...; default: ... }
func (f *fn) assertSwitch(s *ast.TypeSwitchStmt, x ast.Expr, bound, label string) {
	pos := s.Pos()
	xt := f.typeOf(x)
	tag := f.hold(f.expr(x), xt).(*ast.Ident)
	k := f.l.temp("k")
	f.emit(define(k, intLit(0, pos)))
	out := &ast.SwitchStmt{Switch: s.Switch, Tag: id(k, pos), Body: block(s.Body.Pos())}
	f.enter(&target{kind: isSwitch, label: label}, func() {
		for i, c := range s.Body.List {
			c := c.(*ast.CaseClause)
			cc := &ast.CaseClause{Case: c.Case, Colon: c.Colon}
			if c.List != nil {
				cc.List = []ast.Expr{intLit(int64(i+1), c.Pos())}
			}
			o := f.info.Implicits[c]
			single := len(c.List) == 1 && !f.info.Types[c.List[0]].IsNil()
			if o != nil && bound != "_" {
				f.locals.names[o] = tag.Name
				if single {
					f.locals.names[o] = f.l.temp(bound)
					f.emit(varStmt(f.locals.names[o], f.typ(o.Type(), c.Pos()), nil, c.Pos()))
				}
			}
			for _, e := range c.List {
				f.emit(f.caseTest(e, tag, xt, k, i+1, o, single))
			}
			cc.Body = f.collect(func() { f.stmts(c.Body) })
			out.Body.List = append(out.Body.List, cc)
		}
	})
	f.emit(f.withLabel(label, out))
}

// caseTest sets k where the value in tag is of the case's type e.
func (f *fn) caseTest(e ast.Expr, tag *ast.Ident, xt types.Type, k string, index int, o types.Object, single bool) ast.Stmt {
	pos := e.Pos()
	choose := set(id(k, pos), intLit(int64(index), pos))
	free := binary(id(k, pos), token.EQL, intLit(0, pos))
	if f.info.Types[e].IsNil() {
		return ifStmt(free, ifStmt(binary(id(tag.Name, pos), token.EQL, id("nil", pos)), choose))
	}
	t := f.typeOf(e)
	v, ok := f.l.temp("v"), f.l.temp("ok")
	then := []ast.Stmt{choose}
	value := ast.Expr(id(v, pos))
	typ := f.typ(t, pos)
	if n, boxed := f.boxes(t, xt); boxed {
		typ, value = &ast.StarExpr{Star: pos, X: id(f.l.boxType(n, pos), pos)}, sel(value, "V")
	}
	lhs := []ast.Expr{id("_", pos), id(ok, pos)}
	if o != nil && single {
		lhs[0] = id(v, pos)
		then = append(then, set(id(f.locals.names[o], pos), value))
	}
	assert := assign(lhs, token.DEFINE, &ast.TypeAssertExpr{X: id(tag.Name, pos), Lparen: pos, Type: typ})
	return ifStmt(free, assert, ifStmt(id(ok, pos), then...))
}
