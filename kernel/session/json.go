package session

import (
	"encoding/json"
	"fmt"
	"go/types"
	"reflect"
	"strconv"
	"strings"
)

// Package encoding/json finds methods and embedded fields by reflection, where
// interpreted types have none. So a value is written after its methods have been
// called and its structs copied to ones of the same fields:
//
//	struct{ Base; Level Level } -> struct{ Base struct{ ID any }; Level any }
//
// Reading is the reverse; see jsonread.go.

func (s *Session) jsonFunctions() map[string]reflect.Value {
	return map[string]reflect.Value{
		"Marshal": reflect.ValueOf(func(v any) ([]byte, error) {
			x, err := s.toJSON(v)
			if err != nil {
				return nil, err
			}
			return json.Marshal(x)
		}),
		"MarshalIndent": reflect.ValueOf(func(v any, prefix, indent string) ([]byte, error) {
			x, err := s.toJSON(v)
			if err != nil {
				return nil, err
			}
			return json.MarshalIndent(x, prefix, indent)
		}),
		"Unmarshal": reflect.ValueOf(func(data []byte, v any) error {
			r := &jsonReader{s: s}
			if !r.special(v) {
				return json.Unmarshal(data, bare(v))
			}
			if err := json.Unmarshal(data, new(json.RawMessage)); err != nil {
				return err // of syntax, before anything is stored
			}
			return r.read(data, v)
		}),
	}
}

// jsonEncode and jsonDecode stand for the methods of json's Encoder and Decoder.
func (s *Session) jsonEncode(e *json.Encoder, v any) error {
	x, err := s.toJSON(v)
	if err != nil {
		return err
	}
	return e.Encode(x)
}

func (s *Session) jsonDecode(d *json.Decoder, v any) error {
	r := &jsonReader{s: s}
	if !r.special(v) {
		return d.Decode(bare(v))
	}
	options := reflect.ValueOf(d).Elem().FieldByName("d")
	r.strict = options.FieldByName("disallowUnknownFields").Bool()
	r.numbers = options.FieldByName("useNumber").Bool()
	var data json.RawMessage
	if err := d.Decode(&data); err != nil {
		return err
	}
	return r.read(data, v)
}

// toJSON is v as package encoding/json can write it.
func (s *Session) toJSON(v any) (any, error) {
	v = From(v)
	if v == nil {
		return nil, nil
	}
	w := &jsonWriter{s: s}
	var out any
	if dyn := s.dyn.of(v); dyn != nil {
		out = w.value(reflect.ValueOf(bare(v)), dyn.typ, false, 0)
	} else {
		out = w.value(reflect.ValueOf(v), nil, false, 0)
	}
	return out, w.err
}

type jsonWriter struct {
	s   *Session
	err error
}

const maxJSON = 1000 // nesting, as in package encoding/json

// value converts v, of the Go type t where that is known.
func (w *jsonWriter) value(v reflect.Value, t types.Type, addressable bool, depth int) any {
	if w.err != nil || !v.IsValid() {
		return nil
	}
	if depth > maxJSON {
		w.err = &json.UnsupportedValueError{Value: v, Str: "encountered a cycle via " + v.Type().String()}
		return nil
	}
	if isStandIn(v.Type()) {
		v = v.Field(0).Elem()
		if !v.IsValid() {
			return nil
		}
	}
	if v.Kind() == reflect.Interface || t != nil && types.IsInterface(t) {
		if v.Kind() == reflect.Interface {
			if v.IsNil() {
				return nil
			}
			v = v.Elem()
		}
		x := From(v.Interface())
		t = nil
		if dyn := w.s.dyn.of(x); dyn != nil {
			t = dyn.typ
		}
		return w.value(reflect.ValueOf(bare(x)), t, false, depth+1)
	}
	if t == nil {
		if !mayHold(v.Type(), 0) || v.Type().PkgPath() != "" {
			return v.Interface()
		}
	} else if x, done := w.marshaled(v, t, addressable); done {
		return x
	}
	if !w.s.jsonSpecial(t, v.Type()) {
		return v.Interface()
	}
	elem, key := elements(t)
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return w.value(v.Elem(), elem, true, depth+1)
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.IsNil() {
			return nil
		}
		out := make([]any, v.Len())
		for i := range out {
			out[i] = w.value(v.Index(i), elem, addressable || v.Kind() == reflect.Slice, depth+1)
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return nil
		}
		out := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			out[w.key(it.Key(), key)] = w.value(it.Value(), elem, false, depth+1)
		}
		return out
	case reflect.Struct:
		st, ok := structOf(t)
		if !ok || st.NumFields() != v.NumField() {
			return v.Interface()
		}
		return w.fields(v, st, addressable, depth).Interface()
	}
	return v.Interface()
}

