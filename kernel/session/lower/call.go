package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// call lowers calls, conversions and built-in functions.
func (f *fn) call(e *ast.CallExpr) ast.Expr {
	tv := f.info.Types[e.Fun]
	if tv.IsType() {
		return f.conversion(e, f.subst(tv.Type))
	}
	if tv.IsBuiltin() {
		return f.builtin(e)
	}
	if x := f.errorsAs(e); x != nil {
		return x
	}
	if s, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok && f.info.Selections[s] != nil && f.info.Selections[s].Kind() == types.MethodVal {
		return f.methodCall(e, s)
	}
	fun := paren(f.used(e.Fun))
	if f.spreads(e) && f.spreadConverts(e) {
		return f.spread(e, func(args []ast.Expr, ellipsis token.Pos) ast.Expr {
			return &ast.CallExpr{Fun: fun, Lparen: e.Lparen, Args: args, Ellipsis: ellipsis, Rparen: e.Rparen}
		})
	}
	args, ellipsis := f.args(e)
	return &ast.CallExpr{Fun: fun, Lparen: e.Lparen, Args: args, Ellipsis: ellipsis, Rparen: e.Rparen}
}

// spreads tells whether a call's arguments are another's results.
func (f *fn) spreads(e *ast.CallExpr) bool {
	if len(e.Args) != 1 {
		return false
	}
	_, multi := f.typeOf(e.Args[0]).(*types.Tuple)
	return multi
}

func (f *fn) spreadConverts(e *ast.CallExpr) bool {
	tup := f.typeOf(e.Args[0]).(*types.Tuple)
	sig := f.typeOf(e.Fun).Underlying().(*types.Signature)
	for i := range tup.Len() {
		if f.changes(tup.At(i).Type(), f.paramType(sig, i, false)) {
			return true
		}
	}
	return false
}

// paramType is the type of a call's argument i.
func (f *fn) paramType(sig *types.Signature, i int, ellipsis bool) types.Type {
	n := sig.Params().Len()
	if sig.Variadic() && i >= n-1 && !ellipsis {
		if s, ok := f.subst(sig.Params().At(n - 1).Type()).(*types.Slice); ok {
			return s.Elem()
		}
		return types.Typ[types.Byte]
	}
	return sig.Params().At(i).Type()
}

// spread lowers f(g()) by way of variables: func(a, b) R { return f(a, b) }(g()).
func (f *fn) spread(e *ast.CallExpr, to func(args []ast.Expr, ellipsis token.Pos) ast.Expr) ast.Expr {
	pos := e.Pos()
	tup := f.typeOf(e.Args[0]).(*types.Tuple)
	sig := f.typeOf(e.Fun).Underlying().(*types.Signature)
	var params []*ast.Field
	var args []ast.Expr
	for i := range tup.Len() {
		n := f.l.temp("a")
		params = append(params, field(n, f.typ(tup.At(i).Type(), pos)))
		args = append(args, f.argument(id(n, pos), tup.At(i).Type(), f.paramType(sig, i, false), e, i))
	}
	args, ellipsis := f.variadic(e, sig, args)
	return call(f.closure(params, f.subst(sig).(*types.Signature), to(args, ellipsis), pos), f.expr(e.Args[0]))
}

// args lowers a call's arguments.
func (f *fn) args(e *ast.CallExpr) ([]ast.Expr, token.Pos) {
	sig, ok := f.typeOf(e.Fun).Underlying().(*types.Signature)
	if !ok {
		fail(e.Pos(), "internal error: call of %v", f.typeOf(e.Fun))
	}
	if len(e.Args) == 1 {
		if _, multi := f.typeOf(e.Args[0]).(*types.Tuple); multi {
			return []ast.Expr{f.expr(e.Args[0])}, e.Ellipsis
		}
	}
	var out []ast.Expr
	for i, a := range e.Args {
		t := f.paramType(sig, i, e.Ellipsis.IsValid())
		x := f.valueTo(a, t)
		if lit, ok := ast.Unparen(a).(*ast.FuncLit); ok && f.inLoop() && !f.isSourceCall(e) {
			x = f.fixed(lit)
		}
		out = append(out, f.argument(x, f.typeOf(a), t, e, i))
	}
	if e.Ellipsis.IsValid() {
		if last := len(out) - 1; f.info.Types[e.Args[last]].IsNil() {
			out[last] = call(paren(f.typ(f.paramType(sig, last, true), e.Pos())), out[last])
		}
		return out, e.Ellipsis
	}
	return f.variadic(e, sig, out)
}

