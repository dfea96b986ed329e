package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// typ writes a type with the names of lowered code. Aliases and type parameters
// are resolved, named types declared as they are met.
func (f *fn) typ(t types.Type, pos token.Pos) ast.Expr {
	switch t := f.subst(t).(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return f.l.qualified("unsafe", "Pointer", pos)
		}
		if t.Info()&types.IsUntyped != 0 {
			if t.Kind() == types.UntypedNil {
				return id("any", pos)
			}
			t = types.Default(t).(*types.Basic)
		}
		return id(t.Name(), pos)
	case *types.Named:
		return f.namedType(t, pos)
	case *types.Pointer:
		return &ast.StarExpr{Star: pos, X: f.typ(t.Elem(), pos)}
	case *types.Slice:
		return &ast.ArrayType{Lbrack: pos, Elt: f.typ(t.Elem(), pos)}
	case *types.Array:
		return &ast.ArrayType{Lbrack: pos, Len: intLit(t.Len(), pos), Elt: f.typ(t.Elem(), pos)}
	case *types.Map:
		return &ast.MapType{Map: pos, Key: f.typ(t.Key(), pos), Value: f.typ(t.Elem(), pos)}
	case *types.Chan:
		c := &ast.ChanType{Begin: pos, Dir: ast.SEND | ast.RECV, Value: f.typ(t.Elem(), pos)}
		switch t.Dir() {
		case types.SendOnly:
			c.Dir = ast.SEND
		case types.RecvOnly:
			c.Dir = ast.RECV
		}
		return c
	case *types.Struct:
		return f.structType(t, pos)
	case *types.Interface:
		return id("any", pos)
	case *types.Signature:
		return f.funcType(t, nil, pos)
	case *types.TypeParam:
		fail(pos, "type parameter %s outside of its function", t)
	case *types.Tuple:
		fail(pos, "several values where one is expected")
	}
	fail(pos, "unknown type %v", t)
	return nil
}

func (f *fn) namedType(t *types.Named, pos token.Pos) ast.Expr {
	o := t.Obj()
	switch {
	case o.Pkg() == nil: // error, comparable
		return id(o.Name(), pos)
	case f.l.isSource(o.Pkg()):
		if _, isStruct := t.Underlying().(*types.Struct); !isStruct && !recursive(t) {
			return f.typ(t.Underlying(), pos)
		}
		name := f.l.typeName(t, pos)
		if f.l.isMade(t) {
			return f.l.qualified(Types, name, pos)
		}
		return id(name, pos)
	case t.TypeArgs() != nil:
		if lib := f.l.library(o.Pkg().Path()); lib != nil {
			if src, ok := lib.Pkg.Scope().Lookup(o.Name()).(*types.TypeName); ok && src.Type() != t.Origin() {
				args := make([]types.Type, t.TypeArgs().Len())
				for i := range args {
					args[i] = t.TypeArgs().At(i)
				}
				inst, err := types.Instantiate(f.l.context, src.Type(), args, false)
				if err == nil {
					return f.typ(inst, pos)
				}
			}
		}
		if t.NumMethods() > 0 {
			fail(pos, "generic type %s is not supported by the interpreter", t)
		}
		return f.typ(t.Underlying(), pos)
	case !o.Exported() || o.Parent() != o.Pkg().Scope():
		fail(pos, "unexported type %s of a compiled package cannot be named here", t)
	}
	return f.l.qualified(o.Pkg().Path(), o.Name(), pos)
}

// structType spells embedded fields as plain ones: promotion is resolved where
// it is used.
func (f *fn) structType(t *types.Struct, pos token.Pos) ast.Expr {
	list := &ast.FieldList{Opening: pos, Closing: pos}
	for i := range t.NumFields() {
		v := t.Field(i)
		name := v.Name()
		if name == "_" {
			name = "blank__" + strconv.Itoa(i)
		}
		fd := field(exported(name), f.typ(v.Type(), pos))
		tag := t.Tag(i)
		if !v.Exported() && tag == "" {
			tag = `json:"-" xml:"-"` // exported as far as reflection is concerned
		}
		if tag != "" {
			fd.Tag = lit(token.STRING, strconv.Quote(tag), pos)
		}
		list.List = append(list.List, fd)
	}
	return &ast.StructType{Struct: pos, Fields: list}
}

