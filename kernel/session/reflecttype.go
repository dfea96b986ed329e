package session

import (
	"go/types"
	"reflect"
	"strings"
	"sync"

	"golang.org/x/tools/go/types/typeutil"
)

// goType is the reflect.Type of an interpreted type under its Go names: package
// reflect knows neither names nor methods of such a type.
type goType struct {
	reflect.Type
	s *Session
	t types.Type
}

// goTypes keeps them, so that one type is one.
type goTypes struct {
	mu    sync.Mutex
	types typeutil.Map
}

// described is a type under its Go names, of the Go type t where that is known.
func (s *Session) described(rt reflect.Type, t types.Type) reflect.Type {
	if rt == nil {
		return nil
	}
	if t == nil {
		s.dyn.mu.RLock()
		dyn := s.dyn.byValue[rt]
		s.dyn.mu.RUnlock()
		if dyn == nil || !dyn.named {
			return rt
		}
		t = dyn.typ
	}
	if typeName(t) == rt.String() {
		return rt
	}
	s.goTypes.mu.Lock()
	defer s.goTypes.mu.Unlock()
	if g, ok := s.goTypes.types.At(t).(*goType); ok {
		return g
	}
	g := &goType{rt, s, t}
	s.goTypes.types.Set(t, g)
	return g
}

// compiledType is what package reflect knows of a type.
func compiledType(t reflect.Type) reflect.Type {
	if g, ok := t.(*goType); ok {
		return g.Type
	}
	return t
}

// reflectFunctions are those of package reflect that give or take a Type.
func (s *Session) reflectFunctions(table map[string]reflect.Value) map[string]reflect.Value {
	m := map[string]reflect.Value{}
	for name, f := range table {
		if f.Kind() != reflect.Func {
			continue
		}
		for i := range f.Type().NumIn() {
			if f.Type().In(i) == reflect.TypeFor[reflect.Type]() {
				m[name] = takingTypes(f)
			}
		}
	}
	m["TypeOf"] = reflect.ValueOf(func(x any) reflect.Type {
		x = From(x)
		if dyn := s.dyn.of(x); dyn != nil && dyn.named {
			return s.described(reflect.TypeOf(bare(x)), dyn.typ)
		}
		return reflect.TypeOf(x)
	})
	return m
}

func takingTypes(f reflect.Value) reflect.Value {
	return reflect.MakeFunc(f.Type(), func(args []reflect.Value) []reflect.Value {
		for i, a := range args {
			if t, ok := a.Interface().(*goType); ok {
				args[i] = reflect.ValueOf(&t.Type).Elem()
			}
		}
		if f.Type().IsVariadic() {
			return f.CallSlice(args)
		}
		return f.Call(args)
	})
}

func (g *goType) String() string { return typeName(g.t) }

func (g *goType) Name() string {
	if n, ok := types.Unalias(g.t).(*types.Named); ok {
		return strings.TrimPrefix(typeName(n), n.Obj().Pkg().Name()+".")
	}
	return g.Type.Name()
}

func (g *goType) PkgPath() string {
	if n, ok := types.Unalias(g.t).(*types.Named); ok {
		return n.Obj().Pkg().Path()
	}
	return g.Type.PkgPath()
}

func (g *goType) Elem() reflect.Type {
	rt := g.Type.Elem()
	if elem, _ := elements(g.t); elem != nil {
		return g.s.described(rt, elem)
	}
	return g.s.described(rt, nil)
}

func (g *goType) Key() reflect.Type {
	rt := g.Type.Key()
	_, key := elements(g.t)
	return g.s.described(rt, key)
}

func (g *goType) Field(i int) reflect.StructField {
	f := g.Type.Field(i)
	st, ok := structOf(g.t)
	if !ok || st.NumFields() != g.Type.NumField() {
		return f
	}
	v := st.Field(i)
	f.Name, f.Tag, f.Anonymous = v.Name(), reflect.StructTag(st.Tag(i)), v.Embedded()
	if !v.Exported() && v.Pkg() != nil {
		f.PkgPath = v.Pkg().Path()
	}
	f.Type = g.s.described(f.Type, v.Type())
	return f
}

func (g *goType) FieldByName(name string) (reflect.StructField, bool) {
	for i := range g.NumField() {
		if f := g.Field(i); f.Name == name {
			return f, true
		}
	}
	if o, index, _ := types.LookupFieldOrMethod(g.t, true, nil, name); o != nil && len(index) > 1 {
		if _, ok := o.(*types.Var); ok {
			f := g.FieldByIndex(index)
			f.Index = index
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func (g *goType) FieldByIndex(index []int) reflect.StructField {
	var t reflect.Type = g
	var f reflect.StructField
	for k, i := range index {
		if k > 0 && t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		f = t.Field(i)
		t = f.Type
	}
	return f
}

// methods are the exported ones.
func (g *goType) methods() []*types.Func {
	set := types.NewMethodSet(g.t)
	var out []*types.Func
	for i := range set.Len() {
		if m, ok := set.At(i).Obj().(*types.Func); ok && m.Exported() {
			out = append(out, m)
		}
	}
	return out
}

func (g *goType) NumMethod() int { return len(g.methods()) }

func (g *goType) Method(i int) reflect.Method {
	m := reflect.Method{Name: g.methods()[i].Name(), Index: i}
	if dyn := g.s.dyn.ofType(g.t); dyn != nil && dyn.methods[m.Name] != nil {
		m.Func = reflect.ValueOf(dyn.methods[m.Name])
		m.Type = m.Func.Type()
	}
	return m
}

func (g *goType) MethodByName(name string) (reflect.Method, bool) {
	for i, m := range g.methods() {
		if m.Name() == name {
			return g.Method(i), true
		}
	}
	return reflect.Method{}, false
}

// Implements goes by the methods that interpreted types have.
func (g *goType) Implements(u reflect.Type) bool {
	if g.Type.Implements(compiledType(u)) {
		return true
	}
	dyn := g.s.dyn.ofType(g.t)
	for i := range u.NumMethod() {
		m := u.Method(i)
		if dyn == nil || dyn.methods[m.Name] == nil || !sameMethod(reflect.TypeOf(dyn.methods[m.Name]), m.Type) {
			return false
		}
	}
	return true
}

func (g *goType) AssignableTo(u reflect.Type) bool  { return g.Type.AssignableTo(compiledType(u)) }
func (g *goType) ConvertibleTo(u reflect.Type) bool { return g.Type.ConvertibleTo(compiledType(u)) }