// variadic makes the slice for a variadic parameter of interface type. Compiled
// functions get interpreted values only from one that is there already, and to
// interpreted ones an argument that is such a slice itself would be the whole.
func (f *fn) variadic(e *ast.CallExpr, sig *types.Signature, args []ast.Expr) ([]ast.Expr, token.Pos) {
	n := sig.Params().Len()
	if !sig.Variadic() || len(args) < n {
		return args, token.NoPos
	}
	st, ok := f.subst(sig.Params().At(n - 1).Type()).(*types.Slice)
	if !ok || !types.IsInterface(st.Elem()) || !f.compiledInterface(st.Elem()) && !f.isSourceCall(e) {
		return args, token.NoPos
	}
	pos := args[n-1].Pos()
	slice := &ast.CompositeLit{Type: f.typ(st, pos), Lbrace: pos, Elts: numbered(args[n-1:])}
	return append(args[:n-1:n-1], slice), pos
}

// argument converts an argument x of type from for a parameter of type to.
func (f *fn) argument(x ast.Expr, from, to types.Type, e *ast.CallExpr, i int) ast.Expr {
	if i, ok := f.subst(to).Underlying().(*types.Interface); ok && i.NumMethods() == 0 && !f.isSourceCall(e) {
		return f.foreign(x, f.subst(from), e)
	}
	return f.convert(x, from, to)
}

// isSourceCall tells whether a call is surely one of interpreted code.
func (f *fn) isSourceCall(e *ast.CallExpr) bool {
	switch x := ast.Unparen(e.Fun).(type) {
	case *ast.Ident:
		o := f.info.Uses[x]
		return o == nil || f.l.isSource(o.Pkg())
	case *ast.SelectorExpr:
		o := f.info.Uses[x.Sel]
		return o == nil || o.Pkg() == nil || f.l.isSource(o.Pkg())
	}
	return true
}

func (f *fn) conversion(e *ast.CallExpr, t types.Type) ast.Expr {
	arg := e.Args[0]
	if types.IsInterface(t) {
		x := f.exprTo(arg, t)
		switch {
		case f.info.Types[arg].IsNil():
			return star(call(id("new", e.Pos()), f.typ(t, e.Pos())))
		case !f.compiledInterface(t) && !f.isInterface(arg):
			return call(id("any", e.Pos()), x) // or else x := I(v) would make x a v
		}
		return x
	}
	typ := f.typ(t, e.Pos())
	if _, ok := typ.(*ast.Ident); !ok {
		typ = paren(typ)
	}
	x := f.expr(arg)
	if tv := f.info.Types[arg]; tv.Value != nil {
		if b, ok := t.Underlying().(*types.Basic); ok && f.representable(tv, b) {
			return f.constant(tv.Value, t, e.Pos())
		}
	}
	if f.isRecursive(t) || f.isRecursive(f.typeOf(arg)) {
		if f.info.Types[arg].IsNil() {
			return f.zero(t, e.Pos())
		}
		if !types.Identical(t, f.typeOf(arg)) {
			return f.made(f.under(x, f.typeOf(arg)), t)
		}
		return x
	}
	if !f.info.Types[arg].IsNil() {
		switch from := f.typeOf(arg); from.Underlying().(type) {
		case *types.Signature, *types.Map, *types.Slice, *types.Array:
			if types.Identical(from.Underlying(), t.Underlying()) && !f.hasName(from) && !f.hasName(t) {
				return x // one type in lowered code
			}
		}
	}
	return &ast.CallExpr{Fun: typ, Lparen: e.Lparen, Args: []ast.Expr{x}, Rparen: e.Rparen}
}

// hasName tells whether a type that is no struct has a name in lowered code.
func (f *fn) hasName(t types.Type) bool {
	n, ok := f.subst(t).(*types.Named)
	return ok && (!f.l.isSource(n.Obj().Pkg()) || recursive(n))
}

// representable tells whether a constant converted to b has the same value: in
// a generic function such a conversion is no constant to go/types.
func (f *fn) representable(tv types.TypeAndValue, b *types.Basic) bool {
	from, ok := f.subst(tv.Type).Underlying().(*types.Basic)
	if !ok {
		return false
	}
	number := types.IsInteger | types.IsFloat | types.IsComplex
	return from.Info()&number != 0 && b.Info()&(types.IsFloat|types.IsComplex) != 0 ||
		from.Info()&types.IsInteger != 0 && b.Info()&types.IsInteger != 0 && from.Info()&types.IsUntyped != 0 ||
		from.Info()&types.IsString != 0 && b.Info()&types.IsString != 0 ||
		from.Info()&types.IsBoolean != 0 && b.Info()&types.IsBoolean != 0
}
