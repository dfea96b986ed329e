package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// deferStmt evaluates the operands now, as Go does; the interpreter would read
// variables when the call happens.
func (f *fn) deferStmt(s *ast.DeferStmt) {
	for t := f.targets; t != nil; t = t.outer {
		if t.kind == isRangeFunc {
			fail(s.Pos(), "defer in the body of a loop over a function is not supported by the interpreter")
		}
	}
	f.emit(&ast.DeferStmt{Defer: s.Defer, Call: f.laterCall(s.Call)})
}

// laterCall lowers the call of defer and go, holding function, receiver and
// arguments in variables of their own.
func (f *fn) laterCall(e *ast.CallExpr) *ast.CallExpr {
	pos := e.Pos()
	tv := f.info.Types[e.Fun]
	if tv.IsBuiltin() || tv.IsType() {
		return f.builtinLater(e)
	}
	if lit, ok := ast.Unparen(e.Fun).(*ast.FuncLit); ok && len(e.Args) == 0 {
		if f.inLoop() && !f.recovers(lit) {
			// What it refers to is found when the call happens, unless it is a
			// value already, made in a frame that is not locked then. But a
			// value cannot recover.
			sig := f.info.TypeOf(lit).Underlying().(*types.Signature)
			maker := funcLit(nil, []*ast.Field{field("", f.funcType(sig, nil, pos))}, block(pos, ret(pos, f.funcLit(lit))))
			return call(f.hold(call(maker), nil))
		}
		return call(f.funcLit(lit))
	}
	args, ellipsis := f.args(e)
	if len(args) == 1 {
		if tup, ok := f.typeOf(e.Args[0]).(*types.Tuple); ok { // defer f(g())
			var lhs []ast.Expr
			for range tup.Len() {
				lhs = append(lhs, id(f.l.temp("v"), pos))
			}
			held := make([]ast.Expr, len(lhs))
			copy(held, lhs)
			f.emit(&ast.AssignStmt{Lhs: lhs, Tok: token.DEFINE, TokPos: pos, Rhs: args})
			args = held
		}
	}
	sig := f.typeOf(e.Fun).Underlying().(*types.Signature)
	for i, a := range args {
		if _, isLit := a.(*ast.BasicLit); isLit {
			continue
		}
		if x, ok := a.(*ast.Ident); ok && x.Name == "nil" {
			continue
		}
		var t types.Type
		if n := sig.Params().Len(); len(args) == len(e.Args) && !ellipsis.IsValid() {
			t = sig.Params().At(min(i, n-1)).Type()
			if sig.Variadic() && i >= n-1 {
				t = f.subst(t).(*types.Slice).Elem()
			}
			if types.IsInterface(f.subst(t)) && f.info.Types[e.Args[i]].Value == nil {
				t = f.typeOf(e.Args[i]) // an interface is made of it at the call
				if b, ok := t.(*types.Basic); ok && b.Kind() == types.UntypedNil {
					continue
				}
			}
		}
		args[i] = f.hold(a, t)
	}
	fun := f.laterFun(e)
	out := call(fun, args...)
	out.Ellipsis = ellipsis
	return out
}

func (f *fn) laterFun(e *ast.CallExpr) ast.Expr {
	x := ast.Unparen(e.Fun)
	if s, ok := x.(*ast.SelectorExpr); ok && f.info.Selections[s] != nil {
		obj, index, recv, kind := f.selection(s)
		if m, ok := obj.(*types.Func); ok && kind == types.MethodVal {
			r, t := f.path(paren(f.expr(s.X)), recv, index[:len(index)-1])
			_, ptrRecv := pointerReceiver(m)
			if _, isPtr := t.Underlying().(*types.Pointer); ptrRecv && !isPtr {
				r, t = addr(r), types.NewPointer(t)
			}
			return sel(f.hold(r, t), m.Name())
		}
	}
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

func (f *fn) inLoop() bool {
	for t := f.targets; t != nil; t = t.outer {
		if t.kind == isLoop {
			return true
		}
	}
	return false
}

// recovers tells whether a function literal itself calls recover.
func (f *fn) recovers(lit *ast.FuncLit) bool {
	found := false
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || f.info.Types[n.Fun].IsBuiltin() && builtinName(f.info, n.Fun) == "recover"
		}
		return !found
	})
	return found
}
