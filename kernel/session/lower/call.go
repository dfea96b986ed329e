package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
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

// builtin lowers a call of a predeclared function.
func (f *fn) builtin(e *ast.CallExpr) ast.Expr {
	name := builtinName(f.info, e.Fun)
	pos := e.Pos()
	if f.spreads(e) {
		return f.spreadBuiltin(name, e)
	}
	switch name {
	case "min", "max":
		return f.minMax(name, e)
	case "clear":
		return f.clear(e)
	case "new":
		t := f.typeOf(e).Underlying().(*types.Pointer).Elem()
		if f.info.Types[e.Args[0]].IsType() {
			return call(id("new", pos), f.typ(t, pos))
		}
		v := f.l.temp("v")
		return call(funcLit([]*ast.Field{field(v, f.typ(t, pos))}, []*ast.Field{field("", f.typ(f.typeOf(e), pos))},
			block(pos, ret(pos, addr(id(v, pos))))), f.exprTo(e.Args[0], t))
	case "make":
		if c, ok := f.typeOf(e).Underlying().(*types.Chan); ok && c.Dir() != types.SendRecv {
			both := call(id("make", pos), f.typ(types.NewChan(types.SendRecv, c.Elem()), pos))
			for _, a := range e.Args[1:] {
				both.Args = append(both.Args, f.indexValue(a))
			}
			return call(paren(f.typ(f.typeOf(e), pos)), both)
		}
		args := []ast.Expr{f.typ(f.typeOf(e), pos)}
		if f.isRecursive(f.typeOf(e)) {
			args[0] = f.typ(f.typeOf(e).Underlying(), pos)
		}
		for _, a := range e.Args[1:] {
			args = append(args, f.indexValue(a))
		}
		return f.made(call(id("make", pos), args...), f.typeOf(e))
	case "append":
		return f.append(e)
	case "len", "cap":
		if n, ok := arrayLen(f.typeOf(e.Args[0])); ok { // known, once the operand is evaluated
			lit := funcLit([]*ast.Field{field(f.l.temp("a"), f.typ(f.typeOf(e.Args[0]), pos))}, []*ast.Field{field("", id("int", pos))},
				block(pos, ret(pos, intLit(n, pos))))
			return call(lit, f.expr(e.Args[0]))
		}
	case "print", "println":
		var args []ast.Expr
		for _, a := range e.Args {
			x := f.expr(a)
			if f.isInterface(a) {
				x = call(f.l.runtime("Words", pos), x)
			}
			args = append(args, x)
		}
		return call(f.l.runtime(map[string]string{"print": "Print", "println": "Println"}[name], pos), args...)
	case "delete":
		m := f.typeOf(e.Args[0]).Underlying().(*types.Map)
		return call(id("delete", pos), f.used(e.Args[0]), f.mapKey(e.Args[1], m))
	case "recover":
		return call(sel(id(f.panics, pos), "Recover"))
	case "panic":
		return call(f.l.runtime("Panic", pos), f.inAny(e.Args[0]))
	case "complex":
		t := f.typeOf(e)
		part := types.Type(types.Typ[types.Float64])
		if b := t.Underlying().(*types.Basic); b.Kind() == types.Complex64 {
			part = types.Typ[types.Float32]
		}
		c := call(id("complex", pos), f.exprTo(e.Args[0], part), f.exprTo(e.Args[1], part))
		return c
	}
	if strings.HasPrefix(name, "unsafe.") {
		return f.unsafe(name[len("unsafe."):], e)
	}
	out := &ast.CallExpr{Fun: id(name, pos), Lparen: e.Lparen, Ellipsis: e.Ellipsis, Rparen: e.Rparen}
	for _, a := range e.Args {
		out.Args = append(out.Args, f.used(a))
	}
	return out
}

// spreadBuiltin lowers append(g()) by way of variables.
func (f *fn) spreadBuiltin(name string, e *ast.CallExpr) ast.Expr {
	pos := e.Pos()
	tup := f.typeOf(e.Args[0]).(*types.Tuple)
	var params []*ast.Field
	c := call(id(name, pos))
	for i := range tup.Len() {
		n := f.l.temp("a")
		params, c.Args = append(params, field(n, f.typ(tup.At(i).Type(), pos))), append(c.Args, id(n, pos))
	}
	if t, ok := f.typeOf(e).(*types.Tuple); ok && t.Len() == 0 {
		return call(funcLit(params, nil, block(pos, exprStmt(c))), f.expr(e.Args[0]))
	}
	return call(funcLit(params, []*ast.Field{field("", f.typ(f.typeOf(e), pos))}, block(pos, ret(pos, c))), f.expr(e.Args[0]))
}

