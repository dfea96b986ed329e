package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

func receiverNamed(s *types.Signature) *types.Named {
	t := types.Unalias(s.Recv().Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}

// methodFunc returns the name of the function that a method of an interpreted
// type is in lowered code: its first parameter is the receiver. One of a
// generic type is lowered when it is first asked for.
func (l *Lowerer) methodFunc(m *types.Func, pos token.Pos) string {
	origin := m.Origin()
	n := receiverNamed(m.Signature())
	if n.TypeArgs() == nil {
		if name, ok := l.names[origin]; ok {
			return name
		}
		src := l.source(origin, pos)
		name := l.fresh(n.Obj().Name() + "__" + m.Name())
		l.setName(origin, name)
		l.queueFunc(src.decl, origin, src.info, name, nil)
		return name
	}
	args := make([]types.Type, n.TypeArgs().Len())
	for i := range args {
		args[i] = types.Unalias(n.TypeArgs().At(i))
	}
	for _, i := range l.insts[origin] {
		if identicalAll(i.args, args) {
			return i.name
		}
	}
	src := l.source(origin, pos)
	inst := l.addInstance(origin, args, n.Obj().Name()+"__"+m.Name(), pos)
	e := env{}
	params := src.info.Defs[src.decl.Name].(*types.Func).Signature().RecvTypeParams()
	for i := range params.Len() {
		e[params.At(i)] = args[i]
	}
	l.queueFunc(src.decl, origin, src.info, inst.name, e)
	return inst.name
}

func (l *Lowerer) source(fn *types.Func, pos token.Pos) *source {
	src := l.funcs[fn]
	if src == nil || src.decl.Body == nil {
		fail(pos, "%s is not supported by the interpreter", fn.FullName())
	}
	return src
}

// path selects fields by index, from a value of type t or *t, and returns the
// type it ends at.
func (f *fn) path(x ast.Expr, t types.Type, index []int) (ast.Expr, types.Type) {
	for _, i := range index {
		t = f.subst(t)
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = f.subst(p.Elem())
		}
		v := t.Underlying().(*types.Struct).Field(i)
		x = sel(x, exported(v.Name()))
		t = v.Type()
	}
	return x, f.subst(t)
}

// selection resolves x.name, again where x is of a type parameter's type.
func (f *fn) selection(e *ast.SelectorExpr) (obj types.Object, index []int, recv types.Type, kind types.SelectionKind) {
	s := f.info.Selections[e]
	recv = f.subst(s.Recv())
	if len(f.env) == 0 {
		return s.Obj(), s.Index(), recv, s.Kind()
	}
	o, index, _ := types.LookupFieldOrMethod(recv, true, s.Obj().Pkg(), s.Obj().Name())
	if o == nil {
		fail(e.Sel.Pos(), "%s has no field or method %s", recv, s.Obj().Name())
	}
	return o, index, recv, s.Kind()
}

func (f *fn) selector(e *ast.SelectorExpr) ast.Expr {
	if f.info.Selections[e] == nil { // qualified identifier
		return f.object(e.Sel, e.Pos())
	}
	obj, index, recv, kind := f.selection(e)
	switch kind {
	case types.FieldVal:
		x, _ := f.path(paren(f.expr(e.X)), recv, index)
		x.(*ast.SelectorExpr).Sel.NamePos = e.Sel.Pos()
		return x
	case types.MethodVal:
		return f.methodValue(e, obj.(*types.Func), index, recv)
	default:
		return f.methodExpr(e, obj.(*types.Func), index, recv)
	}
}

// methodCall lowers x.M(args).
func (f *fn) methodCall(e *ast.CallExpr, s *ast.SelectorExpr) ast.Expr {
	obj, index, recv, _ := f.selection(s)
	m := obj.(*types.Func)
	x, t := f.path(paren(f.expr(s.X)), recv, index[:len(index)-1])
	if f.spreads(e) {
		invoke := func(x ast.Expr) ast.Expr {
			return f.spread(e, func(args []ast.Expr, ellipsis token.Pos) ast.Expr {
				return f.invoke(x, t, m, args, ellipsis, s.Sel.Pos())
			})
		}
		if !f.info.Types[s.X].Addressable() { // it comes before the arguments
			r := f.l.temp("r")
			sig := f.subst(f.typeOf(e.Fun)).(*types.Signature)
			return call(f.closure([]*ast.Field{field(r, f.typ(t, e.Pos()))}, sig, invoke(id(r, e.Pos())), e.Pos()), x)
		}
		return invoke(x)
	}
	args, ellipsis := f.args(e)
	c := f.invoke(x, t, m, args, ellipsis, s.Sel.Pos()).(*ast.CallExpr)
	c.Lparen, c.Rparen = e.Lparen, e.Rparen
	return c
}

