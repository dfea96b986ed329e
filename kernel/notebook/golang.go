package notebook

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"

	"arch2vec/kernel/magic"
	"arch2vec/kernel/session"
)

// displayPath is the package that shows what is more than a number or a text.
const displayPath = "arch2vec/kernel/display"

// Go returns the notebook's code as the source of a main package that prints
// what the notebook shows as text. Cells become functions that main calls in
// order, their variables those of the package; where a notebook declares a name
// again, the later one has a number behind it.
//
// What only a notebook can do is an error that names the cell: magics, code that
// does not check, variables of types that have no name. Cells tagged
// skip-execution or skip-export are left out; a cell tagged raises-exception may panic.
//
// The program imports arch2vec/kernel/display only where a cell's value needs
// it. name stands in the comment at the top.
func (n *Notebook) Go(name string) ([]byte, error) {
	e, err := newExporter()
	if err != nil {
		return nil, err
	}
	if err := e.analyze(n); err != nil {
		return nil, err
	}
	e.nameAll()
	for _, c := range e.cells {
		if err := e.cell(c); err != nil {
			return nil, err
		}
	}
	src, err := e.file(name)
	if err != nil {
		return nil, err
	}
	return e.mend(src)
}

// exporter writes a notebook as a program.
type exporter struct {
	session  *session.Session
	cells    []*exportedCell
	names    map[types.Object]string // of what cells declare at their top level
	taken    map[string]bool
	imports  map[session.Import]string // to the name in the program
	order    []session.Import
	packages map[string]string    // import paths to the packages' own names
	vars     []string             // declarations
	funcs    map[string][]*family // by name, methods by type and name
	family   map[*ast.FuncDecl]*family
	families []*family
	code     strings.Builder
	shows    bool // the program calls show
}

type exportedCell struct {
	*session.Analysis
	cell   *Cell
	number int // among those with code, as errors count them
	inits  []string
	sets   []string // functions declared again, to be assigned first
}

func newExporter() (*exporter, error) {
	s, err := session.New(session.Options{})
	if err != nil {
		return nil, err
	}
	e := &exporter{
		session: s, names: map[types.Object]string{}, taken: map[string]bool{"main": true, "init": true, "show": true},
		imports: map[session.Import]string{}, packages: map[string]string{}, funcs: map[string][]*family{}, family: map[*ast.FuncDecl]*family{},
	}
	for _, n := range types.Universe.Names() {
		e.taken[n] = true
	}
	return e, nil
}

// analyze checks every cell.
func (e *exporter) analyze(n *Notebook) error {
	number := 0
	for _, c := range n.Cells {
		if c.Type != Code || strings.TrimSpace(c.Source) == "" || c.tagged("skip-execution") {
			continue
		}
		number++
		if c.tagged("skip-export") {
			continue
		}
		if m, line := magic.First(c.Source); m != "" {
			return fmt.Errorf("notebook: code cell %d, line %d: %s is for notebooks and cannot be exported to Go; "+
				"delete it, or tag its cell skip-export", number, line, m)
		}
		a, failed := e.session.Analyze(session.Cell{Number: number, Code: c.Source})
		if failed != nil && c.tagged("raises-exception") {
			continue // it fails in the notebook too
		}
		if failed != nil {
			return fmt.Errorf("notebook: code cell %d: %w", number, failed)
		}
		e.cells = append(e.cells, &exportedCell{Analysis: a, cell: c, number: number})
	}
	return nil
}

// unused returns a name that no cell has for anything, the given one if that is
// still free.
func (e *exporter) unused(name string) string {
	if !e.taken[name] {
		e.taken[name] = true
		return name
	}
	for k := 2; ; k++ {
		other := fmt.Sprintf("%s_%d", name, k)
		used := e.taken[other]
		for _, c := range e.cells {
			used = used || c.Idents[other]
		}
		if !used {
			e.taken[other] = true
			return other
		}
	}
}

