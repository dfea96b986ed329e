package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// The interpreter gives compiled code a value of an interpreted type in a
// wrapper with the methods of an interface; of a struct it keeps only the last
// field there. So a struct becomes such an interface's value through a pointer
// to a type of its own,
//
//	type T__box struct{ V T }
//	func (b *T__box) Error() string { return b.V.Error() }
//
// and is taken from there where the interface is asserted to hold a T.

// boxes tells whether values of type from need a box as values of type to.
func (f *fn) boxes(from, to types.Type) (*types.Named, bool) {
	n, ok := f.subst(from).(*types.Named)
	if !ok || !f.l.isSource(n.Obj().Pkg()) || !f.compiledInterface(to) {
		return nil, false
	}
	_, ok = n.Underlying().(*types.Struct)
	return n, ok
}

// compiledInterface tells whether t is error or an interface of a compiled package.
func (f *fn) compiledInterface(t types.Type) bool {
	n, ok := f.subst(t).(*types.Named)
	if !ok || f.l.isSource(n.Obj().Pkg()) {
		return false
	}
	i, ok := n.Underlying().(*types.Interface)
	return ok && i.NumMethods() > 0
}

// box wraps x of type n.
func (f *fn) box(x ast.Expr, n *types.Named) ast.Expr {
	pos := x.Pos()
	return addr(&ast.CompositeLit{Type: id(f.l.boxType(n, pos), pos), Lbrace: pos,
		Elts: []ast.Expr{&ast.KeyValueExpr{Key: id("V", pos), Value: x}}})
}

// boxType declares a type's box when it is first needed.
func (l *Lowerer) boxType(n *types.Named, pos token.Pos) string {
	for _, b := range l.boxed {
		if types.Identical(b.typ, n) {
			return b.name
		}
	}
	f := l.newFn(nil, nil)
	b := &namedInst{typ: n, name: l.fresh(n.Obj().Name() + "__box")}
	l.boxed = append(l.boxed, b)
	count := len(l.boxed) - 1
	l.journal = append(l.journal, func() { l.boxed = l.boxed[:count] })
	v := field("V", f.typ(n, pos))
	v.Tag = lit(token.STRING, "`box:\"1\"`", pos)
	spec := &ast.TypeSpec{Name: id(b.name, pos), Type: &ast.StructType{Struct: pos,
		Fields: &ast.FieldList{Opening: pos, List: []*ast.Field{v}, Closing: pos}}}
	l.out.types = append(l.out.types, &ast.GenDecl{Tok: token.TYPE, TokPos: pos, Specs: []ast.Spec{spec}})

	set := types.NewMethodSet(n)
	for i := range set.Len() {
		m := set.At(i).Obj().(*types.Func)
		sig := l.subst(nil, set.At(i).Type()).(*types.Signature)
		if !m.Exported() {
			continue
		}
		var params []*ast.Field
		var args []ast.Expr
		for k := range sig.Params().Len() {
			a := l.temp("a")
			t := f.typ(sig.Params().At(k).Type(), pos)
			if sig.Variadic() && k == sig.Params().Len()-1 {
				t = &ast.Ellipsis{Ellipsis: pos, Elt: t.(*ast.ArrayType).Elt}
			}
			params, args = append(params, field(a, t)), append(args, id(a, pos))
		}
		c := call(sel(sel(id("b__", pos), "V"), m.Name()), args...)
		if sig.Variadic() {
			c.Ellipsis = pos
		}
		lit := f.closure(params, sig, c, pos).(*ast.FuncLit)
		l.out.funcs = append(l.out.funcs, &ast.FuncDecl{
			Recv: &ast.FieldList{Opening: pos, Closing: pos, List: []*ast.Field{
				field("b__", &ast.StarExpr{Star: pos, X: id(b.name, pos)})}},
			Name: id(m.Name(), pos), Type: lit.Type, Body: lit.Body,
		})
	}
	return b.name
}

// assertBoxed lowers x.(T) where a T is in a box; with ok it gives two values.
func (f *fn) assertBoxed(e *ast.TypeAssertExpr, n *types.Named, ok bool) ast.Expr {
	pos := e.Pos()
	ptr := &ast.StarExpr{Star: pos, X: id(f.l.boxType(n, pos), pos)}
	assert := &ast.TypeAssertExpr{X: paren(f.expr(e.X)), Lparen: e.Lparen, Type: ptr}
	if !ok {
		return sel(assert, "V")
	}
	x, b, v, is := f.l.temp("x"), f.l.temp("b"), f.l.temp("v"), f.l.temp("ok")
	inner := &ast.TypeAssertExpr{X: id(x, pos), Lparen: pos, Type: ptr}
	lit := funcLit([]*ast.Field{field(x, f.typ(f.typeOf(e.X), pos))},
		[]*ast.Field{field("", f.typ(n, pos)), field("", id("bool", pos))},
		block(pos,
			varStmt(v, f.typ(n, pos), nil, pos),
			assign([]ast.Expr{id(b, pos), id(is, pos)}, token.DEFINE, inner),
			ifStmt(id(is, pos), set(id(v, pos), sel(id(b, pos), "V"))),
			ret(pos, id(v, pos), id(is, pos))))
	return call(lit, f.expr(e.X))
}
