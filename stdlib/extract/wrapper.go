package extract

import (
	"fmt"
	"go/types"
	"strings"
)

// addWrapper declares the type by which an interpreted value satisfies a
// compiled interface: a struct with a function for every method,
//
//	type _fmt_Stringer struct {
//		IValue  any
//		WString func() string
//	}
//	func (W _fmt_Stringer) String() string { return W.WString() }
//
// The interpreter finds it under the interface's name with "_" before, and
// relies on the names of the fields and on IValue being the first.
func (s *source) addWrapper(name string, iface *types.Interface) {
	wrapper := "_" + ident(s.pkg.Path()) + "_" + name
	var fields, methods strings.Builder
	for i := range iface.NumMethods() {
		m := iface.Method(i)
		sig := m.Signature()
		// An unexported method cannot be implemented elsewhere, and a type
		// that cannot be named cannot be written here. The wrapper is still
		// declared, without the method: the interpreter expects one.
		if !m.Exported() || !s.nameable(sig) {
			continue
		}
		params, args := s.params(sig)
		results := s.results(sig)
		fmt.Fprintf(&fields, "W%s func(%s) %s\n", m.Name(), params, results)
		fmt.Fprintf(&methods, "\nfunc (W %s) %s(%s) %s {", wrapper, m.Name(), params, results)
		if m.Name() == "String" {
			// fmt calls String on zero wrappers when it prints a struct.
			methods.WriteString(" if W.WString == nil { return \"\" };")
		}
		if sig.Results().Len() > 0 {
			methods.WriteString(" return")
		}
		fmt.Fprintf(&methods, " W.W%s(%s) }\n", m.Name(), args)
	}
	s.wrappers = append(s.wrappers, entry(name, "(*"+wrapper+")(nil)"))
	fmt.Fprintf(&s.decls, "\ntype %s struct {\nIValue any\n%s}\n%s", wrapper, fields.String(), methods.String())
}

func (s *source) params(sig *types.Signature) (params, args string) {
	var ps, as []string
	for i := range sig.Params().Len() {
		arg := fmt.Sprintf("a%d", i)
		t := sig.Params().At(i).Type()
		if sig.Variadic() && i == sig.Params().Len()-1 {
			ps = append(ps, arg+" ..."+types.TypeString(t.(*types.Slice).Elem(), s.qualify))
			as = append(as, arg+"...")
			continue
		}
		ps = append(ps, arg+" "+types.TypeString(t, s.qualify))
		as = append(as, arg)
	}
	return strings.Join(ps, ", "), strings.Join(as, ", ")
}

func (s *source) results(sig *types.Signature) string {
	var rs []string
	for i := range sig.Results().Len() {
		rs = append(rs, types.TypeString(sig.Results().At(i).Type(), s.qualify))
	}
	return "(" + strings.Join(rs, ", ") + ")"
}

// nameable reports whether generated code can write the type.
func (s *source) nameable(t types.Type) bool {
	switch t := t.(type) {
	case *types.Signature:
		return s.nameable(t.Params()) && s.nameable(t.Results())
	case *types.Tuple:
		for i := range t.Len() {
			if !s.nameable(t.At(i).Type()) {
				return false
			}
		}
		return true
	case *types.Named:
		for i := range t.TypeArgs().Len() {
			if !s.nameable(t.TypeArgs().At(i)) {
				return false
			}
		}
		return s.nameableObj(t.Obj())
	case *types.Alias:
		return s.nameableObj(t.Obj())
	case *types.Pointer:
		return s.nameable(t.Elem())
	case *types.Slice:
		return s.nameable(t.Elem())
	case *types.Array:
		return s.nameable(t.Elem())
	case *types.Chan:
		return s.nameable(t.Elem())
	case *types.Map:
		return s.nameable(t.Key()) && s.nameable(t.Elem())
	}
	return true
}

func (s *source) nameableObj(o *types.TypeName) bool {
	p := o.Pkg()
	return p == nil || o.Exported() && (p == s.pkg || !Hidden(p.Path()))
}