// nameAll gives every object that a cell declares its name in the program.
func (e *exporter) nameAll() {
	for _, c := range e.cells {
		e.taken[fmt.Sprintf("cell%d", c.number)] = true
	}
	latest := map[string]types.Object{}
	for _, c := range e.cells {
		for _, i := range c.Imports {
			e.importName(i)
		}
		for _, d := range c.Decls {
			e.nameDecl(c, d, latest)
		}
		for _, v := range c.Globals {
			e.nameVar(v, latest)
		}
	}
	e.nameVersions()
}

// nameDecl names what a declaration declares.
func (e *exporter) nameDecl(c *exportedCell, d ast.Decl, latest map[string]types.Object) {
	name := func(id *ast.Ident) {
		if o := c.Info.Defs[id]; o != nil && id.Name != "_" {
			e.names[o] = e.unused(id.Name)
			latest[id.Name] = o
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil {
			e.method(c, d)
			return
		}
		fn, ok := c.Info.Defs[d.Name].(*types.Func)
		switch {
		case !ok || d.Name.Name == "_":
		case d.Name.Name == "init":
			e.names[fn] = e.unused(fmt.Sprintf("init%d", c.number))
			c.inits = append(c.inits, e.names[fn])
		case fn.Signature().TypeParams() != nil:
			name(d.Name)
		default:
			e.names[fn] = e.member(fn.Name(), d, fn.Signature()).name
			latest[fn.Name()] = fn
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				name(s.Name)
			case *ast.ValueSpec:
				for _, id := range s.Names {
					name(id)
				}
			}
		}
	}
}

// nameVar names a variable; one declared again with its type is the same.
func (e *exporter) nameVar(v *types.Var, latest map[string]types.Object) {
	if old, ok := latest[v.Name()].(*types.Var); ok && types.Identical(old.Type(), v.Type()) {
		e.names[v] = e.names[old]
	} else {
		e.names[v] = e.unused(v.Name())
		e.vars = append(e.vars, "\t"+e.names[v]+" "+typeMark(v.Type()))
	}
	latest[v.Name()] = v
}

// importName imports a package and returns its name in the program.
func (e *exporter) importName(i session.Import) string {
	name, ok := e.imports[i]
	if ok || i.Name == "." { // the names of a dot import are written out
		return name
	}
	if name = i.Name; name != "_" {
		name = e.unused(name)
	}
	e.imports[i] = name
	e.order = append(e.order, i)
	return name
}

// packageName is the program's name of a package that a cell calls local.
func (e *exporter) packageName(local string, p *types.Package) string {
	e.packages[p.Path()] = p.Name()
	return e.importName(session.Import{Name: local, Path: p.Path()})
}

// Types are written before the names of all objects are known, with marks in
// the place of names.
var mark = regexp.MustCompile("\u00ab([^\u00bb]*)\u00bb\\.(\\w+)")

// typeMark writes a type; «path» stands for a package. Cells' packages are told
// apart by where they are in memory.
func typeMark(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p.Path() == "main" {
			return fmt.Sprintf("\u00ab%p\u00bb", p)
		}
		return "\u00ab" + p.Path() + "\u00bb"
	})
}

// resolve puts names in the place of marks.
func (e *exporter) resolve(s string) (string, error) {
	own := map[string]string{}
	packages := map[string]*types.Package{}
	for o, name := range e.names {
		own[fmt.Sprintf("%p.%s", o.Pkg(), o.Name())] = name
	}
	for _, c := range e.cells {
		for _, tv := range c.Info.Types {
			collectPackages(tv.Type, packages, map[types.Type]bool{})
		}
	}
	var failed error
	out := mark.ReplaceAllStringFunc(s, func(m string) string {
		part := mark.FindStringSubmatch(m)
		if name, ok := own[part[1]+"."+part[2]]; ok {
			return name
		}
		p := packages[part[1]]
		if p == nil || !ast.IsExported(part[2]) {
			variable, _, _ := strings.Cut(strings.TrimSpace(s), " ")
			failed = fmt.Errorf("notebook: %s cannot be exported to Go: its type %s.%s cannot be named outside of its package; "+
				"declare it with an interface type or keep it inside a function", variable, path.Base(part[1]), part[2])
			return m
		}
		return e.packageName(p.Name(), p) + "." + part[2]
	})
	return out, failed
}

