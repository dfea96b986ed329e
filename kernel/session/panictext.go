package session

import (
	"fmt"
	"go/types"
	"reflect"
	"runtime"
	"strings"
)

// panicText prints a panic's value as the Go runtime does.
func (s *Session) panicText(v any) (msg string) {
	defer func() {
		if recover() != nil {
			msg = "(a value that cannot be printed)"
		}
	}()
	if rv, ok := v.(reflect.Value); ok && rv.IsValid() && rv.CanInterface() {
		v = rv.Interface()
	}
	v = From(v)
	switch x := v.(type) {
	case nil:
		return "nil"
	case runtime.Error:
		return s.dyn.rename(goMessage(x.Error()))
	case error:
		return goMessage(x.Error())
	}
	if dyn := s.dyn.of(v); dyn != nil {
		for _, name := range []string{"Error", "String"} {
			if f, ok := dyn.methods[name].(func(any) string); ok {
				return f(v)
			}
		}
		x := bare(v)
		switch dyn.typ.Underlying().(type) {
		case *types.Basic:
			format := "%s(%v)"
			if reflect.TypeOf(x).Kind() == reflect.String {
				format = "%s(%q)"
			}
			return fmt.Sprintf(format, typeName(dyn.typ), x)
		}
		return fmt.Sprintf("%+v", typed{s, x, dyn.typ})
	}
	switch x := v.(type) {
	case fmt.Stringer:
		return x.String()
	case string:
		return goMessage(x)
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		if rv.Type().PkgPath() != "" {
			return fmt.Sprintf("%v(%v)", rv.Type(), v)
		}
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%+v", s.printable(v))
}

// runtimeError is a run-time panic as compiled code would have it, where the
// interpreter panics with some other value.
type runtimeError string

func (e runtimeError) Error() string { return string(e) }
func (e runtimeError) RuntimeError() {}

// recovered turns what the interpreter's recover returns into what was given
// to panic.
func recovered(v any) any {
	if rv, ok := v.(reflect.Value); ok {
		if !rv.IsValid() || !rv.CanInterface() {
			return nil
		}
		v = rv.Interface()
	}
	switch x := v.(type) {
	case runtime.Error:
		if m := goMessage(x.Error()); m != x.Error() {
			return runtimeError(m)
		}
		return x
	case *reflect.ValueError:
		return runtimeError("runtime error: invalid memory address or nil pointer dereference")
	case string:
		if m := goMessage(x); m != x || strings.HasPrefix(x, "reflect") {
			return runtimeError(m)
		}
	case error:
		if reflect.TypeOf(x).String() == "*interp.cfgError" {
			return runtimeError(goMessage(x.Error()))
		}
	}
	return v
}

// goMessages are the runtime's words for what the interpreter, which works
// through package reflect, says in others.
var goMessages = []struct{ part, message string }{
	{"reflect: slice index out of range", "runtime error: index out of range"},
	{"reflect: array index out of range", "runtime error: index out of range"},
	{"reflect: string index out of range", "runtime error: index out of range"},
	{"reflect.Value.Slice: slice index out of bounds", "runtime error: slice bounds out of range"},
	{"reflect.Value.Slice: string slice index out of bounds", "runtime error: slice bounds out of range"},
	{"reflect.Value.Slice3: slice index out of bounds", "runtime error: slice bounds out of range"},
	{"on zero Value", "runtime error: invalid memory address or nil pointer dereference"},
	{"reflect: call of nil func", "runtime error: invalid memory address or nil pointer dereference"},
	{"reflect: Field of nil", "runtime error: invalid memory address or nil pointer dereference"},
	{"reflect.Value.Call: call of nil function", "runtime error: invalid memory address or nil pointer dereference"},
	{"runtime: allocation size out of range", "runtime error: makeslice: len out of range"},
	{"reflect.MakeChan: negative buffer size", "makechan: size out of range"},
	{"reflect.MakeSlice: negative len", "runtime error: makeslice: len out of range"},
	{"reflect.MakeSlice: negative cap", "runtime error: makeslice: cap out of range"},
	{"reflect.MakeSlice: len > cap", "runtime error: makeslice: cap out of range"},
}

func goMessage(m string) string {
	for _, g := range goMessages {
		if strings.Contains(m, g.part) {
			return g.message
		}
	}
	if c := "reflect: cannot convert slice with length "; strings.HasPrefix(m, c) {
		m = strings.Replace(m, "to pointer to array", "to array", 1)
		return strings.Replace("runtime error: "+m[len("reflect: "):], "to array", "to array or pointer to array", 1)
	}
	if t, ok := strings.CutPrefix(m, "hash of unhashable type: "); ok {
		return "runtime error: hash of unhashable type " + t
	}
	if m == "reflect.Value.Grow: slice overflow" || strings.HasPrefix(m, "reflect.MakeSlice: len out of range") {
		return "runtime error: makeslice: len out of range"
	}
	// The interpreter's own position.
	if p := positionPrefix.FindString(m); p != "" {
		m = m[len(p):]
	}
	return m
}
