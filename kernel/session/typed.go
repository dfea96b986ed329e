package session

import (
	"fmt"
	"go/types"
	"io"
	"reflect"
	"strings"
)

// typed is a value on its way to package fmt, with its Go type: package reflect
// knows neither the names of interpreted types and fields nor their methods.
// The type is nil where it is a compiled one with interpreted values inside.
type typed struct {
	s *Session
	v any // out of its box
	t types.Type
}

// Format prints as fmt does compiled values.
func (x typed) Format(st fmt.State, verb rune) {
	p := &typePrinter{s: x.s, st: st, verb: verb, format: fmt.FormatString(st, verb)}
	p.sharp = verb == 'v' && st.Flag('#')
	p.plus = verb == 'v' && st.Flag('+')
	p.print(reflect.ValueOf(x.v), x.t, 0, true)
}

type typePrinter struct {
	s           *Session
	st          fmt.State
	verb        rune
	format      string // the whole of it, for leaves
	sharp, plus bool   // %#v and %+v
}

func (p *typePrinter) write(s string) { io.WriteString(p.st, s) }

func (p *typePrinter) leaf(x any) { fmt.Fprintf(p.st, p.format, x) }

// print follows fmt's printValue. Methods are called only of what is exported.
func (p *typePrinter) print(v reflect.Value, t types.Type, depth int, exported bool) {
	if !v.IsValid() {
		if depth == 0 {
			p.leaf(nil)
		} else {
			p.write("<nil>")
		}
		return
	}
	if isStandIn(v.Type()) && t != nil {
		if v = v.Field(0).Elem(); !v.IsValid() {
			p.write(nilText(t, p.sharp))
			return
		}
	}
	if t == nil || types.IsInterface(t) || v.Kind() == reflect.Interface {
		p.dynamic(v, t, depth, exported)
		return
	}
	if exported && p.method(v, t) {
		return
	}
	compiled := false
	if n, ok := types.Unalias(t).(*types.Named); ok {
		compiled = !p.s.interpreted(n)
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if compiled && !exported {
			v = plain(v)
		}
		text := fmt.Sprintf(p.format, v.Interface())
		if bad := "%!" + string(p.verb) + "(" + v.Type().String() + "="; strings.HasPrefix(text, bad) {
			text = "%!" + string(p.verb) + "(" + typeName(t) + "=" + text[len(bad):]
		}
		p.write(text)
	case *types.Pointer:
		p.pointer(v, t, u, depth)
	case *types.Struct:
		if compiled {
			p.leaf(v.Interface())
			return
		}
		p.fields(v, t, u, depth, exported)
	case *types.Slice:
		p.list(v, t, u.Elem(), depth, exported, compiled)
	case *types.Array:
		p.list(v, t, u.Elem(), depth, exported, compiled)
	case *types.Map:
		if compiled {
			p.leaf(v.Interface())
			return
		}
		p.entries(v, t, u, depth, exported)
	default:
		switch {
		case p.sharp && v.IsNil():
			p.write("(" + typeName(t) + ")(nil)")
		case p.sharp:
			fmt.Fprintf(p.st, "(%s)(%#x)", typeName(t), v.Pointer())
		default:
			p.leaf(v.Interface())
		}
	}
}

// nilText is how nil of a type made of itself prints.
func nilText(t types.Type, sharp bool) string {
	if sharp {
		return typeName(t) + "(nil)"
	}
	switch t.Underlying().(type) {
	case *types.Slice:
		return "[]"
	case *types.Map:
		return "map[]"
	}
	return "<nil>"
}

// dynamic prints what is in an interface.
func (p *typePrinter) dynamic(v reflect.Value, t types.Type, depth int, exported bool) {
	if v.Kind() == reflect.Interface {
		if v.IsNil() {
			if p.sharp && t != nil {
				p.write(typeName(t) + "(nil)")
			} else {
				p.write("<nil>")
			}
			return
		}
		v = v.Elem()
	}
	x := From(v.Interface())
	if dyn := p.s.dyn.of(x); dyn != nil {
		p.print(reflect.ValueOf(bare(x)), dyn.typ, depth, exported)
		return
	}
	v = reflect.ValueOf(x)
	if v.Type().PkgPath() != "" || !mayHold(v.Type(), 0) {
		p.leaf(x)
		return
	}
	empty := types.NewInterfaceType(nil, nil)
	part := func(t reflect.Type) types.Type {
		if t == reflect.TypeFor[any]() {
			return empty
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Slice:
		p.list(v, types.NewSlice(empty), part(v.Type().Elem()), depth, exported, false)
	case reflect.Map:
		p.entries(v, nil, types.NewMap(types.Typ[types.String], empty), depth, exported)
	case reflect.Struct:
		p.unnamed(v, part, depth, exported)
	case reflect.Pointer:
		if e := v.Elem().Kind(); depth == 0 && (e == reflect.Slice || e == reflect.Map) {
			p.write("&")
			p.dynamic(v.Elem(), nil, depth+1, exported)
			return
		}
		p.leaf(x)
	default:
		p.leaf(x)
	}
}

// unnamed prints a struct whose type has no names of interpreted code.
func (p *typePrinter) unnamed(v reflect.Value, part func(reflect.Type) types.Type, depth int, exported bool) {
	sep := " "
	if p.sharp {
		p.write(v.Type().String())
		sep = ", "
	}
	p.write("{")
	for i := range v.NumField() {
		if i > 0 {
			p.write(sep)
		}
		f := v.Type().Field(i)
		if p.plus || p.sharp {
			p.write(f.Name + ":")
		}
		p.print(v.Field(i), part(f.Type), depth+1, exported)
	}
	p.write("}")
}

// method prints by a method that fmt looks for, if there is one.
func (p *typePrinter) method(v reflect.Value, t types.Type) (done bool) {
	dyn := p.s.dyn.ofType(t)
	if dyn == nil || len(dyn.methods) == 0 {
		return false
	}
	x := dyn.inAny(v)
	name := ""
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		done = true
		if v.Kind() == reflect.Pointer && v.IsNil() {
			p.write("<nil>")
			return
		}
		p.s.trace.begin()
		fmt.Fprintf(p.st, "%%!%c(PANIC=%s method: %v)", p.verb, name, recovered(r))
	}()
	if f, ok := dyn.methods["Format"].(func(any, fmt.State, rune)); ok {
		name = "Format"
		f(x, p.st, p.verb)
		return true
	}
	if p.sharp {
		name = "GoString"
		f, ok := dyn.methods["GoString"].(func(any) string)
		if ok {
			p.write(f(x))
		}
		return ok
	}
	if !strings.ContainsRune("vsxXq", p.verb) {
		return false
	}
	for _, name = range []string{"Error", "String"} {
		if f, ok := dyn.methods[name].(func(any) string); ok {
			p.leaf(f(x))
			return true
		}
	}
	return false
}