// collectPackages finds the packages of the types that t is made of.
func collectPackages(t types.Type, into map[string]*types.Package, seen map[types.Type]bool) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Named:
		if p := t.Obj().Pkg(); p != nil {
			into[p.Path()] = p
		}
		for i := range t.TypeArgs().Len() {
			collectPackages(t.TypeArgs().At(i), into, seen)
		}
	case *types.Alias:
		if p := t.Obj().Pkg(); p != nil {
			into[p.Path()] = p
		}
		collectPackages(t.Rhs(), into, seen)
	case *types.Map:
		collectPackages(t.Key(), into, seen)
		collectPackages(t.Elem(), into, seen)
	case *types.Signature:
		collectPackages(t.Params(), into, seen)
		collectPackages(t.Results(), into, seen)
	case *types.Tuple:
		for v := range t.Variables() {
			collectPackages(v.Type(), into, seen)
		}
	case *types.Struct:
		for f := range t.Fields() {
			collectPackages(f.Type(), into, seen)
		}
	case *types.Interface:
		for m := range t.Methods() {
			collectPackages(m.Type(), into, seen)
		}
	case interface{ Elem() types.Type }:
		collectPackages(t.Elem(), into, seen)
	}
}

// file puts the program together.
func (e *exporter) file(name string) ([]byte, error) {
	vars := make([]string, len(e.vars))
	for i, v := range e.vars {
		var err error
		if vars[i], err = e.resolve(v); err != nil {
			return nil, err
		}
	}
	show := ""
	if e.shows {
		display := e.packageName("display", types.NewPackage(displayPath, "display"))
		show = strings.ReplaceAll(`// show prints the value of a cell, as a notebook does.
func show(values ...any) {
	if d := display.Values(values, nil); len(d.Data) > 0 {
		if err := display.Display(d); err != nil {
			panic(err)
		}
	}
}
`, "display.", display+".")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// Exported by arch2vec from %s.\n\npackage main\n\n", name)
	if len(e.order) > 0 {
		b.WriteString("import (\n")
		lines := make([]string, 0, len(e.order))
		for _, i := range e.order {
			line := fmt.Sprintf("%q", i.Path)
			if local := e.imports[i]; local != e.packages[i.Path] || local != path.Base(i.Path) {
				line = local + " " + line
			}
			lines = append(lines, line)
		}
		slices.SortFunc(lines, func(a, b string) int {
			return strings.Compare(a[strings.Index(a, `"`):], b[strings.Index(b, `"`):])
		})
		b.WriteString(strings.Join(lines, "\n") + "\n)\n\n")
	}
	if len(vars) > 0 {
		b.WriteString("var (\n" + strings.Join(vars, "\n") + "\n)\n\n")
	}
	b.WriteString("func main() {\n")
	for _, c := range e.cells {
		if c.runs() {
			fmt.Fprintf(&b, "cell%d()\n", c.number)
		}
	}
	b.WriteString("}\n\n" + e.code.String())
	for _, f := range e.families {
		forward, err := e.resolve(f.forward())
		if err != nil {
			return nil, err
		}
		b.WriteString(forward)
	}
	b.WriteString(show)
	return []byte(b.String()), nil
}

// runs tells whether a cell has anything to do beside declaring.
func (c *exportedCell) runs() bool { return len(c.Stmts)+len(c.inits)+len(c.sets) > 0 }
