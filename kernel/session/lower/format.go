package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// formats tells whether a call is one of fmt's printing functions, to which
// values go with their types: the interpreter's run-time types have lost the
// names of types and fields, and the methods of what is inside a value.
func (f *fn) formats(e *ast.CallExpr) (first int, ok bool) {
	s, isSel := ast.Unparen(e.Fun).(*ast.SelectorExpr)
	if !isSel || e.Ellipsis.IsValid() {
		return 0, false
	}
	fn, isFunc := f.info.Uses[s.Sel].(*types.Func)
	if !isFunc || fn.Pkg() == nil || fn.Pkg().Path() != "fmt" || fn.Signature().Recv() != nil {
		return 0, false
	}
	switch n := fn.Name(); {
	case n == "Errorf", strings.HasPrefix(n, "Print"), strings.HasPrefix(n, "Sprint"),
		strings.HasPrefix(n, "Fprint"), strings.HasPrefix(n, "Append"):
		return fn.Signature().Params().Len() - 1, true
	}
	return 0, false
}

// typed wraps x in its type where printing it depends on that.
func (f *fn) typed(x ast.Expr, t types.Type) ast.Expr {
	t = f.subst(t)
	if types.IsInterface(t) || !f.losesNames(t) || f.printsItself(t) {
		return x
	}
	pos := x.Pos()
	return call(f.l.runtime("Typed", pos), x, intLit(int64(f.l.typeIndex(t, pos)), pos))
}

// printsItself tells whether a value has a method that fmt looks for; the
// interpreter lets fmt find that.
func (f *fn) printsItself(t types.Type) bool {
	for _, name := range []string{"String", "Error", "Format"} {
		if o, _, _ := types.LookupFieldOrMethod(t, false, nil, name); o != nil {
			if _, ok := o.(*types.Func); ok {
				return true
			}
		}
	}
	return false
}

// losesNames tells whether a type has parts that were declared in lowered code.
func (f *fn) losesNames(t types.Type) bool {
	seen := map[types.Type]bool{}
	var in func(types.Type) bool
	in = func(t types.Type) bool {
		t = f.subst(t)
		if seen[t] {
			return false
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			return f.l.isSource(t.Obj().Pkg())
		case *types.Pointer:
			return in(t.Elem())
		case *types.Slice:
			return in(t.Elem())
		case *types.Array:
			return in(t.Elem())
		case *types.Map:
			return in(t.Key()) || in(t.Elem())
		case *types.Struct:
			for i := range t.NumFields() {
				if !t.Field(i).Exported() || in(t.Field(i).Type()) {
					return true
				}
			}
		}
		return false
	}
	return in(t)
}

// typeIndex numbers the types that the runtime is told of, and declares the
// methods by which values inside print themselves.
func (l *Lowerer) typeIndex(t types.Type, pos token.Pos) int {
	for i, o := range l.Typed {
		if types.Identical(o, t) {
			return i
		}
	}
	l.Typed = append(l.Typed, t)
	index := len(l.Typed) - 1
	l.printers(t, pos, map[types.Type]bool{})
	return index
}

// printers has the unit tell the runtime how values of each type inside t that
// has a String or Error method are printed.
func (l *Lowerer) printers(t types.Type, pos token.Pos, seen map[types.Type]bool) {
	t = types.Unalias(t)
	if seen[t] {
		return
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		l.printers(u.Elem(), pos, seen)
	case *types.Slice:
		l.printers(u.Elem(), pos, seen)
	case *types.Array:
		l.printers(u.Elem(), pos, seen)
	case *types.Map:
		l.printers(u.Key(), pos, seen)
		l.printers(u.Elem(), pos, seen)
	case *types.Struct:
		for i := range u.NumFields() {
			l.printers(u.Field(i).Type(), pos, seen)
		}
	}
	n, ok := t.(*types.Named)
	if p, isPtr := t.(*types.Pointer); isPtr {
		n, ok = types.Unalias(p.Elem()).(*types.Named)
	}
	if !ok || types.IsInterface(n) || !l.isSource(n.Obj().Pkg()) {
		return
	}
	for _, name := range []string{"Error", "String"} {
		o, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
		m, ok := o.(*types.Func)
		if !ok || m.Signature().Params().Len() != 0 || m.Signature().Results().Len() != 1 ||
			m.Signature().Results().At(0).Type() != types.Typ[types.String] {
			continue
		}
		index := -1
		for i, o := range l.Typed {
			if types.Identical(o, t) {
				index = i
			}
		}
		if index < 0 {
			l.Typed = append(l.Typed, t)
			index = len(l.Typed) - 1
		}
		f := l.newFn(nil, nil)
		v := l.temp("v")
		assert := &ast.TypeAssertExpr{X: id(v, pos), Lparen: pos, Type: f.typ(t, pos)}
		text := funcLit([]*ast.Field{field(v, id("any", pos))}, []*ast.Field{field("", id("string", pos))},
			block(pos, ret(pos, call(sel(assert, name)))))
		l.out.setup = append(l.out.setup, exprStmt(call(l.runtime("Printer", pos), intLit(int64(index), pos), text)))
		return
	}
}
