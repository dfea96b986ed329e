package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// unitBody lowers what the unit executes; Show gets the value of its last
// expression.
func (f *fn) unitBody(u Unit) []ast.Stmt {
	for _, s := range u.Body {
		if defers(s) {
			return []ast.Stmt{f.withDefers(u.Pos, func() []ast.Stmt { return f.unitStmts(u) })}
		}
	}
	return f.unitStmts(u)
}

func (f *fn) unitStmts(u Unit) []ast.Stmt {
	for _, s := range u.Body {
		if recovers(f.info, s) && f.panics == "" {
			f.panics = f.l.temp("panic")
		}
	}
	return f.collect(func() {
		if f.panics != "" {
			f.emit(define(f.panics, call(f.l.runtime("Deferred", u.Pos))))
		}
		for i, s := range u.Body {
			if e, ok := s.(*ast.ExprStmt); ok && u.Show && i == len(u.Body)-1 && !f.prints(e.X) {
				f.show(e)
				return
			}
			f.stmt(s, "")
		}
	})
}

// prints reports whether x is a call of fmt's printing functions: the count and
// the error that they return are of no interest to whoever looks at the output.
func (f *fn) prints(x ast.Expr) bool {
	c, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return false
	}
	s, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	callee, ok := f.info.Uses[s.Sel].(*types.Func)
	if !ok || callee.Pkg() == nil || callee.Pkg().Path() != "fmt" {
		return false
	}
	name := strings.TrimPrefix(callee.Name(), "F")
	return strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "print")
}

// show hands the values of an expression to Show, if it has any.
func (f *fn) show(s *ast.ExprStmt) {
	pos := s.Pos()
	tv := f.info.Types[s.X]
	if tup, ok := tv.Type.(*types.Tuple); ok {
		if tup.Len() == 0 {
			f.stmt(s, "")
			return
		}
		var lhs, args []ast.Expr
		for i := range tup.Len() {
			n := f.l.temp("v")
			lhs = append(lhs, id(n, pos))
			args = append(args, f.convert(id(n, pos), tup.At(i).Type(), types.NewInterfaceType(nil, nil)))
			f.l.out.shown = append(f.l.out.shown, tup.At(i).Type())
		}
		f.emit(assign(lhs, token.DEFINE, f.expr(s.X)))
		f.emit(exprStmt(call(f.l.runtime("Show", pos), args...)))
		return
	}
	if tv.IsNil() {
		return
	}
	if !tv.IsValue() {
		f.stmt(s, "")
		return
	}
	if f.renders(s.X, tv.Type) {
		return
	}
	t := types.Default(tv.Type)
	f.l.out.shown = append(f.l.out.shown, t)
	f.emit(exprStmt(call(f.l.runtime("Show", pos), f.convert(f.exprTo(s.X, t), t, types.NewInterfaceType(nil, nil)))))
}

// inits assigns package variables their initial values, in the order that
// go/types found.
func (f *fn) inits(list []*types.Initializer) []ast.Stmt {
	return f.collect(func() {
		for _, in := range list {
			pos := in.Rhs.Pos()
			var lhs []ast.Expr
			for _, v := range in.Lhs {
				if v.Name() == "_" {
					lhs = append(lhs, id("_", pos))
					continue
				}
				lhs = append(lhs, id(f.l.names[v], pos))
			}
			if i, ok := lhs[0].(*ast.Ident); ok && len(lhs) == 1 && i.Name == "_" {
				f.hold(f.exprTo(in.Rhs, in.Lhs[0].Type()), in.Lhs[0].Type())
			} else if len(lhs) == 1 {
				f.emit(set(lhs[0], f.exprTo(in.Rhs, in.Lhs[0].Type())))
			} else {
				f.emit(assign(lhs, token.ASSIGN, f.commaOk(in.Rhs)))
			}
		}
	})
}

// displayPath is the package whose renderers interpreted types may implement.
const displayPath = "arch2vec/kernel/display"

// renderers are the methods by which a value shows itself, and the functions of
// package display that take what they return.
var renderers = []struct{ method, result, function string }{
	{"Render", displayPath + ".Data", ""},
	{"HTML", "string", "HTML"}, {"Markdown", "string", "Markdown"}, {"SVG", "string", "SVG"},
	{"PNG", "[]byte", "PNG"}, {"JPEG", "[]byte", "JPEG"}, {"PDF", "[]byte", "PDF"},
	{"Latex", "string", "Latex"}, {"JavaScript", "string", "JavaScript"}, {"JSON", "map[string]interface{}", "JSON"},
	{"SimpleRender", "map[string]interface{}", "MIME"},
}

// renders shows a value of an interpreted type that has a renderer's method:
// compiled code, which looks for the method, would not find it.
func (f *fn) renders(e ast.Expr, t types.Type) bool {
	base := types.Unalias(t)
	if p, ok := base.(*types.Pointer); ok {
		base = types.Unalias(p.Elem())
	}
	n, ok := base.(*types.Named)
	if !ok || types.IsInterface(n) || !f.l.isSource(n.Obj().Pkg()) {
		return false
	}
	for _, r := range renderers {
		m, index, _ := types.LookupFieldOrMethod(t, false, n.Obj().Pkg(), r.method)
		fn, ok := m.(*types.Func)
		if !ok || fn.Signature().Params().Len() != 0 || fn.Signature().Results().Len() != 1 ||
			resultName(fn) != r.result {
			continue
		}
		pos := e.Pos()
		x, xt := f.path(f.hold(f.expr(e), t), t, index[:len(index)-1])
		data := f.invoke(x, xt, fn, nil, 0, pos)
		if r.function != "" {
			args := []ast.Expr{data}
			if r.function == "MIME" { // its second argument is the metadata
				args = append(args, id("nil", pos))
			}
			data = call(f.l.qualified(displayPath, r.function, pos), args...)
		}
		f.l.out.shown = append(f.l.out.shown, fn.Signature().Results().At(0).Type())
		if r.function != "" {
			f.l.out.shown[len(f.l.out.shown)-1] = nil
		}
		f.emit(exprStmt(call(f.l.runtime("Show", pos), data)))
		return true
	}
	return false
}

// resultName is the type of a function's only result, without its aliases.
func resultName(fn *types.Func) string {
	t := types.Unalias(fn.Signature().Results().At(0).Type())
	return strings.ReplaceAll(t.String(), "any", "interface{}")
}
