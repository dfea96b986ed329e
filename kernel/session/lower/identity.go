package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"golang.org/x/tools/go/types/typeutil"
)

// Interfaces. The interpreter's own are unsound: a named type that is not a
// struct is its underlying type at run time, and a value with methods is held
// in a wrapper that equals no other. So lowered code knows only one interface
// type of its own, any, and what is in it has a type of package reflect by
// which the Go type is known:
//
//   - a type that no other one shares its reflect type with, such as int,
//     []string or a struct type with a name (whose fields' tags make it
//     unique), is there as it is;
//   - a value of any other type T is there in a box, struct{ V T } with a tag.
//
// So == and map keys need no help, and package session keeps, by reflect type,
// which Go type that is and the functions that are its methods.
//
// Interfaces of compiled packages, error among them, remain. A value of an
// interpreted type gets there in the wrapper that the symbol tables hold for
// each, with a function per method.

// unique tells whether values of type t tell their type at run time.
func (l *Lowerer) unique(t types.Type) bool {
	seen := map[types.Type]bool{}
	var in func(types.Type) bool
	in = func(t types.Type) bool {
		t = types.Unalias(t)
		if seen[t] {
			return true
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			if !l.isSource(t.Obj().Pkg()) {
				return t.TypeArgs() == nil || t.NumMethods() > 0
			}
			s, isStruct := t.Underlying().(*types.Struct)
			return isStruct && s.NumFields() > 0 || !isStruct && l.newFn(nil, nil).isRecursive(t)
		case *types.Interface:
			return t.NumMethods() == 0
		case *types.Struct:
			for f := range t.Fields() {
				if f.Embedded() {
					return false
				}
			}
		}
		return !slices.ContainsFunc(parts(t), func(t types.Type) bool { return !in(t) })
	}
	return in(t)
}

// toAny lowers the conversion of x, of the concrete type t, to an interface.
func (f *fn) toAny(x ast.Expr, t types.Type) ast.Expr {
	t = types.Default(f.subst(t))
	if b, ok := t.(*types.Basic); ok && b.Kind() == types.UntypedNil {
		return x
	}
	pos := x.Pos()
	if f.l.named(t) {
		f.l.typeIndex(t, pos)
	}
	if !f.l.unique(t) {
		return &ast.CompositeLit{Type: id(f.l.boxType(t, pos), pos), Lbrace: pos,
			Elts: []ast.Expr{&ast.KeyValueExpr{Key: id("V", pos), Value: x}}}
	}
	if _, ok := t.Underlying().(*types.Signature); ok {
		return f.function(x)
	}
	switch ast.Unparen(x).(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr:
		// The interpreter would compute it in the interface's type.
		if _, ok := t.Underlying().(*types.Basic); ok {
			return call(f.typ(t, pos), x)
		}
	}
	return x
}

// function makes a function, which to the interpreter may be one of its nodes, a
// value of package reflect; it gives an any.
func (f *fn) function(x ast.Expr) ast.Expr { return call(f.l.runtime("Func", x.Pos()), x) }

// named tells whether the runtime must be told of a type: whether names that
// package reflect does not know, or methods, are in it.
func (l *Lowerer) named(t types.Type) bool {
	seen := map[types.Type]bool{}
	var in func(types.Type) bool
	in = func(t types.Type) bool {
		t = types.Unalias(t)
		if seen[t] {
			return false
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			return l.isSource(t.Obj().Pkg())
		case *types.Interface:
			return t.NumMethods() > 0
		case *types.Struct:
			for f := range t.Fields() {
				if !f.Exported() || f.Embedded() {
					return true
				}
			}
		}
		return slices.ContainsFunc(parts(t), in)
	}
	return in(t)
}