// marshaled writes v by its own method, if it has one.
func (w *jsonWriter) marshaled(v reflect.Value, t types.Type, addressable bool) (any, bool) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, true
	}
	for _, name := range []string{"MarshalJSON", "MarshalText"} {
		f, x := w.s.method(v, t, name, addressable)
		if f == nil {
			continue
		}
		m, ok := f.(func(any) ([]byte, error))
		if !ok {
			continue
		}
		b, err := m(x)
		if err == nil && name == "MarshalJSON" && !json.Valid(b) {
			err = json.Unmarshal(b, new(any))
		}
		switch {
		case err != nil:
			w.err = fmt.Errorf("json: error calling %s for type %s: %w", name, typeName(t), err)
			return nil, true
		case name == "MarshalText":
			return string(b), true
		}
		return json.RawMessage(b), true
	}
	return nil, false
}

// method is the method of v, or of its address, as a function of what it returns.
func (s *Session) method(v reflect.Value, t types.Type, name string, addressable bool) (f, x any) {
	if dyn := s.dyn.ofType(t); dyn != nil && dyn.methods[name] != nil {
		return dyn.methods[name], dyn.inAny(v)
	}
	if addressable && v.CanAddr() {
		if dyn := s.dyn.ofType(types.NewPointer(t)); dyn != nil && dyn.methods[name] != nil {
			return dyn.methods[name], dyn.inAny(v.Addr())
		}
	}
	return nil, nil
}

// key is a map's key as a member's name.
func (w *jsonWriter) key(v reflect.Value, t types.Type) string {
	if v.Kind() == reflect.String {
		return v.String()
	}
	if t != nil {
		if f, x := w.s.method(v, t, "MarshalText", false); f != nil {
			if m, ok := f.(func(any) ([]byte, error)); ok {
				b, err := m(x)
				if err != nil {
					w.err = fmt.Errorf("json: error calling MarshalText for type %s: %w", typeName(t), err)
				}
				return string(b)
			}
		}
	}
	switch {
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	}
	w.err = &json.UnsupportedTypeError{Type: reflect.MapOf(v.Type(), reflect.TypeFor[any]())}
	return ""
}

// fields copies a struct to one that encoding/json understands.
func (w *jsonWriter) fields(v reflect.Value, st *types.Struct, addressable bool, depth int) reflect.Value {
	out := reflect.New(w.s.jsonStruct(st, v.Type(), false, 0)).Elem()
	k := 0
	for i := range st.NumFields() {
		f := st.Field(i)
		if !jsonField(f) {
			continue
		}
		dst, src := out.Field(k), v.Field(i)
		k++
		switch inner, ok := w.s.flattened(f, st.Tag(i)); {
		case ok:
			if src.Kind() == reflect.Pointer {
				if !src.IsNil() {
					dst.Set(reflect.New(dst.Type().Elem()))
					dst.Elem().Set(w.fields(src.Elem(), inner, true, depth+1))
				}
				continue
			}
			dst.Set(w.fields(src, inner, addressable, depth+1))
		case dst.Kind() != reflect.Interface:
			dst.Set(src)
		case omitted(src, st.Tag(i)):
		default:
			x := w.value(src, f.Type(), addressable, depth+1)
			if x == nil {
				x = json.RawMessage("null")
			}
			dst.Set(reflect.ValueOf(x))
		}
	}
	return out
}

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
