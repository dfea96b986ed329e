package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

func receiverNamed(s *types.Signature) *types.Named {
	t := types.Unalias(s.Recv().Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}

// methods queues the methods of a named type: its own, and one for each that it
// promotes from an embedded field, since the interpreter finds those only
// sometimes.
func (l *Lowerer) methods(t *types.Named, name string, pos token.Pos) {
	if types.IsInterface(t) {
		return
	}
	for i := range t.NumMethods() {
		l.queueMethod(t, t.Method(i))
	}
	set := types.NewMethodSet(types.NewPointer(t))
	valueSet := types.NewMethodSet(t)
	for i := range set.Len() {
		s := set.At(i)
		if len(s.Index()) < 2 {
			continue
		}
		m := s.Obj().(*types.Func)
		pointer := valueSet.Lookup(m.Pkg(), m.Name()) == nil
		l.out.queue = append(l.out.queue, func() { l.forwarder(t, name, s, m, pointer, pos) })
	}
}

func (l *Lowerer) queueMethod(t *types.Named, m *types.Func) {
	src := l.funcs[m.Origin()]
	if src == nil {
		return
	}
	e := env{}
	params := m.Origin().Signature().RecvTypeParams()
	for i := range params.Len() {
		e[params.At(i)] = t.TypeArgs().At(i)
	}
	l.queueFunc(src.decl, m, src.info, m.Name(), e)
}

// forwarder declares func (r T) M(args) { return r.Embedded.M(args) }.
func (l *Lowerer) forwarder(t *types.Named, name string, s *types.Selection, m *types.Func, pointer bool, pos token.Pos) {
	f := l.newFn(nil, nil)
	sig := s.Type().(*types.Signature)
	recv := ast.Expr(id(name, pos))
	if pointer {
		recv = &ast.StarExpr{Star: pos, X: recv}
	}
	var args []ast.Expr
	ft := f.funcType(sig, func(v *types.Var) string {
		n := l.temp("a")
		args = append(args, id(n, pos))
		return n
	}, pos)
	if sig.Results().Len() > 0 { // unnamed, and not among the arguments
		for _, r := range ft.Results.List {
			r.Names = nil
		}
	}
	args = args[:sig.Params().Len()]
	x, _ := f.path(id("r__", pos), t, s.Index()[:len(s.Index())-1])
	c := call(sel(x, m.Name()), args...)
	if sig.Variadic() {
		c.Ellipsis = pos
	}
	body := exprStmt(c)
	if sig.Results().Len() > 0 {
		body = ret(pos, c)
	}
	l.out.funcs = append(l.out.funcs, &ast.FuncDecl{
		Recv: &ast.FieldList{Opening: pos, List: []*ast.Field{field("r__", recv)}, Closing: pos},
		Name: id(m.Name(), pos), Type: ft, Body: block(pos, body),
	})
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
		x = sel(x, v.Name())
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

// method selects the method for a call.
func (f *fn) method(e *ast.SelectorExpr, obj *types.Func, index []int, recv types.Type) ast.Expr {
	x, t := f.path(paren(f.expr(e.X)), recv, index[:len(index)-1])
	s := sel(f.streamReceiver(x, t, obj.Name()), obj.Name())
	s.Sel.NamePos = e.Sel.Pos()
	return s
}

// methodValue binds a method to its receiver, which is evaluated now: the
// interpreter would evaluate it at the call.
func (f *fn) methodValue(e *ast.SelectorExpr, m *types.Func, index []int, recv types.Type) ast.Expr {
	x, t := f.path(paren(f.expr(e.X)), recv, index[:len(index)-1])
	pos := e.Pos()
	_, ptrRecv := pointerReceiver(m)
	if _, isPtr := t.Underlying().(*types.Pointer); ptrRecv && !isPtr {
		x, t = addr(x), types.NewPointer(t)
	} else if !ptrRecv && isPtr && !types.IsInterface(t) {
		p := t.Underlying().(*types.Pointer)
		x, t = star(x), p.Elem()
	}
	sig := f.subst(f.typeOf(e)).(*types.Signature)
	r := f.l.temp("r")
	inner := f.forward(sel(id(r, pos), m.Name()), sig, pos)
	outer := funcLit([]*ast.Field{field(r, f.typ(t, pos))}, []*ast.Field{field("", f.typ(sig, pos))},
		block(pos, ret(pos, inner)))
	return call(outer, x)
}

// methodExpr writes T.M as a function.
func (f *fn) methodExpr(e *ast.SelectorExpr, m *types.Func, index []int, recv types.Type) ast.Expr {
	pos := e.Pos()
	sig := f.subst(f.typeOf(e)).(*types.Signature)
	names := make([]*ast.Field, sig.Params().Len())
	args := make([]ast.Expr, len(names))
	for i := range names {
		n := f.l.temp("a")
		t := f.typ(sig.Params().At(i).Type(), pos)
		if sig.Variadic() && i == len(names)-1 {
			t = &ast.Ellipsis{Ellipsis: pos, Elt: t.(*ast.ArrayType).Elt}
		}
		names[i], args[i] = field(n, t), id(n, pos)
	}
	x, _ := f.path(args[0], recv, index[:len(index)-1])
	c := call(sel(x, m.Name()), args[1:]...)
	if sig.Variadic() {
		c.Ellipsis = pos
	}
	return f.closure(names, sig, c, pos)
}

// forward returns a function literal that calls fun with its own arguments.
func (f *fn) forward(fun ast.Expr, sig *types.Signature, pos token.Pos) ast.Expr {
	params := make([]*ast.Field, sig.Params().Len())
	args := make([]ast.Expr, len(params))
	for i := range params {
		n := f.l.temp("a")
		t := f.typ(sig.Params().At(i).Type(), pos)
		if sig.Variadic() && i == len(params)-1 {
			t = &ast.Ellipsis{Ellipsis: pos, Elt: t.(*ast.ArrayType).Elt}
		}
		params[i], args[i] = field(n, t), id(n, pos)
	}
	c := call(fun, args...)
	if sig.Variadic() {
		c.Ellipsis = pos
	}
	return f.closure(params, sig, c, pos)
}

func (f *fn) closure(params []*ast.Field, sig *types.Signature, c ast.Expr, pos token.Pos) ast.Expr {
	var results []*ast.Field
	for i := range sig.Results().Len() {
		results = append(results, field("", f.typ(sig.Results().At(i).Type(), pos)))
	}
	body := exprStmt(c)
	if len(results) > 0 {
		body = ret(pos, c)
	}
	return funcLit(params, results, block(pos, body))
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
	n := receiverNamed(m.Method.Signature())
	if !l.declared(n) {
		l.typeName(n, m.Decl.Pos()) // brings its methods along
		return
	}
	l.queueMethod(n, m.Method)
}

func (l *Lowerer) declared(t *types.Named) bool {
	for _, n := range l.named {
		if n.typ == t {
			return true
		}
	}
	return false
}
