package session

import (
	"reflect"
	"strings"
)

// plain is a number or text without its type's methods.
func plain(v reflect.Value) reflect.Value {
	switch {
	case v.CanInt():
		return reflect.ValueOf(v.Int())
	case v.CanUint():
		return reflect.ValueOf(v.Uint())
	case v.CanFloat():
		return reflect.ValueOf(v.Float())
	case v.Kind() == reflect.String:
		return reflect.ValueOf(v.String())
	case v.Kind() == reflect.Bool:
		return reflect.ValueOf(v.Bool())
	}
	return v
}

// printable gives x to functions that print, with its type.
func (s *Session) printable(x any) any {
	switch x.(type) {
	case nil, int, string, float64, bool: // what most prints are given, and compiled
		return x
	}
	x = From(x)
	if dyn := s.dyn.of(x); dyn != nil && dyn.named {
		return typed{s, bare(x), dyn.typ}
	}
	if x != nil && mayHold(reflect.TypeOf(x), 0) && reflect.TypeOf(x).PkgPath() == "" {
		return typed{s, x, nil}
	}
	return x
}

// withTypes prepares the arguments of a formatting function for %T and %p, which
// fmt does not leave to a Formatter: the first gets the type's name, the second
// the bare value.
func withTypes(format string, a []any) (string, []any) {
	if !strings.Contains(format, "T") && !strings.Contains(format, "p") {
		return format, a
	}
	if strings.ContainsAny(format, "[*") { // arguments out of order: all bare
		for i, v := range a {
			if t, ok := v.(typed); ok {
				a[i] = t.v
			}
		}
		return format, a
	}
	var b strings.Builder
	arg := 0
	for i := 0; i < len(format); i++ {
		b.WriteByte(format[i])
		if format[i] != '%' {
			continue
		}
		for i++; i < len(format) && strings.IndexByte("+-# 0123456789.", format[i]) >= 0; i++ {
			b.WriteByte(format[i])
		}
		if i == len(format) {
			break
		}
		verb := format[i]
		if arg < len(a) {
			if t, ok := a[arg].(typed); ok {
				switch {
				case verb == 'T' && t.t != nil:
					verb, a[arg] = 's', typeName(t.t)
				case verb == 'T' || verb == 'p':
					a[arg] = t.v
				}
			}
		}
		b.WriteByte(verb)
		if verb != '%' {
			arg++
		}
	}
	return b.String(), a
}
