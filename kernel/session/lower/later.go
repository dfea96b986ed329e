package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// laterCall lowers the call of defer and go, holding function, receiver and
// arguments in variables of their own.
func (f *fn) laterCall(e *ast.CallExpr) *ast.CallExpr {
	tv := f.info.Types[e.Fun]
	if tv.IsBuiltin() || tv.IsType() {
		return f.builtinLater(e)
	}
	if lit, ok := ast.Unparen(e.Fun).(*ast.FuncLit); ok && len(e.Args) == 0 {
		return call(f.funcLit(lit))
	}
	if f.spreads(e) { // defer f(g())
		c := f.call(e)
		if lit, ok := unparen(c.(*ast.CallExpr).Fun).(*ast.FuncLit); ok && len(c.(*ast.CallExpr).Args) == 1 {
			return call(lit, f.holdAll(e)...)
		}
		return call(c.(*ast.CallExpr).Fun, f.holdAll(e)...)
	}
	fun, recv := f.laterFun(e)
	args, ellipsis := f.args(e)
	sig := f.typeOf(e.Fun).Underlying().(*types.Signature)
	for i, a := range args {
		if _, isLit := a.(*ast.BasicLit); isLit {
			continue
		}
		if x, ok := a.(*ast.Ident); ok && x.Name == "nil" {
			continue
		}
		var t types.Type
		if len(args) == len(e.Args) && !ellipsis.IsValid() && f.isSourceCall(e) {
			t = f.paramType(sig, i, false)
		}
		args[i] = f.hold(a, t)
	}
	if recv != nil {
		args = append([]ast.Expr{recv}, args...)
	}
	out := call(fun, args...)
	out.Ellipsis = ellipsis
	return out
}

// holdAll evaluates the results that a call's arguments are.
func (f *fn) holdAll(e *ast.CallExpr) []ast.Expr {
	var lhs, held []ast.Expr
	for range f.typeOf(e.Args[0]).(*types.Tuple).Len() {
		n := f.l.temp("v")
		lhs, held = append(lhs, id(n, e.Pos())), append(held, id(n, e.Pos()))
	}
	f.emit(assign(lhs, token.DEFINE, f.expr(e.Args[0])))
	return held
}

// laterFun evaluates what is called, and the receiver of a method that is a
// function.
func (f *fn) laterFun(e *ast.CallExpr) (fun, recv ast.Expr) {
	x := ast.Unparen(e.Fun)
	if s, ok := x.(*ast.SelectorExpr); ok && f.info.Selections[s] != nil {
		obj, index, recv, kind := f.selection(s)
		if m, ok := obj.(*types.Func); ok && kind == types.MethodVal {
			r, t := f.path(paren(f.expr(s.X)), recv, index[:len(index)-1])
			r, t = f.receiver(r, t, m)
			held := f.hold(r, t)
			if types.IsInterface(t) { // of nil there is no method
				f.emit(ifStmt(binary(held, token.EQL, id("nil", e.Pos())), exprStmt(call(f.l.runtime("NilPanic", e.Pos())))))
			}
			c := f.invoke(held, t, m, nil, 0, e.Pos()).(*ast.CallExpr)
			if len(c.Args) > 0 {
				return c.Fun, c.Args[0]
			}
			return c.Fun, nil
		}
	}
	return f.laterValue(x), nil
}

func (f *fn) laterValue(x ast.Expr) ast.Expr {
	switch x := x.(type) {
	case *ast.FuncLit:
		return f.funcLit(x)
	case *ast.Ident:
		if _, ok := f.info.Uses[x].(*types.Func); ok {
			return f.expr(x)
		}
	case *ast.SelectorExpr:
		if _, ok := f.info.Uses[x.Sel].(*types.Func); ok {
			return f.expr(x)
		}
	}
	if _, inst := x.(*ast.IndexExpr); inst && !f.info.Types[x].Addressable() {
		return paren(f.expr(x))
	}
	return f.hold(f.expr(x), f.typeOf(x))
}

// builtinLater wraps a predeclared function, with its operands held, in a
// function literal.
func (f *fn) builtinLater(e *ast.CallExpr) *ast.CallExpr {
	pos := e.Pos()
	c, ok := f.call(e).(*ast.CallExpr)
	if !ok {
		c = call(funcLit(nil, nil, block(pos)))
	}
	start := 0
	if i, ok := c.Fun.(*ast.Ident); ok && (i.Name == "new" || i.Name == "make") {
		start = len(c.Args)
	}
	for i := start; i < len(c.Args); i++ {
		if _, isLit := c.Args[i].(*ast.BasicLit); !isLit {
			if x, ok := c.Args[i].(*ast.Ident); ok && x.Name == "nil" {
				continue
			}
			c.Args[i] = f.hold(c.Args[i], nil)
		}
	}
	return call(funcLit(nil, nil, block(pos, exprStmt(c))))
}
