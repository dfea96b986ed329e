package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

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
	if r := map[string]string{"print": "Print", "println": "Println"}[name]; r != "" {
		c.Fun = f.l.runtime(r, pos)
	}
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
