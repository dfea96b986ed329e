package lower

import (
	"go/ast"
	"go/types"
	"strings"
)

// Compiled functions with parameters of type any do one of three things with
// what they get: print it, keep it and hand it back, or look into it by
// reflection.

// printing are packages whose functions print; fmt's own know our values.
var printing = map[string]bool{"log": true, "testing": true, "log/slog": true, "text/template": true, "html/template": true}

// keeping are packages that hand back what they were given.
var keeping = map[string]bool{"fmt": true, "container/heap": true, "container/list": true, "container/ring": true, "sync": true,
	"sync/atomic": true, "context": true, Runtime: true, displayPath: true, "errors": true, "encoding/json": true}

// replaced are compiled methods in whose place functions of the runtime are
// called, which know the types of what they get.
var replaced = map[string]string{
	"(*encoding/json.Encoder).Encode": "JSONEncode", "(*encoding/json.Decoder).Decode": "JSONDecode",
	"(reflect.Value).Type": "ReflectType", "(reflect.Value).Convert": "ReflectConvert",
}

// foreign converts an argument for a parameter of type any of compiled code.
func (f *fn) foreign(x ast.Expr, from types.Type, e *ast.CallExpr) ast.Expr {
	path := ""
	if o := f.calledObject(e); o != nil && o.Pkg() != nil {
		path = o.Pkg().Path()
	}
	if b, ok := from.(*types.Basic); ok && b.Kind() == types.UntypedNil {
		return x
	}
	scans := path == "fmt" && strings.Contains(f.calledName(e), "can") // it stores through pointers
	keeps := keeping[path] || path == "reflect" && f.calledName(e) == "TypeOf"
	if keeps && !scans && !strings.HasPrefix(f.calledName(e), "Is") {
		return f.convert(x, from, types.NewInterfaceType(nil, nil))
	}
	if printing[path] && f.l.named(from) && !strings.HasSuffix(path, "template") {
		return call(f.l.runtime("Printable", x.Pos()), f.convert(x, from, types.NewInterfaceType(nil, nil)))
	}
	if types.IsInterface(from) {
		if f.compiledInterface(from) {
			return x
		}
		return call(f.l.runtime("Native", x.Pos()), x)
	}
	if f.interpreted(from) && f.l.named(from) {
		reading := strings.HasPrefix(f.calledName(e), "Unmarshal") || strings.HasPrefix(f.calledName(e), "Decode")
		if n := f.looksFor(from, path, reading); n != nil {
			return f.toCompiled(x, from, n)
		}
		if t, m := f.hides(from, path, reading); m != "" {
			fail(x.Pos(), "package %s would not find the method %s of %s, which is inside what it is given; this is not supported by the interpreter", path, m, t)
		}
	}
	if holdsInterface(from) { // with boxes inside, perhaps
		return call(f.l.runtime("Native", x.Pos()), x)
	}
	switch ast.Unparen(x).(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr:
		if _, ok := from.Underlying().(*types.Basic); ok {
			return call(f.typ(types.Default(from), x.Pos()), x)
		}
	}
	return x
}

// holdsInterface tells whether values of a type hold interfaces, not counting
// what pointers point to.
func holdsInterface(t types.Type) bool {
	seen := map[types.Type]bool{}
	var in func(types.Type) bool
	in = func(t types.Type) bool {
		if t = types.Unalias(t); seen[t] {
			return false
		}
		seen[t] = true
		switch u := t.Underlying().(type) {
		case *types.Interface:
			return true
		case *types.Slice:
			return in(u.Elem())
		case *types.Array:
			return in(u.Elem())
		case *types.Map:
			return in(u.Key()) || in(u.Elem())
		case *types.Struct:
			for i := range u.NumFields() {
				if in(u.Field(i).Type()) {
					return true
				}
			}
		}
		return false
	}
	return in(t)
}

// marshalers are the interfaces that encoding packages look for.
var marshalers = map[string]struct{ writing, reading []string }{
	"encoding/xml": {[]string{"encoding/xml.Marshaler", "encoding.TextMarshaler"}, []string{"encoding/xml.Unmarshaler", "encoding.TextUnmarshaler"}},
	"encoding/gob": {[]string{"encoding/gob.GobEncoder"}, []string{"encoding/gob.GobDecoder"}},
}

// hides finds a type inside t with a method that an encoding package would have
// to find.
func (f *fn) hides(t types.Type, path string, reading bool) (at types.Type, method string) {
	if _, ok := marshalers[path]; !ok {
		return nil, ""
	}
	seen := map[types.Type]bool{}
	var in func(types.Type)
	in = func(t types.Type) {
		if t = types.Unalias(t); seen[t] || method != "" {
			return
		}
		seen[t] = true
		if n, ok := t.(*types.Named); ok {
			if !f.l.isSource(n.Obj().Pkg()) {
				return
			}
			if i := f.looksFor(types.NewPointer(n), path, reading); i != nil {
				at, method = n, i.Underlying().(*types.Interface).Method(0).Name()
				return
			}
		}
		switch u := t.Underlying().(type) {
		case *types.Pointer:
			in(u.Elem())
		case *types.Slice:
			in(u.Elem())
		case *types.Array:
			in(u.Elem())
		case *types.Map:
			in(u.Key())
			in(u.Elem())
		case *types.Struct:
			for i := range u.NumFields() {
				if u.Field(i).Exported() || u.Field(i).Embedded() {
					in(u.Field(i).Type())
				}
			}
		}
	}
	in(t)
	return at, method
}

// looksFor is the interface that functions of a package look for in what they
// get, if type t implements one.
func (f *fn) looksFor(t types.Type, path string, reading bool) *types.Named {
	names := marshalers[path].writing
	if reading {
		names = marshalers[path].reading
	}
	for _, name := range names {
		if f.l.Importer == nil {
			return nil
		}
		dot := strings.LastIndex(name, ".")
		pkg, err := f.l.Importer.Import(name[:dot])
		if err != nil {
			continue
		}
		n, ok := pkg.Scope().Lookup(name[dot+1:]).Type().(*types.Named)
		if ok && types.Implements(t, n.Underlying().(*types.Interface)) {
			return n
		}
	}
	return nil
}

func (f *fn) calledObject(e *ast.CallExpr) types.Object {
	switch x := ast.Unparen(e.Fun).(type) {
	case *ast.Ident:
		return f.info.Uses[x]
	case *ast.SelectorExpr:
		return f.info.Uses[x.Sel]
	}
	return nil
}

func (f *fn) calledName(e *ast.CallExpr) string {
	if o := f.calledObject(e); o != nil {
		return o.Name()
	}
	return ""
}
