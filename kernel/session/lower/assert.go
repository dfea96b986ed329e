package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// assertion lowers x.(T); with ok it gives two values.
func (f *fn) assertion(e *ast.TypeAssertExpr, ok bool) ast.Expr {
	pos := e.Pos()
	x := f.inAny(e.X)
	t := f.typeOf(e.Type)
	switch {
	case types.IsInterface(t) && !f.compiledInterface(t):
		index := intLit(int64(f.l.typeIndex(t, pos)), pos)
		if ok {
			return call(f.l.runtime("Implements", pos), x, index)
		}
		return call(f.l.runtime("Assert", pos), x, index)
	case types.IsInterface(t) && ok:
		return call(id(f.l.converter(t, false), pos), x)
	}
	return call(id(f.l.asserter(t, ok, pos), pos), x)
}

// asserter declares the function that takes a T out of any:
//
//	func as__T(x any) T { v, ok := x.(T); if !ok { Failed(x, T) }; return v }
func (l *Lowerer) asserter(t types.Type, ok bool, pos token.Pos) string {
	m := &l.taken
	if ok {
		m = &l.takenOK
	}
	if n, found := m.At(t).(string); found {
		return n
	}
	index := l.typeIndex(t, pos)
	base := "T"
	if n := namedOf(t); n != nil {
		base = n.Obj().Name()
	}
	name := l.fresh("as__" + base)
	l.remember(m, t, name)
	pos = l.out.pos
	f := l.newFn(nil, nil)
	x := func() ast.Expr { return id("x__", pos) }
	v, is := func() ast.Expr { return id("v__", pos) }, func() ast.Expr { return id("ok__", pos) }
	var body []ast.Stmt
	value := v()
	if types.IsInterface(t) {
		body = append(body, assign([]ast.Expr{v(), is()}, token.DEFINE, call(id(l.converter(t, false), pos), x())))
	} else {
		body = append(body, assign([]ast.Expr{v(), is()}, token.DEFINE,
			&ast.TypeAssertExpr{X: x(), Lparen: pos, Type: l.runtimeType(f, t, pos)}))
		if !l.unique(t) {
			value = sel(v(), "V")
		} else if !exact(t) {
			body = append(body, ifStmt(is(), set(is(), call(l.runtime("Is", pos), x(), intLit(int64(index), pos)))))
		}
	}
	results := []*ast.Field{field("", f.typ(t, pos))}
	if ok {
		results = append(results, field("", id("bool", pos)))
		// The zero value where it is another type.
		z := id("z__", pos)
		body = append(body, varStmt("z__", f.typ(t, pos), nil, pos),
			ifStmt(is(), ret(pos, value, id("true", pos))), ret(pos, z, id("false", pos)))
	} else {
		fails := exprStmt(call(l.runtime("Failed", pos), x(), intLit(int64(index), pos)))
		body = append(body, ifStmt(&ast.UnaryExpr{OpPos: pos, Op: token.NOT, X: is()}, fails), ret(pos, value))
	}
	lit := funcLit([]*ast.Field{field("x__", id("any", pos))}, results, block(pos, body...))
	l.out.funcs = append(l.out.funcs, &ast.FuncDecl{Name: id(name, pos), Type: lit.Type, Body: lit.Body})
	return name
}

// exact tells whether no value of another type is assignable to a t.
func exact(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Basic, *types.Struct:
		return true
	case *types.Pointer:
		_, named := types.Unalias(t).(*types.Named)
		return !named
	}
	return false
}

// typeSwitch asks the runtime which clause a value's type is in:
//
//	switch Case(x, n) { case 1: v := x.(T); ... default: ... }
func (f *fn) typeSwitch(s *ast.TypeSwitchStmt, label string) {
	f.wrap(s.Pos(), func() {
		pos := s.Pos()
		if s.Init != nil {
			f.stmt(s.Init, "")
		}
		var x ast.Expr
		bound := ""
		switch a := s.Assign.(type) {
		case *ast.ExprStmt:
			x = a.X
		case *ast.AssignStmt:
			x = a.Rhs[0]
			bound = a.Lhs[0].(*ast.Ident).Name
		}
		x = ast.Unparen(x).(*ast.TypeAssertExpr).X
		xt := f.typeOf(x)
		value := f.hold(f.expr(x), xt)
		held := value
		if f.compiledInterface(xt) {
			held = f.hold(f.fromCompiled(value), nil)
		}
		number := f.l.switches
		f.l.switches++
		var table []ast.Expr
		k := call(f.l.runtime("Case", pos), held, intLit(int64(number), pos))
		out := &ast.SwitchStmt{Switch: s.Switch, Tag: f.hold(k, nil), Body: block(s.Body.Pos())}
		f.enter(&target{kind: isSwitch, label: label}, func() {
			for i, c := range s.Body.List {
				c := c.(*ast.CaseClause)
				cc := &ast.CaseClause{Case: c.Case, Colon: c.Colon}
				if c.List != nil {
					cc.List = []ast.Expr{intLit(int64(i+1), c.Pos())}
				}
				for _, e := range c.List {
					index := -1
					if !f.info.Types[e].IsNil() {
						index = f.l.typeIndex(f.typeOf(e), e.Pos())
					}
					table = append(table, intLit(int64(i+1), f.l.out.pos), intLit(int64(index), f.l.out.pos))
				}
				cc.Body = f.collect(func() {
					if o := f.info.Implicits[c]; o != nil && bound != "_" {
						f.bind(o, held, value, c)
					}
					f.stmts(c.Body)
				})
				out.Body.List = append(out.Body.List, cc)
			}
		})
		f.l.register("Switch", number, table)
		f.emit(f.withLabel(label, out))
	})
}

// bind declares a clause's variable.
func (f *fn) bind(o types.Object, held, value ast.Expr, c *ast.CaseClause) {
	pos := c.Pos()
	t := f.subst(o.Type())
	v := ast.Expr(id(value.(*ast.Ident).Name, pos))
	x := ast.Expr(id(held.(*ast.Ident).Name, pos))
	switch {
	case len(c.List) != 1 || f.info.Types[c.List[0]].IsNil():
	case types.IsInterface(t) && !f.compiledInterface(t):
		v = x
	case types.IsInterface(t):
		v = call(id(f.l.converter(t, true), pos), x)
	default:
		v = &ast.TypeAssertExpr{X: x, Lparen: pos, Type: f.l.runtimeType(f, t, pos)}
		if !f.l.unique(t) {
			v = sel(v, "V")
		}
	}
	f.declare(f.local(o), f.typ(t, pos), v, pos)
}
