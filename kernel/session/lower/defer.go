package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// The interpreter loses deferred calls when one of them panics, and confuses
// which function recovers. So a function with deferred calls hands its body to
// the runtime, which runs them:
//
//	func f() (r int) {
//		Run(func(d *Defers) {
//			d.Push(func() { ... }, true) // defer
//			r = 1; return                // return 1
//		})
//		return
//	}
//
// And a function that calls recover asks first whether, as a deferred call, it
// is there because of a panic:
//
//	p := Deferred()
//	... p.Recover() ...

// defers tells whether a function's body defers calls itself.
func defers(body ast.Node) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			found = true
		}
		return !found
	})
	return found
}

// recovers tells whether a function's body itself calls recover.
func recovers(info *types.Info, body ast.Node) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || info.Types[n.Fun].IsBuiltin() && builtinName(info, n.Fun) == "recover"
		}
		return !found
	})
	return found
}

// withDefers has the runtime run the statements that do lowers.
func (f *fn) withDefers(pos token.Pos, do func() []ast.Stmt) ast.Stmt {
	f.defers = f.l.temp("defers")
	t := &ast.StarExpr{Star: pos, X: f.l.runtime("Defers", pos)}
	lit := funcLit([]*ast.Field{field(f.defers, t)}, nil, block(pos, do()...))
	return exprStmt(call(f.l.runtime("Run", pos), lit))
}

// deferStmt evaluates the operands now, as Go does.
func (f *fn) deferStmt(s *ast.DeferStmt) {
	pos := s.Pos()
	if c := unparen(s.Call.Fun); f.info.Types[c].IsBuiltin() && builtinName(f.info, c) == "recover" {
		f.emit(exprStmt(call(sel(id(f.defers, pos), "PushRecover"), id(f.panics, pos))))
		return
	}
	lit := f.laterFunc(s.Call)
	f.emit(exprStmt(call(sel(id(f.defers, pos), "Push"), lit, id(boolText(f.mayRecover(s.Call)), pos))))
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// laterFunc is a function without parameters that makes a call whose operands
// are evaluated now.
func (f *fn) laterFunc(e *ast.CallExpr) ast.Expr {
	if lit, ok := ast.Unparen(e.Fun).(*ast.FuncLit); ok && len(e.Args) == 0 && f.typeOf(lit).(*types.Signature).Results().Len() == 0 {
		return f.fixed(lit)
	}
	pos := e.Pos()
	var c *ast.CallExpr
	held := f.collect(func() { c = f.laterCall(e) })
	lit := funcLit(nil, nil, block(pos, exprStmt(c)))
	if len(held) == 0 {
		return lit
	}
	// In a frame of their own, as the next iteration of a loop would change
	// the variables.
	t := &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}}
	return call(funcLit(nil, []*ast.Field{field("", t)}, block(pos, append(held, ret(pos, lit))...)))
}

// fixed lowers a function literal that is given to compiled code. The
// interpreter would let it see the variables of a loop's next iterations, had
// it not been made by another function.
func (f *fn) fixed(e *ast.FuncLit) ast.Expr {
	lit := f.funcLit(e)
	if !f.inLoop() {
		return lit
	}
	pos := e.Pos()
	t := f.funcType(f.subst(f.typeOf(e)).(*types.Signature), nil, pos)
	return call(funcLit(nil, []*ast.Field{field("", t)}, block(pos, ret(pos, lit))))
}

func (f *fn) inLoop() bool {
	for t := f.targets; t != nil; t = t.outer {
		if t.kind == isLoop {
			return true
		}
	}
	return false
}

// mayRecover tells whether what is called may itself call recover.
func (f *fn) mayRecover(e *ast.CallExpr) bool {
	switch x := ast.Unparen(e.Fun).(type) {
	case *ast.FuncLit:
		return recovers(f.info, x.Body)
	case *ast.Ident, *ast.SelectorExpr:
		fn, ok := f.calledObject(e).(*types.Func)
		if !ok {
			return !f.info.Types[x].IsBuiltin()
		}
		fn = fn.Origin()
		if src := f.l.funcs[fn]; src != nil && src.decl.Body != nil {
			return recovers(src.info, src.decl.Body)
		}
		return fn.Pkg() == nil || f.l.isSource(fn.Pkg())
	}
	return true
}