// arrayLen is the length of an array type, or of what a pointer type points to.
func arrayLen(t types.Type) (int64, bool) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	a, ok := types.Unalias(t).Underlying().(*types.Array)
	if !ok {
		return 0, false
	}
	return a.Len(), true
}

func builtinName(info *types.Info, e ast.Expr) string {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return "unsafe." + x.Sel.Name
	}
	return ""
}

func (f *fn) append(e *ast.CallExpr) ast.Expr {
	pos := e.Pos()
	st, ok := f.typeOf(e).Underlying().(*types.Slice)
	if !ok {
		fail(pos, "append to %v is not supported by the interpreter", f.typeOf(e))
	}
	first := f.under(f.exprTo(e.Args[0], f.typeOf(e)), f.typeOf(e))
	if i, ok := first.(*ast.Ident); ok && i.Name == "nil" {
		first = call(paren(f.typ(f.typeOf(e).Underlying(), pos)), first)
	}
	args := []ast.Expr{first}
	for _, a := range e.Args[1:] {
		if e.Ellipsis.IsValid() {
			args = append(args, f.used(a))
		} else {
			args = append(args, f.exprTo(a, st.Elem()))
		}
	}
	if len(args) > 2 && !e.Ellipsis.IsValid() {
		for _, a := range args[2:] {
			if f.computes(a) { // perhaps something that append overwrites
				lit := &ast.CompositeLit{Type: f.typ(types.NewSlice(st.Elem()), pos), Lbrace: pos, Elts: numbered(args[1:])}
				c := call(id("append", pos), args[0], lit)
				c.Ellipsis = pos
				return f.made(c, f.typeOf(e))
			}
		}
	}
	c := call(id("append", pos), args...)
	c.Ellipsis = e.Ellipsis
	return f.made(c, f.typeOf(e))
}

// minMax writes a function that compares its arguments in turn; for floats a
// NaN wins, and -0 is less than 0.
func (f *fn) minMax(name string, e *ast.CallExpr) ast.Expr {
	pos := e.Pos()
	t := f.typeOf(e)
	op := token.LSS
	if name == "max" {
		op = token.GTR
	}
	var params []*ast.Field
	var args []ast.Expr
	m := f.l.temp("m")
	var body []ast.Stmt
	float := false
	if b, ok := t.Underlying().(*types.Basic); ok {
		float = b.Info()&types.IsFloat != 0
	}
	for i, a := range e.Args {
		n := f.l.temp("a")
		params = append(params, field(n, f.typ(t, pos)))
		args = append(args, f.exprTo(a, t))
		x := func() ast.Expr { return id(n, pos) }
		mm := func() ast.Expr { return id(m, pos) }
		if i == 0 {
			body = append(body, define(m, x()))
			continue
		}
		if float {
			f64 := func(x ast.Expr) ast.Expr { return call(id("float64", pos), x) }
			fun := map[string]string{"min": "Min", "max": "Max"}[name]
			body = append(body, set(mm(), call(f.typ(t, pos), call(f.l.qualified("math", fun, pos), f64(mm()), f64(x())))))
			continue
		}
		body = append(body, ifStmt(binary(x(), op, mm()), set(mm(), x())))
	}
	body = append(body, ret(pos, id(m, pos)))
	return call(funcLit(params, []*ast.Field{field("", f.typ(t, pos))}, block(pos, body...)), args...)
}

func (f *fn) clear(e *ast.CallExpr) ast.Expr {
	pos := e.Pos()
	t := f.typeOf(e.Args[0])
	c, k := f.l.temp("c"), f.l.temp("k")
	rng := &ast.RangeStmt{For: pos, TokPos: pos, Range: pos, Key: id(k, pos), Tok: token.DEFINE, X: id(c, pos)}
	var pre []ast.Stmt
	if s, ok := t.Underlying().(*types.Slice); ok {
		z := f.l.temp("z")
		pre = append(pre, varStmt(z, f.typ(s.Elem(), pos), nil, pos))
		rng.Body = block(pos, set(&ast.IndexExpr{X: id(c, pos), Index: id(k, pos)}, id(z, pos)))
	} else {
		// Not by deleting keys: a NaN is not equal to itself.
		return call(f.l.runtime("ClearMap", pos), f.expr(e.Args[0]))
	}
	return call(funcLit([]*ast.Field{field(c, f.typ(t, pos))}, nil, block(pos, append(pre, rng)...)), f.expr(e.Args[0]))
}
