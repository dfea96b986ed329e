package lower

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// env says what a generic function's type parameters are in one instance.
type env map[*types.TypeParam]types.Type

// subst replaces the type parameters of f's instance and resolves aliases.
func (f *fn) subst(t types.Type) types.Type { return f.l.subst(f.env, t) }

func (l *Lowerer) subst(e env, t types.Type) types.Type {
	t = types.Unalias(t)
	if len(e) == 0 {
		return t
	}
	switch t := t.(type) {
	case *types.TypeParam:
		if r, ok := e[t]; ok {
			return types.Unalias(r)
		}
	case *types.Pointer:
		if el := l.subst(e, t.Elem()); el != t.Elem() {
			return types.NewPointer(el)
		}
	case *types.Slice:
		if el := l.subst(e, t.Elem()); el != t.Elem() {
			return types.NewSlice(el)
		}
	case *types.Array:
		if el := l.subst(e, t.Elem()); el != t.Elem() {
			return types.NewArray(el, t.Len())
		}
	case *types.Chan:
		if el := l.subst(e, t.Elem()); el != t.Elem() {
			return types.NewChan(t.Dir(), el)
		}
	case *types.Map:
		k, v := l.subst(e, t.Key()), l.subst(e, t.Elem())
		if k != t.Key() || v != t.Elem() {
			return types.NewMap(k, v)
		}
	case *types.Tuple:
		if r := l.substTuple(e, t); r != t {
			return r
		}
	case *types.Signature:
		p, r := l.substTuple(e, t.Params()), l.substTuple(e, t.Results())
		if p != t.Params() || r != t.Results() {
			return types.NewSignatureType(t.Recv(), nil, nil, p, r, t.Variadic())
		}
	case *types.Struct:
		changed := false
		fields := make([]*types.Var, t.NumFields())
		tags := make([]string, t.NumFields())
		for i := range fields {
			v := t.Field(i)
			tags[i] = t.Tag(i)
			s := l.subst(e, v.Type())
			changed = changed || s != types.Unalias(v.Type())
			fields[i] = types.NewField(v.Pos(), v.Pkg(), v.Name(), s, v.Embedded())
		}
		if changed {
			return types.NewStruct(fields, tags)
		}
	case *types.Interface:
		changed := false
		var methods []*types.Func
		for i := range t.NumMethods() {
			m := t.Method(i)
			s := l.subst(e, m.Signature())
			changed = changed || s != m.Type()
			methods = append(methods, types.NewFunc(m.Pos(), m.Pkg(), m.Name(), s.(*types.Signature)))
		}
		if changed {
			return types.NewInterfaceType(methods, nil).Complete()
		}
	case *types.Named:
		if t.TypeArgs() == nil {
			return l.substLocal(e, t)
		}
		args := make([]types.Type, t.TypeArgs().Len())
		changed := false
		for i := range args {
			a := t.TypeArgs().At(i)
			args[i] = l.subst(e, a)
			changed = changed || args[i] != a
		}
		if changed {
			inst, err := types.Instantiate(l.context, t.Origin(), args, false)
			if err != nil {
				fail(token.NoPos, "%v", err)
			}
			return inst
		}
	}
	return t
}

func (l *Lowerer) substTuple(e env, t *types.Tuple) *types.Tuple {
	vars := make([]*types.Var, t.Len())
	changed := false
	for i := range vars {
		v := t.At(i)
		s := l.subst(e, v.Type())
		changed = changed || s != types.Unalias(v.Type())
		vars[i] = types.NewParam(v.Pos(), v.Pkg(), v.Name(), s)
	}
	if !changed {
		return t
	}
	return types.NewTuple(vars...)
}

// localInst is a type declared inside a generic function, in one instance.
type localInst struct {
	origin *types.Named
	args   []types.Type
	typ    *types.Named
}