// boxType declares a type's box when it is first needed.
func (l *Lowerer) boxType(t types.Type, pos token.Pos) string {
	if n, ok := l.boxes.At(t).(string); ok {
		return n
	}
	base := "T"
	if n, ok := types.Unalias(t).(*types.Named); ok {
		base = n.Obj().Name()
	}
	name := l.fresh(base + "__box")
	l.remember(&l.boxes, t, name)
	f := l.newFn(nil, nil)
	v := field("V", f.typ(t, pos))
	v.Tag = lit(token.STRING, strconv.Quote(`box:"`+name+`"`), pos)
	l.declareType(name, &ast.StructType{Struct: pos, Fields: &ast.FieldList{Opening: pos, List: []*ast.Field{v}, Closing: pos}}, pos)
	return name
}

func (l *Lowerer) declareType(name string, typ ast.Expr, pos token.Pos) {
	spec := &ast.TypeSpec{Name: id(name, pos), Type: typ}
	l.out.types = append(l.out.types, &ast.GenDecl{Tok: token.TYPE, TokPos: pos, Specs: []ast.Spec{spec}})
}

// remember sets an entry of a map until the unit is undone.
func (l *Lowerer) remember(m *typeutil.Map, t types.Type, v any) {
	m.Set(t, v)
	l.journal = append(l.journal, func() { m.Delete(t) })
}

// runtimeType is the type by which the runtime knows a value of type t in an
// interface.
func (l *Lowerer) runtimeType(f *fn, t types.Type, pos token.Pos) ast.Expr {
	if l.unique(t) {
		return f.typ(t, pos)
	}
	return id(l.boxType(t, pos), pos)
}

// typeIndex numbers a type for the runtime, which is told of it, and of its
// methods, when the unit starts.
func (l *Lowerer) typeIndex(t types.Type, pos token.Pos) int {
	t = types.Unalias(t)
	if i, ok := l.indexes.At(t).(int); ok {
		return i
	}
	index := len(l.Typed)
	l.Typed = append(l.Typed, t)
	l.remember(&l.indexes, t, index)
	if types.IsInterface(t) {
		l.register("Interface", index, l.methodTypes(t.Underlying().(*types.Interface)))
		return index
	}
	l.tell(t, index)
	l.parts(t, pos)
	return index
}

// tell registers a concrete type.
func (l *Lowerer) tell(t types.Type, index int) {
	pos := l.out.pos
	f := l.newFn(nil, nil)
	args := []ast.Expr{call(id("new", pos), l.runtimeType(f, t, pos))}
	if l.named(t) {
		set := types.NewMethodSet(t)
		for i := range set.Len() {
			s := set.At(i)
			if o := s.Obj(); !o.Exported() && !l.isSource(o.Pkg()) {
				continue // compiled code's own
			}
			args = append(args, lit(token.STRING, strconv.Quote(methodID(s.Obj())), pos), id(l.thunk(t, s, pos), pos))
		}
	}
	l.register("Type", index, args)
}

func (l *Lowerer) register(what string, index int, args []ast.Expr) {
	pos := l.out.pos
	args = append([]ast.Expr{intLit(int64(index), pos)}, args...)
	l.out.setup = append(l.out.setup, exprStmt(call(l.runtime(what, pos), args...)))
}

// methodID names a method for the runtime.
func methodID(m types.Object) string { return m.Name() }

// methodTypes lists an interface's methods with pointers to their types.
func (l *Lowerer) methodTypes(t *types.Interface) []ast.Expr {
	pos := l.out.pos
	f := l.newFn(nil, nil)
	var args []ast.Expr
	for i := range t.NumMethods() {
		m := t.Method(i)
		if !m.Exported() {
			continue
		}
		args = append(args, lit(token.STRING, strconv.Quote(m.Name()), pos),
			call(id("new", pos), f.funcType(m.Signature(), nil, pos)))
	}
	return args
}

