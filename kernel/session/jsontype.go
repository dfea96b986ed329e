package session

import (
	"encoding/json"
	"go/types"
	"reflect"
	"strings"
)

func jsonOptions(tag string) []string {
	return strings.Split(reflect.StructTag(tag).Get("json"), ",")[1:]
}

// omitted tells whether a field's options leave its value out.
func omitted(v reflect.Value, tag string) bool {
	for _, o := range jsonOptions(tag) {
		switch {
		case o == "omitzero" && v.IsZero():
			return true
		case o == "omitempty":
			switch v.Kind() {
			case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
				return v.Len() == 0
			case reflect.Struct:
			default:
				return v.IsZero()
			}
		}
	}
	return false
}

// jsonField tells whether encoding/json looks at a field.
func jsonField(f *types.Var) bool {
	if f.Exported() {
		return true
	}
	_, ok := structOf(deref(f.Type()))
	return f.Embedded() && ok
}

// flattened is the struct whose fields an embedded field adds to the outer one.
func (s *Session) flattened(f *types.Var, tag string) (*types.Struct, bool) {
	if name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ","); !f.Embedded() || name != "" {
		return nil, false
	}
	st, ok := structOf(deref(f.Type()))
	if n, named := types.Unalias(deref(f.Type())).(*types.Named); named && !s.interpreted(n) {
		return nil, false
	}
	return st, ok
}

// jsonStruct is the type that stands for a struct: its fields are of any type,
// those to be read messages, unless encoding/json knows what to do with them.
func (s *Session) jsonStruct(st *types.Struct, t reflect.Type, reading bool, depth int) reflect.Type {
	free := reflect.TypeFor[any]()
	if reading {
		free = reflect.TypeFor[json.RawMessage]()
	}
	var fields []reflect.StructField
	for i := range st.NumFields() {
		f := st.Field(i)
		if !jsonField(f) {
			continue
		}
		field := reflect.StructField{Name: f.Name(), Tag: reflect.StructTag(st.Tag(i)), Type: free}
		ft := t.Field(i).Type
		inner, flat := s.flattened(f, st.Tag(i))
		switch {
		case flat && depth < 20:
			field.Anonymous, field.Name = true, strings.ToUpper(f.Name()[:1])+f.Name()[1:]
			if ft.Kind() == reflect.Pointer {
				field.Type = reflect.PointerTo(s.jsonStruct(inner, ft.Elem(), reading, depth+1))
			} else {
				field.Type = s.jsonStruct(inner, ft, reading, depth+1)
			}
		case !s.jsonSpecial(f.Type(), ft):
			field.Type = ft
		}
		fields = append(fields, field)
	}
	return reflect.StructOf(fields)
}

// jsonSpecial tells whether encoding/json would not find methods or embedded
// fields in values of a type, or find boxes.
func (s *Session) jsonSpecial(t types.Type, rt reflect.Type) bool {
	if t == nil {
		return mayHold(rt, 0)
	}
	seen := map[types.Type]bool{}
	var in func(t types.Type) bool
	in = func(t types.Type) bool {
		t = types.Unalias(t)
		if seen[t] {
			return false
		}
		seen[t] = true
		if n, ok := t.(*types.Named); ok {
			if !s.interpreted(n) {
				return types.IsInterface(n)
			}
			set := types.NewMethodSet(types.NewPointer(n))
			for _, name := range []string{"MarshalJSON", "MarshalText", "UnmarshalJSON", "UnmarshalText"} {
				if set.Lookup(nil, name) != nil {
					return true
				}
			}
		}
		switch u := t.Underlying().(type) {
		case *types.Interface:
			return true
		case *types.Struct:
			for i := range u.NumFields() {
				if f := u.Field(i); f.Embedded() || f.Exported() && in(f.Type()) {
					return true
				}
			}
			return false
		case *types.Map:
			return in(u.Key()) || in(u.Elem())
		}
		elem, _ := elements(t)
		return elem != nil && in(elem)
	}
	return in(t)
}

func structOf(t types.Type) (*types.Struct, bool) {
	if t == nil {
		return nil, false
	}
	st, ok := t.Underlying().(*types.Struct)
	return st, ok
}

func deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// elements are the types of what a value of type t holds.
func elements(t types.Type) (elem, key types.Type) {
	if t == nil {
		return nil, nil
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return u.Elem(), nil
	case *types.Slice:
		return u.Elem(), nil
	case *types.Array:
		return u.Elem(), nil
	case *types.Map:
		return u.Elem(), u.Key()
	}
	return nil, nil
}
