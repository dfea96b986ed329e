package session

import (
	"fmt"
	"io"
	"os"
	"reflect"
)

// fmtFunctions are fmt's functions on the session's streams. They print
// interpreted values by their Go types.
func (s *Session) fmtFunctions() map[string]reflect.Value {
	m := map[string]reflect.Value{}
	put := func(name string, f any) { m[name] = reflect.ValueOf(f) }
	unbox := func(a []any) []any {
		out := make([]any, len(a))
		for i, v := range a {
			out[i] = s.printable(v)
		}
		return out
	}
	// A cell may set os.Stdout or os.Stdin to another file, to catch what is printed.
	out := func() io.Writer {
		if s.opts.Stdout != nil && os.Stdout == s.streams.out {
			return s.opts.Stdout
		}
		return os.Stdout
	}
	in := func() io.Reader {
		if s.opts.Stdin != nil && os.Stdin == s.streams.in {
			return s.opts.Stdin
		}
		return os.Stdin
	}
	put("Print", func(a ...any) (int, error) { return out().Write(appendOperands(nil, unbox(a))) })
	put("Printf", func(f string, a ...any) (int, error) {
		f, a = withTypes(f, unbox(a))
		return fmt.Fprintf(out(), f, a...)
	})
	put("Println", func(a ...any) (int, error) { return fmt.Fprintln(out(), unbox(a)...) })
	put("Sprint", func(a ...any) string { return string(appendOperands(nil, unbox(a))) })
	put("Sprintf", func(f string, a ...any) string { f, a = withTypes(f, unbox(a)); return fmt.Sprintf(f, a...) })
	put("Sprintln", func(a ...any) string { return fmt.Sprintln(unbox(a)...) })
	put("Fprint", func(w io.Writer, a ...any) (int, error) { return w.Write(appendOperands(nil, unbox(a))) })
	put("Fprintf", func(w io.Writer, f string, a ...any) (int, error) {
		f, a = withTypes(f, unbox(a))
		return fmt.Fprintf(w, f, a...)
	})
	put("Fprintln", func(w io.Writer, a ...any) (int, error) { return fmt.Fprintln(w, unbox(a)...) })
	put("Append", func(b []byte, a ...any) []byte { return appendOperands(b, unbox(a)) })
	put("Appendf", func(b []byte, f string, a ...any) []byte {
		f, a = withTypes(f, unbox(a))
		return fmt.Appendf(b, f, a...)
	})
	put("Appendln", func(b []byte, a ...any) []byte { return fmt.Appendln(b, unbox(a)...) })
	put("Errorf", func(f string, a ...any) error {
		f, a = withTypes(f, unbox(a))
		for i, v := range a {
			if t, ok := v.(typed); ok && t.t != nil { // perhaps for %w
				if dyn := s.dyn.ofType(t.t); dyn != nil && dyn.methods["Error"] != nil {
					a[i] = s.dyn.AsError(dyn.inAny(reflect.ValueOf(t.v)))
				}
			}
		}
		return fmt.Errorf(f, a...)
	})
	put("Scan", func(a ...any) (int, error) { return fmt.Fscan(in(), a...) })
	put("Scanf", func(f string, a ...any) (int, error) { return fmt.Fscanf(in(), f, a...) })
	put("Scanln", func(a ...any) (int, error) { return fmt.Fscanln(in(), a...) })
	return m
}

// appendOperands prints as fmt.Append does, with a space between operands when
// neither is a string: a value with its type is one where what it holds is.
func appendOperands(b []byte, a []any) []byte {
	isString := func(x any) bool {
		if t, ok := x.(typed); ok {
			x = t.v
		}
		return x != nil && reflect.TypeOf(x).Kind() == reflect.String
	}
	for i, x := range a {
		if i > 0 && !isString(x) && !isString(a[i-1]) {
			b = append(b, ' ')
		}
		b = fmt.Append(b, x)
	}
	return b
}

const maxUnbox = 10 // nesting; there may be cycles

// holdsBoxes tells whether a box is inside v.
func holdsBoxes(v reflect.Value, depth int) bool {
	if !v.IsValid() || depth > maxUnbox {
		return false
	}
	t := v.Type()
	if isBox(t) || isStandIn(t) {
		return true
	}
	switch v.Kind() {
	case reflect.Interface:
		return holdsBoxes(v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		if !mayHold(t.Elem(), 0) {
			return false
		}
		for i := range v.Len() {
			if holdsBoxes(v.Index(i), depth+1) {
				return true
			}
		}
	case reflect.Map:
		if !mayHold(t.Elem(), 0) && !mayHold(t.Key(), 0) {
			return false
		}
		for it := v.MapRange(); it.Next(); {
			if holdsBoxes(it.Key(), depth+1) || holdsBoxes(it.Value(), depth+1) {
				return true
			}
		}
	case reflect.Struct:
		if t.PkgPath() != "" {
			return false // a compiled type
		}
		for i := range v.NumField() {
			if holdsBoxes(v.Field(i), depth+1) {
				return true
			}
		}
	}
	return false
}

// mayHold tells whether values of type t can have boxes inside.
func mayHold(t reflect.Type, depth int) bool {
	if depth > 4 {
		return true
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Slice, reflect.Array:
		return mayHold(t.Elem(), depth+1)
	case reflect.Map:
		return mayHold(t.Elem(), depth+1) || mayHold(t.Key(), depth+1)
	case reflect.Struct:
		for i := range t.NumField() {
			if mayHold(t.Field(i).Type, depth+1) {
				return true
			}
		}
	}
	return false
}

// unboxed copies v without the boxes in its interfaces.
func unboxed(v reflect.Value, depth int) reflect.Value {
	if depth > maxUnbox || !holdsBoxes(v, depth) {
		return v
	}
	if isBox(v.Type()) {
		return unboxed(v.Field(0), depth+1)
	}
	if isStandIn(v.Type()) { // which its elements are too: a list of any then
		return unboxed(v.Field(0), depth+1)
	}
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Interface:
		set(out, unboxed(v.Elem(), depth+1))
	case reflect.Slice:
		if isStandIn(v.Type().Elem()) {
			out = reflect.New(reflect.TypeFor[[]any]()).Elem()
		}
		out.Set(reflect.MakeSlice(out.Type(), v.Len(), v.Len()))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			set(out.Index(i), unboxed(v.Index(i), depth+1))
		}
	case reflect.Map:
		if isStandIn(v.Type().Elem()) {
			out = reflect.New(reflect.MapOf(v.Type().Key(), reflect.TypeFor[any]())).Elem()
		}
		out.Set(reflect.MakeMapWithSize(out.Type(), v.Len()))
		for it := v.MapRange(); it.Next(); {
			k, e := reflect.New(out.Type().Key()).Elem(), reflect.New(out.Type().Elem()).Elem()
			set(k, unboxed(it.Key(), depth+1))
			set(e, unboxed(it.Value(), depth+1))
			out.SetMapIndex(k, e)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			set(out.Field(i), unboxed(v.Field(i), depth+1))
		}
	default:
		return v
	}
	return out
}

// set leaves dst as it is where src does not fit.
func set(dst, src reflect.Value) {
	if src.IsValid() && src.Type().AssignableTo(dst.Type()) {
		dst.Set(src)
	}
}
