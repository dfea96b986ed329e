package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strconv"
	"strings"

	"arch2vec/kernel/session/lower"
)

// goVersion is the language that cells are written in.
const goVersion = "go1.26"

// mainPath is the package path of interpreted code. Each check makes a package
// of its own with this path; go/types compares unexported names by path.
const mainPath = "main"

// checked is a cell that go/types found no fault with.
type checked struct {
	unit     lower.Unit
	declared map[string]types.Object // what later cells will see
	added    []string                // imports that were missing
	replaced []replacement           // methods
	warnings []problem
}

// newInfo returns the tables that lowering needs.
func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{},
	}
}

// check type-checks a cell against what earlier cells declared. Nothing of the
// session changes.
func (s *Session) check(p *parsed) (*checked, []problem) {
	c := &checker{s: s, p: p, info: newInfo(), declared: map[string]types.Object{}}
	c.imports()
	c.gophernotes()
	groups := place(p)
	for i, g := range groups {
		c.last = i == len(groups)-1
		c.group(g)
	}
	c.usesOfPhantoms()
	if len(c.problems) > 0 {
		return nil, c.sorted()
	}
	out := &checked{declared: c.declared, added: c.added, warnings: c.warnings}
	out.unit = lower.Unit{Pos: p.pos, Info: c.info, Body: p.stmts, Globals: c.globals, Late: c.late, Show: true}
	for _, d := range p.decls {
		if fd, ok := d.(*ast.FuncDecl); ok && !c.isLate(fd) {
			out.unit.Funcs = append(out.unit.Funcs, fd)
		}
	}
	for _, a := range c.again {
		out.unit.Funcs = append(out.unit.Funcs, a.fun)
		out.replaced = append(out.replaced, replacement{a.method, c.info.Defs[a.fun.Name].(*types.Func)})
	}
	return out, nil
}

type checker struct {
	s        *Session
	p        *parsed
	info     *types.Info
	declared map[string]types.Object
	globals  []*types.Var
	added    []string
	late     []lower.LateMethod
	again    []again
	problems []problem
	warnings []problem
	last     bool // the group that is checked ends the cell
}

func (c *checker) problem(pos token.Pos, msg string) {
	p := c.s.fset.Position(pos)
	c.problems = append(c.problems, problem{p.Line, p.Column, msg})
}

func (c *checker) sorted() []problem {
	sort.SliceStable(c.problems, func(i, j int) bool {
		a, b := c.problems[i], c.problems[j]
		return a.line < b.line || a.line == b.line && a.column < b.column
	})
	return c.problems
}

// imports declares the cell's imports, like everything at the level of the
// session, so that later cells have them too.
func (c *checker) imports() {
	for _, spec := range c.p.imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			c.problem(spec.Path.Pos(), "invalid import path")
			continue
		}
		pkg, err := c.s.imp.Import(path)
		if err != nil {
			c.problem(spec.Path.Pos(), "could not import "+path+" ("+err.Error()+")")
			continue
		}
		name := pkg.Name()
		if spec.Name != nil {
			name = spec.Name.Name
		}
		switch name {
		case "_":
		case ".":
			for _, n := range pkg.Scope().Names() {
				if o := pkg.Scope().Lookup(n); o.Exported() {
					c.declared[n] = o
				}
			}
		default:
			c.declared[name] = types.NewPkgName(spec.Pos(), nil, name, pkg)
		}
	}
}

