package display

import (
	"cmp"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Bounds of a value's text, so that any value is readable and none floods the
// notebook: a slice of a million elements takes well under 10 KB.
const (
	textLimit  = 8 << 10 // bytes of one value
	fullLen    = 100     // elements up to which a slice or map is shown whole
	nestedLen  = 20      // the same inside another value
	depthLimit = 6       // nesting
)

// Text returns v as fmt's %+v would print it, with pointers followed, map keys
// sorted, long slices, maps and strings elided in the middle with their length
// told, and cycles cut. It never exceeds about 8 KB. Stringers, errors and
// Formatters print themselves.
func Text(v any) string { return TextAs(v, nil) }

// TextAs is [Text] for a value whose Go type t is known better than its
// reflect.Type tells: an interpreted struct's run-time type has no name and
// mangled field names. A nil t, or one that does not match, is ignored.
func TextAs(v any, t types.Type) string {
	p := printer{}
	p.value(reflect.ValueOf(v), t, 0)
	return string(p.buf)
}

type printer struct {
	buf  []byte
	full bool      // the limit was hit and "…" written
	path []uintptr // pointers, maps and slices being printed, against cycles
}

// text appends s as far as the limit allows.
func (p *printer) text(s string) {
	if p.full {
		return
	}
	room := textLimit - len(p.buf)
	if len(s) <= room {
		p.buf = append(p.buf, s...)
		return
	}
	for room > 0 && !utf8.RuneStart(s[room]) {
		room--
	}
	p.buf = append(p.buf, s[:room]...)
	p.buf = append(p.buf, "…"...)
	p.full = true
}

func (p *printer) value(v reflect.Value, t types.Type, depth int) {
	if p.full {
		return
	}
	v = unwrap(v)
	if !v.IsValid() {
		p.text("<nil>")
		return
	}
	if p.printsItself(v) {
		return
	}
	if depth > depthLimit {
		p.text("…")
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		p.value(v.Elem(), nil, depth)
	case reflect.Pointer:
		p.pointer(v, t, depth)
	case reflect.Struct:
		p.structure(v, t, depth)
	case reflect.Slice:
		p.guarded(v.Pointer(), v.Len() > 0, func() { p.list(v, t, depth) })
	case reflect.Array:
		p.list(v, t, depth)
	case reflect.Map:
		p.guarded(v.Pointer(), true, func() { p.mapping(v, t, depth) })
	case reflect.String:
		p.str(v.String())
	case reflect.Bool:
		p.text(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.text(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.text(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32:
		p.text(fmt.Sprint(float32(v.Float())))
	case reflect.Float64:
		p.text(fmt.Sprint(v.Float()))
	case reflect.Complex64:
		p.text(fmt.Sprint(complex64(v.Complex())))
	case reflect.Complex128:
		p.text(fmt.Sprint(v.Complex()))
	case reflect.Chan:
		if v.IsNil() {
			p.text("<nil>")
			return
		}
		p.text(fmt.Sprintf("%s(len %d, cap %d)", v.Type(), v.Len(), v.Cap()))
	case reflect.Func:
		if v.IsNil() {
			p.text("<nil>")
			return
		}
		p.text(v.Type().String())
	default:
		p.text(fmt.Sprintf("%v", v))
	}
}

// printsItself lets a Formatter, error or Stringer print itself, through fmt,
// which also survives a method that panics.
func (p *printer) printsItself(v reflect.Value) bool {
	if !v.CanInterface() {
		return false
	}
	switch x := v.Interface().(type) {
	case reflect.Value:
		return false
	case fmt.Formatter, error, fmt.Stringer:
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return false
		}
		p.text(fmt.Sprint(x))
		return true
	}
	return false
}

// guarded runs f unless the object at address is already being printed.
func (p *printer) guarded(address uintptr, track bool, f func()) {
	if !track || address == 0 {
		f()
		return
	}
	if slices.Contains(p.path, address) {
		p.text("(cycle)")
		return
	}
	p.path = append(p.path, address)
	f()
	p.path = p.path[:len(p.path)-1]
}

func (p *printer) pointer(v reflect.Value, t types.Type, depth int) {
	if v.IsNil() {
		p.text("<nil>")
		return
	}
	p.guarded(v.Pointer(), true, func() {
		p.text("&")
		p.value(v.Elem(), elem(t), depth+1)
	})
}

func (p *printer) structure(v reflect.Value, t types.Type, depth int) {
	p.text("{")
	names, kinds := fields(v.Type(), t)
	for i, name := range names {
		if i > 0 {
			p.text(" ")
		}
		p.text(name + ":")
		p.value(v.Field(i), kinds[i], depth+1)
	}
	p.text("}")
}

func (p *printer) list(v reflect.Value, t types.Type, depth int) {
	n := v.Len()
	head, tail := elide(n, depth)
	p.text("[")
	for i := 0; i < n; i++ {
		if i > 0 {
			p.text(" ")
		}
		if i == head {
			p.text("… ")
			i = n - tail
		}
		p.value(v.Index(i), elem(t), depth+1)
	}
	p.text("]")
	if head < n {
		p.text(fmt.Sprintf("(len %d)", n))
	}
}

func (p *printer) mapping(v reflect.Value, t types.Type, depth int) {
	n := v.Len()
	head, _ := elide(n, depth)
	keys := sortedKeys(v)
	var key, value types.Type
	if m, ok := underlying(t).(*types.Map); ok {
		key, value = m.Key(), m.Elem()
	}
	p.text("map[")
	for i, k := range keys[:head] {
		if i > 0 {
			p.text(" ")
		}
		p.value(k, key, depth+1)
		p.text(":")
		p.value(v.MapIndex(k), value, depth+1)
	}
	if head < n {
		p.text(" …")
	}
	p.text("]")
	if head < n {
		p.text(fmt.Sprintf("(len %d)", n))
	}
}

func (p *printer) str(s string) {
	if room := textLimit - len(p.buf); len(s) > room && !p.full {
		p.text(clip(s, room*3/4))
		p.text(fmt.Sprintf(" (%d bytes)", len(s)))
		return
	}
	p.text(s)
}

// clip shortens s to at most n bytes, on a rune boundary, ending in "…".
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// elide says how many of n elements to show at the start and at the end; head
// is n when all are.
func elide(n, depth int) (head, tail int) {
	whole := fullLen
	if depth > 0 {
		whole = nestedLen
	}
	if n <= whole {
		return n, 0
	}
	return whole / 5, whole / 10
}

// sortedKeys orders numbers by value, strings as such, and the rest by text.
func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	switch v.Type().Key().Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.Int(), b.Int()) })
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.Uint(), b.Uint()) })
	case reflect.Float32, reflect.Float64:
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.Float(), b.Float()) })
	case reflect.String:
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	default:
		type keyed struct {
			text string
			key  reflect.Value
		}
		texts := make([]keyed, len(keys))
		for i, k := range keys {
			p := printer{}
			p.value(k, nil, depthLimit-1)
			texts[i] = keyed{string(p.buf), k}
		}
		slices.SortStableFunc(texts, func(a, b keyed) int { return strings.Compare(a.text, b.text) })
		for i := range texts {
			keys[i] = texts[i].key
		}
	}
	return keys
}