// inAny is a value of the type as it is in an interface.
func (t *dynamic) inAny(v reflect.Value) any {
	if !t.boxed {
		return v.Interface()
	}
	b := reflect.New(t.value).Elem()
	b.Field(0).Set(v)
	return b.Interface()
}

func (p *typePrinter) pointer(v reflect.Value, t types.Type, u *types.Pointer, depth int) {
	if depth == 0 && !v.IsNil() {
		switch v.Elem().Kind() {
		case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
			if n, ok := types.Unalias(u.Elem()).(*types.Named); ok && !p.s.interpreted(n) {
				p.leaf(v.Interface())
				return
			}
			p.write("&")
			p.print(v.Elem(), u.Elem(), depth+1, true)
			return
		}
	}
	switch {
	case p.sharp && v.IsNil():
		p.write("(" + typeName(t) + ")(nil)")
	case p.sharp:
		fmt.Fprintf(p.st, "(%s)(%#x)", typeName(t), v.Pointer())
	case v.IsNil() && p.verb == 'v':
		p.write("<nil>")
	case p.verb == 'v':
		fmt.Fprintf(p.st, "%#x", v.Pointer())
	default:
		p.leaf(v.Interface())
	}
}

func (p *typePrinter) fields(v reflect.Value, t types.Type, u *types.Struct, depth int, exported bool) {
	if v.Kind() != reflect.Struct || v.NumField() != u.NumFields() {
		p.leaf(v.Interface())
		return
	}
	if p.sharp {
		p.write(typeName(t))
	}
	p.write("{")
	for i := range v.NumField() {
		f := u.Field(i)
		switch {
		case i > 0 && p.sharp:
			p.write(", ")
		case i > 0:
			p.write(" ")
		}
		if p.plus || p.sharp {
			p.write(f.Name() + ":")
		}
		p.print(v.Field(i), f.Type(), depth+1, exported && f.Exported())
	}
	p.write("}")
}

func (p *typePrinter) list(v reflect.Value, t, elem types.Type, depth int, exported, compiled bool) {
	bytes := v.Type().Elem().Kind() == reflect.Uint8 && strings.ContainsRune("sqxX", p.verb)
	if compiled || bytes {
		p.leaf(v.Interface())
		return
	}
	opening, sep, closing := "[", " ", "]"
	if p.sharp {
		if v.Kind() == reflect.Slice && v.IsNil() {
			p.write(typeName(t) + "(nil)")
			return
		}
		opening, sep, closing = typeName(t)+"{", ", ", "}"
	}
	p.write(opening)
	for i := range v.Len() {
		if i > 0 {
			p.write(sep)
		}
		p.print(v.Index(i), elem, depth+1, exported)
	}
	p.write(closing)
}

func (p *typePrinter) entries(v reflect.Value, t types.Type, u *types.Map, depth int, exported bool) {
	opening, sep, closing := "map[", " ", "]"
	key, elem := u.Key(), u.Elem()
	if t == nil {
		key, elem = nil, nil
	}
	if p.sharp {
		name := v.Type().String()
		if t != nil {
			name = typeName(t)
		}
		if v.IsNil() {
			p.write(name + "(nil)")
			return
		}
		opening, sep, closing = name+"{", ", ", "}"
	}
	p.write(opening)
	for i, k := range sortedKeys(v) {
		if i > 0 {
			p.write(sep)
		}
		p.print(k, key, depth+1, exported)
		p.write(":")
		p.print(v.MapIndex(k), elem, depth+1, exported)
	}
	p.write(closing)
}

// interpreted tells whether a named type is one of interpreted code.
func (s *Session) interpreted(n *types.Named) bool {
	p := n.Obj().Pkg()
	if p == nil {
		return false
	}
	lib := s.libraries[p.Path()]
	return p.Path() == mainPath || lib != nil && lib.Pkg == p
}
