package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// errorsAs lowers errors.As(err, &target) for a target of an interpreted type,
// which the compiled function cannot recognise:
//
//	for _, e := range Chain(err) {
//		if x, ok := e.(T); ok { *target = x; return true }
//	}
//	return false
func (f *fn) errorsAs(e *ast.CallExpr) ast.Expr {
	s, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
	if !ok || len(e.Args) != 2 {
		return nil
	}
	fn, ok := f.info.Uses[s.Sel].(*types.Func)
	if !ok || fn.FullName() != "errors.As" {
		return nil
	}
	ptr, ok := f.typeOf(e.Args[1]).Underlying().(*types.Pointer)
	if !ok || f.compiledInterface(ptr.Elem()) || !types.IsInterface(ptr.Elem()) && !f.interpreted(f.subst(ptr.Elem())) {
		return nil
	}
	pos := e.Pos()
	name := func(base string) (string, func() ast.Expr) {
		n := f.l.temp(base)
		return n, func() ast.Expr { return id(n, pos) }
	}
	err, errX := name("err")
	target, targetX := name("target")
	_, item := name("e")
	_, value := name("x")
	_, found := name("ok")
	t := f.subst(ptr.Elem())
	var take ast.Expr
	if types.IsInterface(t) {
		take = call(f.l.runtime("Implements", pos), item(), intLit(int64(f.l.typeIndex(t, pos)), pos))
	} else {
		take = call(id(f.l.asserter(t, true, pos), pos), item())
	}
	assert := assign([]ast.Expr{value(), found()}, token.DEFINE, take)
	hit := &ast.IfStmt{If: pos, Cond: found(), Body: block(pos,
		set(star(targetX()), value()), ret(pos, id("true", pos)))}
	loop := &ast.RangeStmt{For: pos, TokPos: pos, Range: pos, Key: id("_", pos), Value: item(), Tok: token.DEFINE,
		X: call(f.l.runtime("Chain", pos), errX()), Body: block(pos, assert, hit)}
	lit := funcLit([]*ast.Field{field(err, id("error", pos)), field(target, f.typ(f.typeOf(e.Args[1]), pos))},
		[]*ast.Field{field("", id("bool", pos))}, block(pos, loop, ret(pos, id("false", pos))))
	return call(lit, f.expr(e.Args[0]), f.expr(e.Args[1]))
}
