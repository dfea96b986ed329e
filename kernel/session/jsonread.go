package session

import (
	"bytes"
	"encoding/json"
	"go/types"
	"io"
	"reflect"
)

// jsonReader reads JSON into interpreted values.
type jsonReader struct {
	s               *Session
	strict, numbers bool // the options of a Decoder
}

// special tells whether v points to what encoding/json cannot fill.
func (r *jsonReader) special(v any) bool {
	dyn := r.s.dyn.of(From(v))
	if dyn == nil || v == nil {
		return false
	}
	p, ok := dyn.typ.Underlying().(*types.Pointer)
	if !ok || reflect.ValueOf(bare(v)).IsNil() {
		return false
	}
	return r.readsSpecially(p.Elem(), reflect.TypeOf(bare(v)).Elem())
}

// readsSpecially is as jsonSpecial, but interfaces are filled with plain values.
func (r *jsonReader) readsSpecially(t types.Type, rt reflect.Type) bool {
	if types.IsInterface(t) {
		return false
	}
	return r.s.jsonSpecial(t, rt)
}

func (r *jsonReader) read(data []byte, v any) error {
	dyn := r.s.dyn.of(From(v))
	return r.value(data, reflect.ValueOf(bare(v)).Elem(), deref(dyn.typ))
}

// plain reads what encoding/json can.
func (r *jsonReader) plain(data []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if r.strict {
		d.DisallowUnknownFields()
	}
	if r.numbers {
		d.UseNumber()
	}
	err := d.Decode(to)
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// value reads data into v, of the Go type t.
func (r *jsonReader) value(data []byte, v reflect.Value, t types.Type) error {
	null := bytes.Equal(bytes.TrimSpace(data), []byte("null"))
	if v.Kind() == reflect.Pointer {
		if null {
			v.SetZero()
			return nil
		}
		if !r.readsSpecially(t, v.Type()) {
			return r.plain(data, v.Addr().Interface())
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return r.value(data, v.Elem(), deref(t))
	}
	if done, err := r.unmarshal(data, v, t, null); done {
		return err
	}
	if !r.readsSpecially(t, v.Type()) || types.IsInterface(t) {
		return r.plain(data, v.Addr().Interface())
	}
	elem, key := elements(t)
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		var parts []json.RawMessage
		if err := r.plain(data, &parts); err != nil {
			return err
		}
		if v.Kind() == reflect.Slice {
			if null {
				v.SetZero()
				return nil
			}
			v.Set(reflect.MakeSlice(v.Type(), len(parts), len(parts)))
		}
		for i := range v.Len() {
			if i >= len(parts) {
				v.Index(i).SetZero()
			} else if err := r.value(parts[i], v.Index(i), elem); err != nil {
				return err
			}
		}
		return nil
	case reflect.Map:
		var parts map[string]json.RawMessage
		if err := r.plain(data, &parts); err != nil {
			return err
		}
		if null {
			v.SetZero()
			return nil
		}
		if v.IsNil() {
			v.Set(reflect.MakeMapWithSize(v.Type(), len(parts)))
		}
		for name, part := range parts {
			k := reflect.New(v.Type().Key()).Elem()
			if err := r.key(name, k, key); err != nil {
				return err
			}
			e := reflect.New(v.Type().Elem()).Elem()
			if err := r.value(part, e, elem); err != nil {
				return err
			}
			v.SetMapIndex(k, e)
		}
		return nil
	case reflect.Struct:
		if st, ok := structOf(t); ok && st.NumFields() == v.NumField() {
			parts := reflect.New(r.s.jsonStruct(st, v.Type(), true, 0))
			r.prepare(parts.Elem(), v, st)
			if err := r.plain(data, parts.Interface()); err != nil {
				return err
			}
			return r.fields(parts.Elem(), v, st)
		}
	}
	return r.plain(data, v.Addr().Interface())
}

// unmarshal reads by the value's own method, if it has one.
func (r *jsonReader) unmarshal(data []byte, v reflect.Value, t types.Type, null bool) (done bool, err error) {
	if f, x := r.s.method(v, t, "UnmarshalJSON", true); f != nil {
		if m, ok := f.(func(any, []byte) error); ok {
			return true, m(x, data)
		}
	}
	if f, x := r.s.method(v, t, "UnmarshalText", true); f != nil {
		if m, ok := f.(func(any, []byte) error); ok {
			if null {
				return true, nil
			}
			var text string
			if err := json.Unmarshal(data, &text); err != nil {
				return true, err
			}
			return true, m(x, []byte(text))
		}
	}
	return false, nil
}

func (r *jsonReader) key(name string, k reflect.Value, t types.Type) error {
	if f, x := r.s.method(k, t, "UnmarshalText", true); f != nil {
		if m, ok := f.(func(any, []byte) error); ok {
			return m(x, []byte(name))
		}
	}
	if k.Kind() == reflect.String {
		k.SetString(name)
		return nil
	}
	return r.plain([]byte(name), k.Addr().Interface())
}

// prepare puts what is there in the struct that is read into.
func (r *jsonReader) prepare(parts, v reflect.Value, st *types.Struct) {
	k := 0
	for i := range st.NumFields() {
		if !jsonField(st.Field(i)) {
			continue
		}
		dst, src := parts.Field(k), v.Field(i)
		k++
		if inner, ok := r.s.flattened(st.Field(i), st.Tag(i)); ok {
			if src.Kind() == reflect.Pointer {
				if !src.IsNil() {
					dst.Set(reflect.New(dst.Type().Elem()))
					r.prepare(dst.Elem(), src.Elem(), inner)
				}
				continue
			}
			r.prepare(dst, src, inner)
		} else if dst.Type() == src.Type() {
			dst.Set(src)
		}
	}
}

// fields takes over what was read.
func (r *jsonReader) fields(parts, v reflect.Value, st *types.Struct) error {
	k := 0
	for i := range st.NumFields() {
		if !jsonField(st.Field(i)) {
			continue
		}
		src, dst := parts.Field(k), v.Field(i)
		k++
		if inner, ok := r.s.flattened(st.Field(i), st.Tag(i)); ok {
			if src.Kind() == reflect.Pointer {
				if src.IsNil() {
					continue
				}
				if dst.IsNil() {
					dst.Set(reflect.New(dst.Type().Elem()))
				}
				src, dst = src.Elem(), dst.Elem()
			}
			if err := r.fields(src, dst, inner); err != nil {
				return err
			}
			continue
		}
		if raw, ok := src.Interface().(json.RawMessage); ok && src.Type() != dst.Type() {
			if raw == nil {
				continue
			}
			if err := r.value(raw, dst, st.Field(i).Type()); err != nil {
				return err
			}
			continue
		}
		dst.Set(src)
	}
	return nil
}
