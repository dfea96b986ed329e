package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// compiledInterface tells whether t is error or an interface of a compiled
// package, with methods: the interfaces that are not any in lowered code.
func (f *fn) compiledInterface(t types.Type) bool {
	n, ok := f.subst(t).(*types.Named)
	if !ok || f.l.isSource(n.Obj().Pkg()) {
		return false
	}
	i, ok := n.Underlying().(*types.Interface)
	return ok && i.NumMethods() > 0
}

// convert lowers the conversion of a value, explicit or not, to a type that it
// is assignable to.
func (f *fn) convert(x ast.Expr, from, to types.Type) ast.Expr {
	from, to = f.subst(from), f.subst(to)
	if b, ok := from.(*types.Basic); ok && b.Kind() == types.UntypedNil {
		return x
	}
	if !types.IsInterface(to) {
		return f.retype(x, from, to)
	}
	switch fromAny, toAny := types.IsInterface(from), !f.compiledInterface(to); {
	case !fromAny && toAny:
		return f.toAny(x, from)
	case !fromAny:
		if y := f.stream(x, from, to); y != x {
			return y
		}
		return f.toCompiled(x, from, to)
	case f.compiledInterface(from) && toAny:
		return f.fromCompiled(x)
	case !f.compiledInterface(from) && !toAny:
		return call(id(f.l.converter(to, true), x.Pos()), x)
	}
	return x
}

// changes tells whether convert does anything.
func (f *fn) changes(from, to types.Type) bool {
	from, to = f.subst(from), f.subst(to)
	if types.Identical(from, to) {
		return false
	}
	if types.IsInterface(from) && types.IsInterface(to) {
		return f.compiledInterface(from) != f.compiledInterface(to)
	}
	x := ast.Expr(id("x", token.NoPos))
	return types.IsInterface(to) || f.retype(x, from, to) != x
}

// retype converts between types that Go lets assign and package reflect does not.
func (f *fn) retype(x ast.Expr, from, to types.Type) ast.Expr {
	if types.Identical(from, to) {
		return x
	}
	if a, b := f.isRecursive(from), f.isRecursive(to); a != b || a && b {
		return f.made(f.under(x, from), to)
	}
	_, s := from.Underlying().(*types.Struct)
	c, ch := from.Underlying().(*types.Chan)
	if s || ch && c.Dir() == types.SendRecv && to.Underlying().(*types.Chan).Dir() != types.SendRecv {
		return call(paren(f.typ(to, x.Pos())), x)
	}
	return x
}

func (f *fn) fromCompiled(x ast.Expr) ast.Expr { return call(f.l.runtime("From", x.Pos()), x) }

// inAny lowers e to a value in an interface that is any.
func (f *fn) inAny(e ast.Expr) ast.Expr {
	return f.exprTo(e, types.NewInterfaceType(nil, nil))
}

// toCompiled puts a value of a concrete type in an interface of a compiled
// package.
func (f *fn) toCompiled(x ast.Expr, from, to types.Type) ast.Expr {
	from = types.Default(from)
	if !f.interpreted(from) {
		return x
	}
	if isError(to) {
		return call(f.l.runtime("AsError", x.Pos()), f.toAny(x, from))
	}
	return call(id(f.l.wrapper(from, to.(*types.Named), x.Pos()), x.Pos()), x)
}

// interpreted tells whether a type has its methods from lowered code.
func (f *fn) interpreted(t types.Type) bool {
	if n := namedOf(t); n != nil {
		return f.l.isSource(n.Obj().Pkg())
	}
	return true
}

type pair struct{ from, to types.Type }

// wrapper declares the function that puts a T in a compiled interface:
//
//	func T__as(v T) pkg.I { return &pkg._I{IValue: v, WM: func(args) results { return T__M(v, args) }} }
func (l *Lowerer) wrapper(from types.Type, to *types.Named, pos token.Pos) string {
	for _, w := range l.wrappers {
		if types.Identical(w.from, from) && types.Identical(w.to, to) {
			return w.name
		}
	}
	name := l.fresh("as__" + to.Obj().Name())
	l.wrappers = append(l.wrappers, wrapped{pair{from, to}, name})
	count := len(l.wrappers) - 1
	l.journal = append(l.journal, func() { l.wrappers = l.wrappers[:count] })
	pos = l.out.pos
	l.out.queue = append(l.out.queue, func() {
		f := l.newFn(nil, nil)
		v := func() ast.Expr { return id("v__", pos) }
		out := &ast.CompositeLit{Type: l.wrapperType(to, pos), Lbrace: pos}
		out.Elts = append(out.Elts, &ast.KeyValueExpr{Key: id("IValue", pos), Value: f.toAny(v(), from)})
		set := types.NewMethodSet(from)
		put := func(name string) {
			s := set.Lookup(nil, name)
			sig := l.subst(nil, s.Type()).(*types.Signature)
			lit := f.forwarding(sig, pos, func(args []ast.Expr, ellipsis token.Pos) ast.Expr {
				x, xt := f.path(v(), from, s.Index()[:len(s.Index())-1])
				return f.invoke(x, xt, s.Obj().(*types.Func), args, ellipsis, pos)
			})
			out.Elts = append(out.Elts, &ast.KeyValueExpr{Key: id("W"+name, pos), Value: lit})
		}
		it := to.Underlying().(*types.Interface)
		for i := range it.NumMethods() {
			if m := it.Method(i); m.Exported() {
				put(m.Name())
			} else {
				fail(pos, "an interpreted type cannot implement %s, which has the unexported method %s", to, m.Name())
			}
		}
		l.out.funcs = append(l.out.funcs, &ast.FuncDecl{Name: id(name, pos),
			Type: &ast.FuncType{Func: pos,
				Params:  &ast.FieldList{Opening: pos, Closing: pos, List: []*ast.Field{field("v__", f.typ(from, pos))}},
				Results: &ast.FieldList{Opening: pos, Closing: pos, List: []*ast.Field{field("", f.typ(to, pos))}}},
			Body: block(pos, ret(pos, addr(out)))})
	})
	return name
}