// invoke calls method m of x, which has the type t: a compiled method, that of
// a value in an interface, or the function that an interpreted one is.
func (f *fn) invoke(x ast.Expr, t types.Type, m *types.Func, args []ast.Expr, ellipsis token.Pos, pos token.Pos) ast.Expr {
	var c *ast.CallExpr
	m = f.l.ofLibrary(m)
	n := receiverNamed(m.Signature())
	switch {
	case replaced[m.FullName()] != "":
		c = call(f.l.runtime(replaced[m.FullName()], pos), append([]ast.Expr{x}, args...)...)
	case types.IsInterface(t) && !f.compiledInterface(t):
		sig := f.subst(m.Signature()).(*types.Signature)
		c = call(id(f.l.dispatcher(m, sig), pos), append([]ast.Expr{x}, args...)...)
	case n == nil || types.IsInterface(t) || !f.l.isSource(n.Obj().Pkg()):
		s := sel(f.streamReceiver(x, t, m.Name()), m.Name())
		s.Sel.NamePos = pos
		c = call(s, args...)
	default:
		r, _ := f.receiver(x, t, m)
		c = call(id(f.l.methodFunc(m, pos), pos), append([]ast.Expr{r}, args...)...)
	}
	c.Ellipsis = ellipsis
	return c
}

// ofLibrary is the method of a generic type whose source we have, in place of
// the compiled package's.
func (l *Lowerer) ofLibrary(m *types.Func) *types.Func {
	if m.Signature().Recv() == nil {
		return m
	}
	n := receiverNamed(m.Signature())
	if n == nil || n.TypeArgs() == nil || l.isSource(n.Obj().Pkg()) {
		return m
	}
	lib := l.library(n.Obj().Pkg().Path())
	if lib == nil {
		return m
	}
	generic, ok := lib.Pkg.Scope().Lookup(n.Obj().Name()).(*types.TypeName)
	if !ok {
		return m
	}
	args := make([]types.Type, n.TypeArgs().Len())
	for i := range args {
		args[i] = n.TypeArgs().At(i)
	}
	inst, err := types.Instantiate(l.context, generic.Type(), args, false)
	if err != nil {
		return m
	}
	if o, _, _ := types.LookupFieldOrMethod(inst, true, lib.Pkg, m.Name()); o != nil {
		return o.(*types.Func)
	}
	return m
}

// receiver takes the address of x or dereferences it, as method m wants it.
func (f *fn) receiver(x ast.Expr, t types.Type, m *types.Func) (ast.Expr, types.Type) {
	_, ptrRecv := pointerReceiver(m)
	p, isPtr := t.Underlying().(*types.Pointer)
	switch {
	case types.IsInterface(t):
	case ptrRecv && !isPtr:
		if s, ok := unparen(x).(*ast.StarExpr); ok {
			return s.X, types.NewPointer(t)
		}
		return addr(x), types.NewPointer(t)
	case !ptrRecv && isPtr:
		return star(x), p.Elem()
	}
	return x, t
}

// methodValue binds a method to its receiver, which is evaluated now.
func (f *fn) methodValue(e *ast.SelectorExpr, m *types.Func, index []int, recv types.Type) ast.Expr {
	pos := e.Pos()
	x, t := f.path(paren(f.expr(e.X)), recv, index[:len(index)-1])
	x, t = f.receiver(x, t, m)
	sig := f.subst(f.typeOf(e)).(*types.Signature)
	r := f.l.temp("r")
	inner := f.forwarding(sig, pos, func(args []ast.Expr, ellipsis token.Pos) ast.Expr {
		return f.invoke(id(r, pos), t, m, args, ellipsis, pos)
	})
	body := []ast.Stmt{ret(pos, inner)}
	if types.IsInterface(t) { // of nil there is none
		none := ifStmt(binary(id(r, pos), token.EQL, id("nil", pos)), exprStmt(call(f.l.runtime("NilPanic", pos))))
		body = append([]ast.Stmt{none}, body...)
	}
	outer := funcLit([]*ast.Field{field(r, f.typ(t, pos))}, []*ast.Field{field("", f.typ(sig, pos))}, block(pos, body...))
	return call(outer, x)
}

// methodExpr writes T.M as a function.
func (f *fn) methodExpr(e *ast.SelectorExpr, m *types.Func, index []int, recv types.Type) ast.Expr {
	pos := e.Pos()
	sig := f.subst(f.typeOf(e)).(*types.Signature)
	return f.forwarding(sig, pos, func(args []ast.Expr, ellipsis token.Pos) ast.Expr {
		x, t := f.path(args[0], recv, index[:len(index)-1])
		return f.invoke(x, t, m, args[1:], ellipsis, pos)
	})
}

func pointerReceiver(m *types.Func) (*types.Named, bool) {
	s := m.Signature()
	if s.Recv() == nil {
		return nil, false
	}
	t := types.Unalias(s.Recv().Type())
	_, ptr := t.(*types.Pointer)
	return receiverNamed(s), ptr
}

// lateMethod queues a method that comes after its type.
func (l *Lowerer) lateMethod(m LateMethod, info *types.Info) {
	l.funcs[m.Method] = &source{m.Decl, info}
	l.methodFunc(m.Method, m.Decl.Pos())
	l.changed(receiverNamed(m.Method.Signature()))
}

// changed tells the runtime of a type's methods again.
func (l *Lowerer) changed(n *types.Named) {
	for _, t := range []types.Type{n, types.NewPointer(n)} {
		if index, ok := l.indexes.At(t).(int); ok {
			l.tell(t, index)
		}
	}
	all := l.wrappers
	l.wrappers = slices.DeleteFunc(slices.Clone(all), func(w wrapped) bool { return namedOf(w.from) == n })
	l.journal = append(l.journal, func() { l.wrappers = all })
}
