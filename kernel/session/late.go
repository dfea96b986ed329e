package session

import (
	"go/ast"
	"go/types"
	"slices"

	"arch2vec/kernel/session/lower"
)

// lateMethods takes out of decls the methods of types that earlier cells have
// declared, which go/types would not accept, and puts functions in their place
// whose first parameter is the receiver. The types get the methods before the
// bodies are checked, so that these may call each other.
func (c *checker) lateMethods(pkg *types.Package, decls []ast.Decl, own map[string]bool) []ast.Decl {
	type late struct {
		decl *ast.FuncDecl // with its receiver
		fun  *ast.FuncDecl
		typ  *types.Named
	}
	var found []late
	var out []ast.Decl
	for _, d := range decls {
		fd, ok := d.(*ast.FuncDecl)
		if !ok || fd.Recv == nil || len(fd.Recv.List) != 1 || own[receiverName(fd)] {
			out = append(out, d)
			continue
		}
		tn, ok := pkg.Scope().Lookup(receiverName(fd)).(*types.TypeName)
		if !ok || tn.Pkg() == pkg {
			out = append(out, d)
			continue
		}
		named, ok := types.Unalias(tn.Type()).(*types.Named)
		switch {
		case !ok || tn.Pkg().Path() != mainPath:
			c.problem(fd.Recv.Pos(), "cannot define new methods on non-local type "+receiverName(fd))
			continue
		case named.TypeParams() != nil:
			c.problem(fd.Recv.Pos(), "methods of the generic type "+tn.Name()+" must be in the cell that declares it")
			continue
		case types.IsInterface(named):
			c.problem(fd.Recv.Pos(), "invalid receiver type "+tn.Name()+" (pointer or interface type)")
			continue
		}
		f := late{fd, methodFunc(fd), named}
		if c.s.exploring { // nothing may change
			out = append(out, f.fun)
			continue
		}
		found = append(found, f)
		out = append(out, f.fun)
	}
	if len(found) == 0 {
		return out
	}

	// Signatures first, in a package of their own.
	sigPkg := types.NewPackage(mainPath, "main")
	for _, n := range pkg.Scope().Names() {
		o := pkg.Scope().Lookup(n)
		if pn, ok := o.(*types.PkgName); ok {
			o = types.NewPkgName(pn.Pos(), sigPkg, n, pn.Imported())
		}
		sigPkg.Scope().Insert(o)
	}
	file := &ast.File{Package: c.p.pos, Name: ast.NewIdent("main"), GoVersion: goVersion}
	for _, d := range decls {
		if g, ok := d.(*ast.GenDecl); ok {
			file.Decls = append(file.Decls, g)
		}
	}
	for _, f := range found {
		bare := *f.fun
		bare.Body = nil
		file.Decls = append(file.Decls, &bare)
	}
	info := newInfo()
	conf := types.Config{Importer: c.s.imp, GoVersion: goVersion, Error: func(err error) {
		if e := err.(types.Error); !e.Soft {
			c.problem(e.Pos, e.Msg)
		}
	}}
	_ = types.NewChecker(&conf, c.s.fset, sigPkg, info).Files([]*ast.File{file})
	if len(c.problems) > 0 {
		return out
	}
	for _, f := range found {
		sig := info.Defs[f.fun.Name].(*types.Func).Signature()
		params := make([]*types.Var, sig.Params().Len()-1)
		for i := range params {
			params[i] = sig.Params().At(i + 1)
		}
		msig := types.NewSignatureType(sig.Params().At(0), nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic())
		name := f.decl.Name.Name
		if old := method(f.typ, name); old != nil {
			if !types.Identical(old.Type(), msig) {
				c.problem(f.decl.Name.Pos(), "method "+f.typ.Obj().Name()+"."+name+" has another signature, "+
					types.TypeString(old.Type(), noPackage)+"; declare the type again to change it")
				continue
			}
			if !c.s.phantoms[old] {
				f.fun.Name.Name = f.typ.Obj().Name() + "__" + name
				c.again = append(c.again, again{old, f.decl, f.fun})
				continue
			}
			c.late = append(c.late, lower.LateMethod{Method: old, Decl: f.fun})
			continue
		}
		m := types.NewFunc(f.decl.Name.Pos(), f.typ.Obj().Pkg(), name, msig)
		f.typ.AddMethod(m)
		c.s.phantoms[m] = true // until the cell has passed
		c.late = append(c.late, lower.LateMethod{Method: m, Decl: f.fun})
	}
	return out
}

func method(t *types.Named, name string) *types.Func {
	for i := range t.NumMethods() {
		if m := t.Method(i); m.Name() == name {
			return m
		}
	}
	return nil
}

// methodFunc writes a method as a function. The syntax is shared.
func methodFunc(d *ast.FuncDecl) *ast.FuncDecl {
	recv := *d.Recv.List[0]
	if len(recv.Names) == 0 {
		recv.Names = []*ast.Ident{{Name: "_", NamePos: recv.Type.Pos()}}
	}
	params := &ast.FieldList{Opening: d.Type.Params.Opening, Closing: d.Type.Params.Closing}
	params.List = append(params.List, &recv)
	for _, p := range d.Type.Params.List {
		q := *p
		if len(q.Names) == 0 { // all or none may have names
			q.Names = []*ast.Ident{{Name: "_", NamePos: q.Type.Pos()}}
		}
		params.List = append(params.List, &q)
	}
	return &ast.FuncDecl{
		Doc:  d.Doc,
		Name: &ast.Ident{Name: receiverName(d) + "." + d.Name.Name, NamePos: d.Name.NamePos},
		Type: &ast.FuncType{Func: d.Type.Func, Params: params, Results: d.Type.Results},
		Body: d.Body,
	}
}

// isLate tells whether a declaration of the cell became a late method.
func (c *checker) isLate(d *ast.FuncDecl) bool {
	for _, m := range c.late {
		if m.Decl.Body == d.Body && d.Recv != nil {
			return true
		}
	}
	return slices.ContainsFunc(c.again, func(a again) bool { return a.decl == d })
}

// again is a method that is there already, declared with the same signature.
type again struct {
	method *types.Func
	decl   *ast.FuncDecl
	fun    *ast.FuncDecl // the same as a function
}

// usesOfPhantoms reports uses of methods whose cell did not pass.
func (c *checker) usesOfPhantoms() {
	own := map[*types.Func]bool{}
	for _, m := range c.late {
		own[m.Method] = true
	}
	if len(c.s.phantoms) == len(own) {
		return
	}
	for e, sel := range c.info.Selections {
		if m, ok := sel.Obj().(*types.Func); ok && c.s.phantoms[m] && !own[m] {
			c.problem(e.Sel.Pos(), m.Name()+" undefined (type "+types.TypeString(sel.Recv(), noPackage)+" has no field or method "+m.Name()+")")
		}
	}
}

func noPackage(p *types.Package) string {
	if p.Path() == mainPath {
		return ""
	}
	return p.Name()
}