// substLocal gives a type declared inside a generic function an identity per
// instance.
func (l *Lowerer) substLocal(e env, t *types.Named) types.Type {
	o := t.Obj()
	if o.Pkg() == nil || !l.isSource(o.Pkg()) || o.Parent() == o.Pkg().Scope() || !mentions(t, e) {
		return t
	}
	args := make([]types.Type, 0, len(e))
	for _, p := range sortedParams(e) {
		args = append(args, e[p])
	}
	for _, li := range l.locals {
		if li.origin == t && identicalAll(li.args, args) {
			return li.typ
		}
	}
	n := types.NewNamed(types.NewTypeName(o.Pos(), o.Pkg(), o.Name(), nil), nil, nil)
	l.locals = append(l.locals, &localInst{t, args, n})
	n.SetUnderlying(l.subst(e, t.Underlying()))
	return n
}

// mentions tells whether a local type's definition uses a type parameter of e.
func mentions(t *types.Named, e env) bool {
	seen := map[types.Type]bool{}
	var in func(types.Type) bool
	in = func(t types.Type) bool {
		t = types.Unalias(t)
		if seen[t] {
			return false
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.TypeParam:
			_, ok := e[t]
			return ok
		case *types.Interface:
			for i := range t.NumMethods() {
				if in(t.Method(i).Type()) {
					return true
				}
			}
		case *types.Named:
			for i := range t.TypeArgs().Len() {
				if in(t.TypeArgs().At(i)) {
					return true
				}
			}
			if t.TypeArgs() == nil && t.Obj().Pkg() != nil && t.Obj().Parent() != t.Obj().Pkg().Scope() {
				return in(t.Underlying())
			}
		}
		return slices.ContainsFunc(parts(t), in)
	}
	return in(t)
}

func sortedParams(e env) []*types.TypeParam {
	ps := make([]*types.TypeParam, 0, len(e))
	for p := range e {
		ps = append(ps, p)
	}
	slices.SortFunc(ps, func(a, b *types.TypeParam) int {
		return cmp.Or(cmp.Compare(a.Obj().Pos(), b.Obj().Pos()), cmp.Compare(a.Index(), b.Index()))
	})
	return ps
}

func identicalAll(a, b []types.Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !types.Identical(a[i], b[i]) {
			return false
		}
	}
	return true
}

// instance is a generic function for given type arguments.
type instance struct {
	origin *types.Func
	args   []types.Type
	name   string
}

// instantiate returns the name of a generic function's instance, lowering it
// when it is first asked for.
func (l *Lowerer) instantiate(fn *types.Func, args []types.Type, pos token.Pos) ast.Expr {
	src := l.funcs[fn]
	if src == nil && fn.Pkg() != nil {
		if lib := l.library(fn.Pkg().Path()); lib != nil {
			if o, ok := lib.Pkg.Scope().Lookup(fn.Name()).(*types.Func); ok {
				fn = o
				src = l.funcs[fn]
			}
		}
	}
	if src == nil || src.decl.Body == nil {
		fail(pos, "generic function %s is not supported by the interpreter", fn.FullName())
	}
	for _, i := range l.insts[fn] {
		if identicalAll(i.args, args) {
			return id(i.name, pos)
		}
	}
	inst := l.addInstance(fn, args, fn.Name(), pos)
	e := env{}
	params := fn.Signature().TypeParams()
	for i := range params.Len() {
		e[params.At(i)] = args[i]
	}
	l.queueFunc(src.decl, fn, src.info, inst.name, e)
	return id(inst.name, pos)
}

// addInstance names an instance until the unit is undone.
func (l *Lowerer) addInstance(fn *types.Func, args []types.Type, base string, pos token.Pos) *instance {
	list := l.insts[fn]
	if len(list) > 1000 {
		fail(pos, "too many instances of generic function %s", fn.Name())
	}
	inst := &instance{fn, args, l.fresh(base)}
	l.insts[fn] = append(list, inst)
	l.journal = append(l.journal, func() { l.insts[fn] = list })
	return inst
}

// AddLibrary makes a library's functions known.
func (l *Lowerer) AddLibrary(lib *Library) {
	for _, file := range lib.Files {
		for _, d := range file.Decls {
			if d, ok := d.(*ast.FuncDecl); ok {
				if fn, ok := lib.Info.Defs[d.Name].(*types.Func); ok {
					l.funcs[fn] = &source{d, lib.Info}
				}
			}
		}
	}
}
