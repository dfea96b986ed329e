package session

import (
	"encoding/json"
	"fmt"
	"go/types"
	"reflect"
	"strconv"
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