// parts tells the runtime of the types inside t that print themselves.
func (l *Lowerer) parts(t types.Type, pos token.Pos) {
	part := func(t types.Type) {
		t = types.Unalias(t)
		if l.indexes.At(t) != nil || types.IsInterface(t) {
			return
		}
		if n, ok := t.(*types.Named); ok && l.isSource(n.Obj().Pkg()) && !types.IsInterface(t) {
			if p := types.NewPointer(n); formatsItself(p) && l.indexes.At(p) == nil {
				l.typeIndex(p, pos)
			}
		}
		if n := namedOf(t); n != nil && l.isSource(n.Obj().Pkg()) && formatsItself(t) {
			l.typeIndex(t, pos)
			return
		}
		if l.walked.At(t) == nil && l.named(t) {
			l.remember(&l.walked, t, true)
			l.parts(t, pos)
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		part(u.Elem())
	case *types.Slice:
		part(u.Elem())
	case *types.Array:
		part(u.Elem())
	case *types.Map:
		part(u.Key())
		part(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			part(u.Field(i).Type())
		}
	}
}

// namedOf is the named type of t or of what t points to.
func namedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}

// formatsItself tells whether a type has a method that packages fmt or
// encoding/json look for.
func formatsItself(t types.Type) bool {
	set := types.NewMethodSet(t)
	for _, name := range []string{"Error", "String", "Format", "GoString", "MarshalJSON", "MarshalText", "UnmarshalJSON", "UnmarshalText"} {
		if set.Lookup(nil, name) != nil {
			return true
		}
	}
	return false
}

// thunk declares a method of t as a function of the value in an interface:
//
//	func M__i(r any, args) results { return T__M(r.(T), args) }
func (l *Lowerer) thunk(t types.Type, s *types.Selection, pos token.Pos) string {
	m := s.Obj().(*types.Func)
	name := l.fresh(m.Name() + "__i")
	l.out.queue = append(l.out.queue, func() {
		f := l.newFn(nil, nil)
		sig := l.subst(nil, s.Type()).(*types.Signature)
		recv := ast.Expr(&ast.TypeAssertExpr{X: id("r__", pos), Lparen: pos, Type: l.runtimeType(f, t, pos)})
		if !l.unique(t) {
			recv = sel(recv, "V")
		}
		if _, ok := t.Underlying().(*types.Struct); ok && len(s.Index()) == 1 {
			if _, ptr := pointerReceiver(m); !ptr {
				recv = &ast.ParenExpr{Lparen: pos, X: recv}
			}
		}
		lit := f.forwarding(sig, pos, func(args []ast.Expr, ellipsis token.Pos) ast.Expr {
			x, xt := f.path(recv, t, s.Index()[:len(s.Index())-1])
			return f.invoke(x, xt, m, args, ellipsis, pos)
		})
		lit.Type.Params.List = append([]*ast.Field{field("r__", id("any", pos))}, lit.Type.Params.List...)
		l.out.funcs = append(l.out.funcs, &ast.FuncDecl{Name: id(name, pos), Type: lit.Type, Body: lit.Body})
	})
	return name
}

// forwarding writes a function of signature sig that passes its arguments on.
func (f *fn) forwarding(sig *types.Signature, pos token.Pos, to func(args []ast.Expr, ellipsis token.Pos) ast.Expr) *ast.FuncLit {
	var params []*ast.Field
	var args []ast.Expr
	ellipsis := token.NoPos
	for i := range sig.Params().Len() {
		n := f.l.temp("a")
		t := f.typ(sig.Params().At(i).Type(), pos)
		if sig.Variadic() && i == sig.Params().Len()-1 {
			t = &ast.Ellipsis{Ellipsis: pos, Elt: t.(*ast.ArrayType).Elt}
			ellipsis = pos
		}
		params, args = append(params, field(n, t)), append(args, id(n, pos))
	}
	return f.closure(params, sig, to(args, ellipsis), pos)
}

func (f *fn) closure(params []*ast.Field, sig *types.Signature, c ast.Expr, pos token.Pos) *ast.FuncLit {
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