// underlying is t.Underlying, and nil for nil.
func underlying(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

// elem is the element type of t, or nil.
func elem(t types.Type) types.Type {
	if e, ok := underlying(t).(interface{ Elem() types.Type }); ok {
		return e.Elem()
	}
	return nil
}

// fields returns the names of a struct's fields, and their types where t knows.
func fields(r reflect.Type, t types.Type) ([]string, []types.Type) {
	names, kinds := make([]string, r.NumField()), make([]types.Type, r.NumField())
	s, ok := underlying(t).(*types.Struct)
	ok = ok && s.NumFields() == len(names)
	for i := range names {
		names[i] = r.Field(i).Name
		if ok {
			names[i], kinds[i] = s.Field(i).Name(), s.Field(i).Type()
		}
	}
	return names, kinds
}

// unwrap takes an interpreted value out of the box in which yaegi keeps what is
// stored in an interface (interp.valueInterface: a node and the value), and a
// reflect.Value out of itself.
func unwrap(v reflect.Value) reflect.Value {
	for range depthLimit {
		if v.Kind() == reflect.Interface && !v.IsNil() {
			v = v.Elem()
			continue
		}
		if !v.IsValid() || v.Kind() != reflect.Struct {
			return v
		}
		t := v.Type()
		switch {
		case t == reflect.TypeFor[reflect.Value]():
			if !v.CanInterface() {
				return v
			}
			v = v.Interface().(reflect.Value)
		case t.Name() == "valueInterface" && strings.HasSuffix(t.PkgPath(), "yaegi/interp"):
			inner, ok := t.FieldByName("value")
			if !ok || inner.Type != reflect.TypeFor[reflect.Value]() || !v.CanInterface() {
				return v
			}
			box := reflect.New(t)
			box.Elem().Set(v)
			v = *(*reflect.Value)(unsafe.Add(box.UnsafePointer(), inner.Offset))
		default:
			return v
		}
	}
	return v
}
