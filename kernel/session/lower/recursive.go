package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// Types that are made of themselves without being structs, such as
//
//	type F func() F
//
// are beyond the interpreter. In lowered code such a type is a struct with a
// field that holds a value of the underlying type, which is taken from there
// where the value is used as a function, a list and so on:
//
//	type F struct{ V any }
//	func F__V(x F) func() F { if x.V == nil { return nil }; return x.V.(func() F) }

// isRecursive tells whether t is a type of interpreted code made of itself.
func (f *fn) isRecursive(t types.Type) bool {
	n, ok := f.subst(t).(*types.Named)
	if !ok || !f.l.isSource(n.Obj().Pkg()) {
		return false
	}
	switch n.Underlying().(type) {
	case *types.Struct, *types.Interface, *types.Basic, *types.Array:
		return false
	}
	return recursive(n)
}

// under is x as a value of the underlying type of t.
func (f *fn) under(x ast.Expr, t types.Type) ast.Expr {
	if !f.isRecursive(t) {
		return x
	}
	return call(id(f.l.unwrapper(f.subst(t).(*types.Named), x.Pos()), x.Pos()), x)
}

// used lowers an expression as a value of its underlying type.
func (f *fn) used(e ast.Expr) ast.Expr { return f.under(f.expr(e), f.typeOf(e)) }

// made is the value of type t that u, of the underlying type, is.
func (f *fn) made(u ast.Expr, t types.Type) ast.Expr {
	if !f.isRecursive(t) {
		return u
	}
	pos := u.Pos()
	if _, ok := f.subst(t).Underlying().(*types.Signature); ok {
		u = f.function(u)
	}
	return &ast.CompositeLit{Type: f.typ(t, pos), Lbrace: pos, Elts: []ast.Expr{&ast.KeyValueExpr{Key: id("V", pos), Value: u}}}
}

// zero is the nil of a type made of itself.
func (f *fn) zero(t types.Type, pos token.Pos) ast.Expr {
	return &ast.CompositeLit{Type: f.typ(t, pos), Lbrace: pos}
}

// recursiveType writes the struct that stands for a type made of itself.
func recursiveType(name string, pos token.Pos) ast.Expr {
	v := field("V", id("any", pos))
	v.Tag = lit(token.STRING, strconv.Quote(`type:"`+name+`"`), pos)
	return &ast.StructType{Struct: pos, Fields: &ast.FieldList{Opening: pos, List: []*ast.Field{v}, Closing: pos}}
}

// unwrapper declares the function that gives the value of the underlying type.
func (l *Lowerer) unwrapper(t *types.Named, pos token.Pos) string {
	if n, ok := l.unwrappers.At(t).(string); ok {
		return n
	}
	name := l.fresh(t.Obj().Name() + "__V")
	l.remember(&l.unwrappers, t, name)
	pos = l.out.pos
	f := l.newFn(nil, nil)
	u := func() ast.Expr { return f.typ(t.Underlying(), pos) }
	v := func() ast.Expr { return sel(id("x__", pos), "V") }
	some := ifStmt(binary(v(), token.NEQ, id("nil", pos)), ret(pos, &ast.TypeAssertExpr{X: v(), Lparen: pos, Type: u()}))
	lit := funcLit([]*ast.Field{field("x__", f.typ(t, pos))}, []*ast.Field{field("", u())},
		block(pos, some, ret(pos, id("nil", pos))))
	l.out.funcs = append(l.out.funcs, &ast.FuncDecl{Name: id(name, pos), Type: lit.Type, Body: lit.Body})
	return name
}