type wrapped struct {
	pair
	name string
}

func isError(t types.Type) bool {
	return types.Unalias(t) == types.Universe.Lookup("error").Type()
}

// wrapperType is the type that holds interpreted values in an interface of
// compiled code.
func (l *Lowerer) wrapperType(to *types.Named, pos token.Pos) ast.Expr {
	o := to.Obj()
	if !o.Exported() {
		fail(pos, "an interpreted type cannot implement the unexported interface %s", to)
	}
	return l.qualified(o.Pkg().Path(), "_"+o.Name(), pos)
}

// converter declares the function that takes a value out of any to a compiled
// interface; must says that it is known to implement that, otherwise the
// function tells as a second value whether it does.
func (l *Lowerer) converter(to types.Type, must bool) string {
	m := &l.assertions
	if must {
		m = &l.converters
	}
	if n, ok := m.At(to).(string); ok {
		return n
	}
	n := to.(*types.Named)
	name := l.fresh("to__" + n.Obj().Name())
	l.remember(m, to, name)
	f := l.newFn(nil, nil)
	pos := l.out.pos
	fill := call(l.runtime("To", pos), id("x__", pos), addr(id("v__", pos)))
	if !isError(to) {
		fill.Args = append(fill.Args, addr(&ast.CompositeLit{Type: l.wrapperType(n, pos), Lbrace: pos}))
	}
	results := []*ast.Field{field("", f.typ(to, pos))}
	body := []ast.Stmt{varStmt("v__", f.typ(to, pos), nil, pos)}
	if must {
		body = append(body, exprStmt(fill), ret(pos, id("v__", pos)))
	} else {
		results = append(results, field("", id("bool", pos)))
		body = append(body, define("ok__", fill), ret(pos, id("v__", pos), id("ok__", pos)))
	}
	lit := funcLit([]*ast.Field{field("x__", id("any", pos))}, results, block(pos, body...))
	l.out.funcs = append(l.out.funcs, &ast.FuncDecl{Name: id(name, pos), Type: lit.Type, Body: lit.Body})
	return name
}

// dispatcher declares the function that calls a method of the value in an
// interface:
//
//	func M__call(x any, args) results { return Method(x, "M").(func(any, args) results)(x, args) }
func (l *Lowerer) dispatcher(m *types.Func, sig *types.Signature) string {
	bare := types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
	byType, _ := l.dispatchers.At(bare).(map[string]string)
	if n, ok := byType[m.Name()]; ok {
		return n
	}
	if byType == nil {
		byType = map[string]string{}
		l.remember(&l.dispatchers, bare, byType)
	}
	name := l.fresh(m.Name() + "__call")
	byType[m.Name()] = name
	l.journal = append(l.journal, func() { delete(byType, m.Name()) })
	pos := l.out.pos
	f := l.newFn(nil, nil)
	ft := f.funcType(bare, nil, pos)
	ft.Params.List = append([]*ast.Field{field("", id("any", pos))}, ft.Params.List...)
	lit := f.forwarding(bare, pos, func(args []ast.Expr, ellipsis token.Pos) ast.Expr {
		found := &ast.TypeAssertExpr{X: call(l.runtime("Method", pos), id("x__", pos), lit(token.STRING, strconv.Quote(m.Name()), pos)), Lparen: pos, Type: ft}
		c := call(found, append([]ast.Expr{id("x__", pos)}, args...)...)
		c.Ellipsis = ellipsis
		return c
	})
	lit.Type.Params.List = append([]*ast.Field{field("x__", id("any", pos))}, lit.Type.Params.List...)
	l.out.funcs = append(l.out.funcs, &ast.FuncDecl{Name: id(name, pos), Type: lit.Type, Body: lit.Body})
	return name
}

// equal lowers x == y where one of them is an interface.
func (f *fn) equal(x, y ast.Expr, pos token.Pos) ast.Expr {
	isNil := func(e ast.Expr) bool { return f.info.Types[e].IsNil() }
	switch {
	case isNil(x) && isNil(y):
		return id("true", pos)
	case isNil(y):
		return &ast.BinaryExpr{X: paren(f.expr(x)), OpPos: pos, Op: token.EQL, Y: id("nil", pos)}
	case isNil(x):
		return &ast.BinaryExpr{X: paren(f.expr(y)), OpPos: pos, Op: token.EQL, Y: id("nil", pos)}
	}
	return call(f.l.runtime("Equal", pos), f.inAny(x), f.inAny(y))
}

func (f *fn) isInterface(e ast.Expr) bool {
	tv := f.info.Types[e]
	return tv.Type != nil && !tv.IsType() && types.IsInterface(f.subst(tv.Type))
}

// comparableKey fails for keys that are values of interpreted types in an
// interface of a compiled package, other than error: each conversion makes
// another wrapper.
func (f *fn) comparableKey(t types.Type, pos token.Pos) {
	t = f.subst(t)
	if f.compiledInterface(t) && !isError(t) {
		for _, w := range f.l.wrappers {
			if types.Identical(w.to, t) {
				fail(pos, "map keys of type %s that hold values of the type %s are not supported by the interpreter; any can be the type of the keys", t, w.from)
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i := range u.NumFields() {
			f.comparableKey(u.Field(i).Type(), pos)
		}
	case *types.Array:
		f.comparableKey(u.Elem(), pos)
	}
}
