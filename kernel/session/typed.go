package session

import (
	"fmt"
	"go/types"
	"io"
	"reflect"
	"slices"
	"strings"
)

// typed is a value on its way to package fmt, with the type that the checker
// knows it by.
type typed struct {
	s *Session
	v any
	t types.Type
}

// Format prints as fmt does compiled values. Verbs other than %v print the bare
// value.
func (x typed) Format(st fmt.State, verb rune) {
	_, wide := st.Width()
	if verb != 'v' || st.Flag('#') {
		v := x.v
		if v != nil && holdsBoxes(reflect.ValueOf(v), 0) {
			v = unboxed(reflect.ValueOf(v), 0).Interface()
		}
		text := fmt.Sprintf(fmt.FormatString(st, verb), v)
		if verb == 'v' { // %#v names types
			text = strings.Replace(text, reflect.TypeOf(v).String(), typeName(x.t), 1)
		}
		io.WriteString(st, text)
		return
	}
	var b strings.Builder
	p := typePrinter{s: x.s, w: &b, plus: st.Flag('+')}
	p.print(reflect.ValueOf(x.v), x.t, 0)
	if wide {
		fmt.Fprintf(st, strings.NewReplacer("v", "s", "+", "").Replace(fmt.FormatString(st, verb)), b.String())
		return
	}
	io.WriteString(st, b.String())
}

// typeName is a type as %T prints it.
func typeName(t types.Type) string {
	s := types.TypeString(t, func(p *types.Package) string { return p.Name() })
	return strings.NewReplacer("interface{}", "interface {}", "struct{}", "struct {}", "any", "interface {}").Replace(s)
}

type typePrinter struct {
	s    *Session
	w    *strings.Builder
	plus bool
}

func (p *typePrinter) print(v reflect.Value, t types.Type, depth int) {
	for v.IsValid() && (v.Kind() == reflect.Interface || isBox(v.Type())) {
		if isBox(v.Type()) {
			v = reflect.ValueOf(concrete(v))
		} else {
			v = v.Elem()
		}
		if types.IsInterface(t) {
			t = nil
		}
	}
	if !v.IsValid() {
		p.w.WriteString("<nil>")
		return
	}
	if t == nil || !p.fits(v, t) {
		p.plain(v)
		return
	}
	if depth > 0 {
		if text, ok := p.s.printer(t); ok && v.CanInterface() {
			if v.Kind() != reflect.Pointer || !v.IsNil() {
				p.w.WriteString(text(v.Interface()))
				return
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if depth == 0 && !v.IsNil() {
			switch v.Elem().Kind() {
			case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
				p.w.WriteString("&")
				p.print(v.Elem(), u.Elem(), depth+1)
				return
			}
		}
		if v.IsNil() {
			p.w.WriteString("<nil>")
			return
		}
		fmt.Fprintf(p.w, "%#x", v.Pointer())
	case *types.Struct:
		p.w.WriteString("{")
		for i := range v.NumField() {
			if i > 0 {
				p.w.WriteString(" ")
			}
			if p.plus {
				p.w.WriteString(u.Field(i).Name() + ":")
			}
			p.print(v.Field(i), u.Field(i).Type(), depth+1)
		}
		p.w.WriteString("}")
	case *types.Slice:
		p.list(v, u.Elem(), depth)
	case *types.Array:
		p.list(v, u.Elem(), depth)
	case *types.Map:
		p.w.WriteString("map[")
		for i, k := range sortedKeys(v) {
			if i > 0 {
				p.w.WriteString(" ")
			}
			p.print(k, u.Key(), depth+1)
			p.w.WriteString(":")
			p.print(v.MapIndex(k), u.Elem(), depth+1)
		}
		p.w.WriteString("]")
	default:
		p.plain(v)
	}
}

// fits tells whether a run-time value has the form that its type says.
func (p *typePrinter) fits(v reflect.Value, t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return v.Kind() == reflect.Pointer
	case *types.Struct:
		return v.Kind() == reflect.Struct && v.NumField() == u.NumFields()
	case *types.Slice:
		return v.Kind() == reflect.Slice
	case *types.Array:
		return v.Kind() == reflect.Array
	case *types.Map:
		return v.Kind() == reflect.Map
	case *types.Basic:
		return v.Kind() < reflect.Array || v.Kind() == reflect.String
	}
	return false
}

func (p *typePrinter) plain(v reflect.Value) {
	verb := "%v"
	if p.plus {
		verb = "%+v"
	}
	if v.CanInterface() {
		if holdsBoxes(v, 0) {
			v = unboxed(v, 0)
		}
		fmt.Fprintf(p.w, verb, v.Interface())
		return
	}
	fmt.Fprintf(p.w, verb, v)
}

func (p *typePrinter) list(v reflect.Value, elem types.Type, depth int) {
	p.w.WriteString("[")
	for i := range v.Len() {
		if i > 0 {
			p.w.WriteString(" ")
		}
		p.print(v.Index(i), elem, depth+1)
	}
	p.w.WriteString("]")
}

// sortedKeys orders a map's keys as fmt does, for the kinds that are ordered.
func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		switch {
		case a.CanInt() && b.CanInt():
			return compare(a.Int(), b.Int())
		case a.CanUint() && b.CanUint():
			return compare(a.Uint(), b.Uint())
		case a.CanFloat() && b.CanFloat():
			return compare(a.Float(), b.Float())
		case a.Kind() == reflect.String && b.Kind() == reflect.String:
			return strings.Compare(a.String(), b.String())
		}
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
	return keys
}

func compare[T int64 | uint64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// printer returns how values of a type with a String or Error method print.
func (s *Session) printer(t types.Type) (func(any) string, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i, o := range s.lower.Typed {
		if f := s.printers[i]; f != nil && types.Identical(o, t) {
			return f, true
		}
	}
	return nil, false
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
				switch verb {
				case 'T':
					verb, a[arg] = 's', typeName(t.t)
				case 'p':
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
