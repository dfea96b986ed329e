package session

import (
	"fmt"
	"go/ast"
	"reflect"
	"strconv"
	"unsafe"

	"github.com/traefik/yaegi/interp"

	"arch2vec/kernel/session/lower"
)

// typeMaker makes the struct types that are made of themselves; see package
// lower. Package reflect has no way to: a type is first made with stand-ins of
// the same layout for what is not there yet, and these are replaced in place.
type typeMaker struct {
	s        *Session
	made     map[string]reflect.Type
	declared map[string]ast.Expr // of the interpreter's own types
}

func newTypeMaker(s *Session) *typeMaker {
	return &typeMaker{s, map[string]reflect.Type{}, map[string]ast.Expr{}}
}

// make makes a unit's types and declares them to the interpreter.
func (m *typeMaker) make(low *lower.Result) error {
	imports := map[string]string{}
	for _, d := range low.File.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, sp := range g.Specs {
			switch sp := sp.(type) {
			case *ast.ImportSpec:
				imports[sp.Name.Name], _ = strconv.Unquote(sp.Path.Value)
			case *ast.TypeSpec:
				m.declared[sp.Name.Name] = sp.Type
			}
		}
	}
	if len(low.Made) == 0 {
		return nil
	}
	u := &madeUnit{typeMaker: m, imports: imports, open: map[string]*ast.StructType{}}
	for _, t := range low.Made {
		u.open[t.Name] = t.Type
	}
	table := map[string]reflect.Value{}
	for _, t := range low.Made {
		table[t.Name] = reflect.Zero(reflect.PointerTo(u.layout(t.Name)))
	}
	u.open = nil
	for _, t := range low.Made {
		for i, f := range t.Type.Fields.List {
			setFieldType(m.made[t.Name], i, u.typ(f.Type))
		}
	}
	if u.err != nil {
		return u.err
	}
	return m.s.in.Use(interp.Exports{lower.Types + "/" + lower.Types: table})
}

// madeUnit makes the types of one unit.
type madeUnit struct {
	*typeMaker
	imports map[string]string
	open    map[string]*ast.StructType // not complete yet
	err     error
}

type standIn struct{}

// layout makes a type with stand-ins.
func (u *madeUnit) layout(name string) reflect.Type {
	if t := u.made[name]; t != nil {
		return t
	}
	t := u.structOf(u.open[name])
	u.made[name] = t
	return t
}

// typ is the type that an expression of lowered code means; what it refers to by
// a pointer or the like is a stand-in while there are open types.
func (u *madeUnit) typ(e ast.Expr) reflect.Type {
	inside := u.typ
	if u.open != nil {
		inside = func(ast.Expr) reflect.Type { return reflect.TypeFor[standIn]() }
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return u.typ(e.X)
	case *ast.Ident:
		if t := basicTypes[e.Name]; t != nil {
			return t
		}
		if d := u.declared[e.Name]; d != nil {
			return u.typ(d)
		}
	case *ast.SelectorExpr:
		return u.imported(u.imports[e.X.(*ast.Ident).Name], e.Sel.Name)
	case *ast.StarExpr:
		return reflect.PointerTo(inside(e.X))
	case *ast.ArrayType:
		if e.Len == nil {
			return reflect.SliceOf(inside(e.Elt))
		}
		n, _ := strconv.Atoi(e.Len.(*ast.BasicLit).Value)
		return reflect.ArrayOf(n, u.typ(e.Elt))
	case *ast.MapType:
		if u.open != nil {
			return reflect.TypeFor[map[int]standIn]()
		}
		return reflect.MapOf(u.typ(e.Key), u.typ(e.Value))
	case *ast.ChanType:
		dir := reflect.BothDir
		switch e.Dir {
		case ast.SEND:
			dir = reflect.SendDir
		case ast.RECV:
			dir = reflect.RecvDir
		}
		return reflect.ChanOf(dir, inside(e.Value))
	case *ast.FuncType:
		if u.open != nil {
			return reflect.TypeFor[func(standIn)]()
		}
		in, variadic := u.fields(e.Params)
		out, _ := u.fields(e.Results)
		return reflect.FuncOf(in, out, variadic)
	case *ast.StructType:
		return u.structOf(e)
	}
	u.err = fmt.Errorf("a type made of itself holds %T, which is not supported", e)
	return reflect.TypeFor[standIn]()
}

func (u *madeUnit) structOf(e *ast.StructType) reflect.Type {
	var fields []reflect.StructField
	for _, f := range e.Fields.List {
		sf := reflect.StructField{Name: f.Names[0].Name, Type: u.typ(f.Type)}
		if f.Tag != nil {
			tag, _ := strconv.Unquote(f.Tag.Value)
			sf.Tag = reflect.StructTag(tag)
		}
		fields = append(fields, sf)
	}
	return reflect.StructOf(fields)
}

func (u *madeUnit) fields(list *ast.FieldList) (out []reflect.Type, variadic bool) {
	if list == nil {
		return nil, false
	}
	for _, f := range list.List {
		if v, ok := f.Type.(*ast.Ellipsis); ok {
			return append(out, reflect.SliceOf(u.typ(v.Elt))), true
		}
		out = append(out, u.typ(f.Type))
	}
	return out, false
}

// imported is a type of a compiled package, or one that was made.
func (u *madeUnit) imported(path, name string) reflect.Type {
	if path == lower.Types {
		return u.layout(name)
	}
	if path == "unsafe" {
		return reflect.TypeFor[unsafe.Pointer]()
	}
	exports, err := u.s.symbols.Exports(path)
	if err == nil {
		for _, table := range exports {
			if v, ok := table[name]; ok && v.Kind() == reflect.Pointer {
				return v.Type().Elem()
			}
		}
	}
	u.err = fmt.Errorf("the type %s of package %s is not known", name, path)
	return reflect.TypeFor[standIn]()
}

var basicTypes = func() map[string]reflect.Type {
	m := map[string]reflect.Type{"any": reflect.TypeFor[any](), "error": reflect.TypeFor[error](), "byte": reflect.TypeFor[byte](), "rune": reflect.TypeFor[rune]()}
	for _, x := range []any{false, "", 0, int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0), uint32(0), uint64(0),
		uintptr(0), float32(0), float64(0), complex64(0), complex128(0)} {
		t := reflect.TypeOf(x)
		m[t.Name()] = t
	}
	return m
}()

// setFieldType replaces the type of a field by one of the same layout. The
// structs are the beginnings of package reflect's own.
func setFieldType(t reflect.Type, i int, to reflect.Type) {
	word := func(t *reflect.Type) unsafe.Pointer { return (*[2]unsafe.Pointer)(unsafe.Pointer(t))[1] }
	// abi.StructType is an abi.Type, the package's path and the fields; a field
	// its name, type and offset.
	type field struct {
		_, typ unsafe.Pointer
		_      uintptr
	}
	s := (*struct {
		typ    [typeSize]byte
		pkg    unsafe.Pointer
		fields []field
	})(word(&t))
	s.fields[i].typ = word(&to)
}

// typeSize is the size of internal/abi.Type: size, pointer bytes, equality and the
// collector's data, as words, and 16 bytes of hash, flags, alignments, kind and
// offsets.
const typeSize = 4*unsafe.Sizeof(uintptr(0)) + 16