// funcType writes a signature; name, where it is given, names the parameters
// and results.
func (f *fn) funcType(s *types.Signature, name func(*types.Var) string, pos token.Pos) *ast.FuncType {
	t := &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}}
	for i := range s.Params().Len() {
		v := s.Params().At(i)
		var typ ast.Expr
		if s.Variadic() && i == s.Params().Len()-1 {
			elem := types.Type(types.Typ[types.Byte]) // append([]byte, string...)
			if sl, ok := f.subst(v.Type()).(*types.Slice); ok {
				elem = sl.Elem()
			}
			typ = &ast.Ellipsis{Ellipsis: pos, Elt: f.typ(elem, pos)}
		} else {
			typ = f.typ(v.Type(), pos)
		}
		n := ""
		if name != nil {
			n = name(v)
		}
		t.Params.List = append(t.Params.List, field(n, typ))
	}
	if s.Results().Len() > 0 {
		t.Results = &ast.FieldList{Opening: pos, Closing: pos}
		for i := range s.Results().Len() {
			v := s.Results().At(i)
			n := ""
			if name != nil && v.Name() != "" {
				n = name(v)
			}
			t.Results.List = append(t.Results.List, field(n, f.typ(v.Type(), pos)))
		}
	}
	return t
}

// isSource tells whether a package is lowered rather than compiled.
func (l *Lowerer) isSource(p *types.Package) bool {
	if p == nil {
		return false
	}
	if p.Path() == l.main {
		return true
	}
	lib := l.library(p.Path())
	return lib != nil && lib.Pkg == p
}

func (l *Lowerer) library(path string) *Library {
	if l.generic == nil {
		return nil
	}
	return l.generic(path)
}

// recursive tells whether a type that is no struct is made of itself.
func recursive(t *types.Named) bool {
	seen := map[types.Type]bool{}
	var in func(types.Type) bool
	in = func(u types.Type) bool {
		u = types.Unalias(u)
		if u == t {
			return true
		}
		if seen[u] {
			return false
		}
		seen[u] = true
		if n, ok := u.(*types.Named); ok {
			switch n.Underlying().(type) {
			case *types.Struct, *types.Interface, *types.Basic:
				return false
			}
			return in(n.Underlying())
		}
		return slices.ContainsFunc(parts(u), in)
	}
	return in(t.Underlying())
}

// typeName returns the name of a named struct type of lowered code, declaring
// it when it is first met. Other types have no names there.
func (l *Lowerer) typeName(t *types.Named, pos token.Pos) string {
	if n, ok := l.declared.At(t).(string); ok {
		return n
	}
	name := l.fresh(t.Obj().Name())
	l.remember(&l.declared, t, name)

	f := l.newFn(nil, nil)
	if l.isMade(t) {
		l.makeType(t, name)
		return name
	}
	spec := &ast.TypeSpec{Name: id(name, pos)}
	decl := &ast.GenDecl{Tok: token.TYPE, TokPos: pos, Specs: []ast.Spec{spec}}
	l.out.types = append(l.out.types, decl)
	if f.isRecursive(t) {
		spec.Type = recursiveType(name, pos)
		return name
	}
	spec.Type = f.typ(t.Underlying(), pos)
	if st, ok := spec.Type.(*ast.StructType); ok {
		nameStruct(st, name)
	}
	return name
}

// nameStruct tells a named struct type from others: two with the same fields are
// one to package reflect, on which the interpreter relies, but for their tags.
func nameStruct(st *ast.StructType, name string) {
	if len(st.Fields.List) == 0 {
		return
	}
	first := st.Fields.List[0]
	tag := ""
	if first.Tag != nil {
		tag, _ = strconv.Unquote(first.Tag.Value)
		tag += " "
	}
	first.Tag = lit(token.STRING, strconv.Quote(tag+`type:"`+name+`"`), st.Struct)
}
