package notebook

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// family is a function or method that cells declare several times with the same
// signature. In a session each version takes the place of the one before, for
// all code. In the program the versions have names of their own, a variable
// holds the one that is in force, and the function calls that.
type family struct {
	name     string           // of the function
	method   bool             // then receiver is the first parameter of call
	call     *types.Signature // of the variable
	members  []*ast.FuncDecl
	versions []string // their names
	variable string
}

// member adds a declaration to the functions with its name and signature.
func (e *exporter) member(name string, d *ast.FuncDecl, sig *types.Signature) *family {
	for _, f := range e.funcs[name] {
		if types.Identical(f.call, sig) {
			f.members = append(f.members, d)
			e.family[d] = f
			return f
		}
	}
	f := &family{name: e.unused(name), call: sig, members: []*ast.FuncDecl{d}}
	e.funcs[name] = append(e.funcs[name], f)
	e.families = append(e.families, f)
	e.family[d] = f
	return f
}

// method adds the declaration of a method. Its type may be of an earlier cell,
// and have got it only from this one.
func (e *exporter) method(c *exportedCell, d *ast.FuncDecl) {
	t := d.Recv.List[0].Type
	for {
		if star, ok := t.(*ast.StarExpr); ok {
			t = star.X
		} else if p, ok := t.(*ast.ParenExpr); ok {
			t = p.X
		} else {
			break
		}
	}
	id, ok := t.(*ast.Ident)
	if !ok {
		return // of a generic type: it cannot be declared again
	}
	tn, ok := c.Info.Uses[id].(*types.TypeName)
	if !ok {
		return
	}
	named, ok := types.Unalias(tn.Type()).(*types.Named)
	if !ok {
		return
	}
	for m := range named.Methods() {
		if m.Name() != d.Name.Name || m.Signature().Recv() == nil {
			continue
		}
		params := []*types.Var{m.Signature().Recv()}
		for p := range m.Signature().Params().Variables() {
			params = append(params, p)
		}
		key := fmt.Sprintf("%p.%s", tn, m.Name())
		for _, f := range e.funcs[key] {
			f.members = append(f.members, d)
			e.family[d] = f
			return
		}
		call := types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), m.Signature().Results(), m.Signature().Variadic())
		f := &family{name: m.Name(), method: true, call: call, members: []*ast.FuncDecl{d}}
		e.funcs[key] = append(e.funcs[key], f)
		e.families = append(e.families, f)
		e.family[d] = f
	}
}

// nameVersions names what is declared more than once.
func (e *exporter) nameVersions() {
	for _, f := range e.families {
		if len(f.members) == 1 {
			continue
		}
		for k := range f.members {
			f.versions = append(f.versions, e.unused(fmt.Sprintf("%s_v%d", f.name, k+1)))
		}
		f.variable = e.unused("latest_" + f.name)
		e.vars = append(e.vars, "\t"+f.variable+" "+typeMark(f.call))
	}
}

// version is the name of one declaration, where it is not the family's.
func (f *family) version(d *ast.FuncDecl) (name string, ok bool) {
	for k, m := range f.members {
		if m == d && f.versions != nil {
			return f.versions[k], true
		}
	}
	return "", false
}

// set puts a version in force; receiver is the source of the method's receiver
// type.
func (f *family) set(version, receiver string) string {
	if f.method {
		version = "(" + receiver + ")." + version
	}
	return f.variable + " = " + version
}

// forward is the function that calls the version in force, with marks for types.
func (f *family) forward() string {
	if f.versions == nil {
		return ""
	}
	var params, args []string
	n := f.call.Params().Len()
	for i := range n {
		p, arg := typeMark(f.call.Params().At(i).Type()), fmt.Sprintf("a%d", i)
		if i == n-1 && f.call.Variadic() {
			p = "..." + strings.TrimPrefix(p, "[]")
			args = append(args, arg+"...")
		} else {
			args = append(args, arg)
		}
		params = append(params, arg+" "+p)
	}
	receiver := ""
	if f.method {
		receiver, params = "("+params[0]+") ", params[1:]
	}
	result, give := "", ""
	if results := f.call.Results(); results.Len() > 0 {
		var list []string
		for v := range results.Variables() {
			list = append(list, typeMark(v.Type()))
		}
		result, give = " ("+strings.Join(list, ", ")+")", "return "
	}
	return fmt.Sprintf("// %s calls the version that the last cell to declare it has given.\nfunc %s%s(%s)%s { %s%s(%s) }\n\n",
		f.name, receiver, f.name, strings.Join(params, ", "), result, give, f.variable, strings.Join(args, ", "))
}