// group checks declarations and the statements after them.
func (c *checker) group(g group) {
	pkg := types.NewPackage(mainPath, "main")
	file := &ast.File{Package: c.p.pos, Name: ast.NewIdent("main"), Decls: g.decls, GoVersion: goVersion}
	own := map[string]bool{}
	for _, d := range g.decls {
		for _, n := range declNames(d) {
			own[n] = true
		}
	}
	var run *ast.FuncDecl
	if len(g.stmts) > 0 {
		run = &ast.FuncDecl{
			Name: &ast.Ident{Name: "_", NamePos: c.p.pos},
			Type: &ast.FuncType{Params: &ast.FieldList{}},
			Body: &ast.BlockStmt{Lbrace: g.stmts[0].Pos(), List: g.stmts, Rbrace: g.stmts[len(g.stmts)-1].End()},
		}
		file.Decls = append(append([]ast.Decl{}, g.decls...), run)
	}
	for name := range c.p.idents {
		if o := c.lookup(name); o != nil && !own[name] {
			if pn, ok := o.(*types.PkgName); ok {
				o = types.NewPkgName(pn.Pos(), pkg, name, pn.Imported())
			}
			pkg.Scope().Insert(o)
		}
	}
	file.Decls = c.lateMethods(pkg, file.Decls, own)
	if len(c.problems) > 0 {
		return
	}
	c.addImports(pkg, file, own)
	conf := types.Config{Importer: c.s.imp, GoVersion: goVersion, Error: func(err error) { c.typeError(err.(types.Error), g.stmts) }}
	_ = types.NewChecker(&conf, c.s.fset, pkg, c.info).Files([]*ast.File{file})

	for _, name := range pkg.Scope().Names() {
		if o := pkg.Scope().Lookup(name); o.Pkg() == pkg && own[name] {
			c.declared[name] = o
		}
	}
	for _, s := range g.stmts {
		for _, i := range stmtNames(s) {
			if v, ok := c.info.Defs[i].(*types.Var); ok && v.Name() != "_" {
				c.globals = append(c.globals, v)
				c.declared[v.Name()] = v
			}
		}
	}
}

func (c *checker) lookup(name string) types.Object {
	if o := c.declared[name]; o != nil {
		return o
	}
	return c.s.scope[name]
}

// addImports declares the packages of Go's library that are used without an
// import, where the name means only one.
func (c *checker) addImports(pkg *types.Package, file *ast.File, own map[string]bool) {
	var local map[string]bool
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok || own[x.Name] || pkg.Scope().Lookup(x.Name) != nil || !sel.Sel.IsExported() {
			return true
		}
		path := c.s.knownPackage(x.Name)
		if path == "" {
			return true
		}
		if local == nil {
			local = localNames(file)
		}
		if local[x.Name] {
			return true
		}
		imported, err := c.s.imp.Import(path)
		if err != nil {
			return true
		}
		pkg.Scope().Insert(types.NewPkgName(token.NoPos, pkg, x.Name, imported))
		c.declared[x.Name] = types.NewPkgName(token.NoPos, nil, x.Name, imported)
		c.added = append(c.added, path)
		return true
	})
}

// localNames are the names that anything inside a file declares.
func localNames(file *ast.File) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, l := range n.Lhs {
					if i, ok := l.(*ast.Ident); ok {
						names[i.Name] = true
					}
				}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if i, ok := e.(*ast.Ident); ok {
					names[i.Name] = true
				}
			}
		case *ast.Field:
			for _, i := range n.Names {
				names[i.Name] = true
			}
		case *ast.ValueSpec:
			for _, i := range n.Names {
				names[i.Name] = true
			}
		case *ast.TypeSpec:
			names[n.Name.Name] = true
		}
		return true
	})
	return names
}

// typeError keeps go/types' errors but for those that a cell may have: unused
// variables, imports and values.
func (c *checker) typeError(e types.Error, stmts []ast.Stmt) {
	p := c.s.fset.Position(e.Pos)
	if e.Soft && strings.Contains(e.Msg, "and not used") {
		for _, s := range stmts {
			for _, i := range stmtNames(s) {
				if i.Pos() == e.Pos { // later cells may use it
					return
				}
			}
		}
		c.warnings = append(c.warnings, problem{p.Line, p.Column, e.Msg})
		return
	}
	if strings.HasSuffix(e.Msg, "is not used") {
		for i, s := range stmts {
			if x, ok := s.(*ast.ExprStmt); ok && x.Pos() <= e.Pos && e.Pos <= x.End() {
				if i < len(stmts)-1 || !c.last {
					c.warnings = append(c.warnings, problem{p.Line, p.Column, e.Msg})
				}
				return
			}
		}
	}
	if strings.HasPrefix(e.Msg, "implicit assignment to unexported field") && strings.Contains(e.Msg, "main.") {
		return // go/types compares packages, and each cell's is another
	}
	c.problem(e.Pos, e.Msg)
}
