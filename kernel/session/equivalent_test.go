package session

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What compiled Go makes of the corpus. Every session has an equivalent
// program: the same code, with each cell's statements in a function of its own,
// the variables of the top level at package level, and what a later cell
// declares again under another name. The programs are packages of one command.
//
//	CORPUS=compile go test -run TestCompiledSessions   # compare
//	CORPUS=write   go test -run TestCompiledSessions   # write what cells print and show

// compiledGroups are the files whose expectations come from the compiler.
var compiledGroups = []string{"idioms", "language", "functions", "declarations", "variables", "calls"}

func TestCompiledSessions(t *testing.T) {
	mode := os.Getenv("CORPUS")
	if mode != "compile" && mode != "write" {
		t.Skip("CORPUS=compile compares the corpus with compiled Go")
	}
	var sessions []testSession
	groups := map[string][]testSession{}
	if g := os.Getenv("CORPUS_GROUP"); g != "" {
		compiledGroups = []string{g}
	}
	for _, g := range compiledGroups {
		groups[g] = readSessions(t, "testdata/sessions/"+g+".txt")
		sessions = append(sessions, groups[g]...)
	}
	results := compileAndRun(t, sessions)
	i := 0
	for _, g := range compiledGroups {
		for k, s := range groups[g] {
			got := results[i]
			i++
			if got == nil {
				t.Errorf("%s/%s: no results", g, s.name)
				continue
			}
			for c := range s.cells {
				cell, ran := &groups[g][k].cells[c], got[c]
				if cell.hasFails {
					if strings.HasPrefix(cell.fails, "panic") != ran.panics {
						t.Errorf("%s/%s cell %d: compiled panics: %v, want %q", g, s.name, c+1, ran.panics, cell.fails)
					}
				}
				if mode == "write" {
					cell.prints, cell.shows, cell.hasShows = ran.prints, ran.shows, ran.hasShows
					continue
				}
				if cell.prints != ran.prints || cell.shows != ran.shows {
					t.Errorf("%s/%s cell %d: compiled prints %q and shows %q; the corpus says %q and %q",
						g, s.name, c+1, ran.prints, ran.shows, cell.prints, cell.shows)
				}
			}
		}
		if mode == "write" && !t.Failed() {
			if err := writeSessions("testdata/sessions/"+g+".txt", groups[g]); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// ran is what a compiled cell did.
type ran struct {
	prints, shows    string
	hasShows, panics bool
}

// The equivalent program writes marks between the cells' output.
const (
	cellMark, showMark, panicMark = "\x01cell ", "\x01show ", "\x01panic "
)

func compileAndRun(t *testing.T, sessions []testSession) [][]ran {
	dir, err := os.MkdirTemp("testdata", "compiled")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var imports, calls strings.Builder
	for i, s := range sessions {
		pkg := fmt.Sprintf("corpus%03d", i)
		src, err := equivalent(pkg, s)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		if err := os.MkdirAll(filepath.Join(dir, pkg), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, pkg, pkg+".go"), src, 0o644); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&imports, "%q\n", "arch2vec/kernel/session/"+filepath.ToSlash(dir)+"/"+pkg)
		fmt.Fprintf(&calls, "run(%d, %s.Cells__[:])\n", i, pkg)
	}
	program := fmt.Sprintf(`package main
import (
%s
"fmt"
)
func main() {
%s
}
func run(session int, cells []func()) {
	for i, c := range cells { cell(session, i, c) }
}
func cell(session, i int, f func()) {
	fmt.Printf("\n%s%%d %%d\n", session, i)
	defer func() {
		if r := recover(); r != nil { fmt.Printf("\n%s%%v", r) }
	}()
	f()
}
`, imports.String(), calls.String(), cellMark, panicMark)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(t.TempDir(), "corpus")
	if out, err := exec.Command("go", "build", "-o", exe, "./"+dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(exe)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	results := make([][]ran, len(sessions))
	for i, s := range sessions {
		results[i] = make([]ran, len(s.cells))
	}
	for _, part := range strings.Split(out.String(), "\n"+cellMark)[1:] {
		head, body, _ := strings.Cut(part, "\n")
		var i, c int
		fmt.Sscan(head, &i, &c)
		body = compiledPath.ReplaceAllString(body, "")
		body = strings.ReplaceAll(body, fmt.Sprintf("corpus%03d.", i), "main.")
		for k := range 9 { // names of what was declared again
			body = strings.ReplaceAll(body, fmt.Sprintf("__v%d", k), "")
		}
		r := &results[i][c]
		body, _, r.panics = strings.Cut(body, "\n"+panicMark)
		body, r.shows, r.hasShows = strings.Cut(body, "\n"+showMark)
		r.prints = trimLines(body)
		r.shows = strings.TrimSuffix(trimLines(r.shows), "\n")
	}
	return results
}

// compiledPath is before a package's name in the names of instances.
var compiledPath = regexp.MustCompile(`arch2vec/kernel/session/testdata/compiled\d+/`)

// translator writes a session's equivalent program.
type translator struct {
	s        *Session
	names    map[types.Object]string // of what cells declare at their top level
	versions map[string]int
	imports  map[string]string // local name by path
	vars     map[string]*types.Var
	order    []string // of vars

	decls, cells strings.Builder
	relinked     map[types.Object]string // functions called through a variable
}

func equivalent(pkg string, ts testSession) ([]byte, error) {
	s, err := New(Options{})
	if err != nil {
		return nil, err
	}
	tr := &translator{s: s, names: map[types.Object]string{}, versions: map[string]int{}, imports: map[string]string{},
		vars: map[string]*types.Var{}, relinked: map[types.Object]string{}}
	var all []*translated
	for i, c := range ts.cells {
		if c.hasFails && !strings.HasPrefix(c.fails, "panic") {
			all = append(all, nil)
			continue
		}
		x, err := tr.check(i, c.code)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w\n%s", i+1, err, c.code)
		}
		all = append(all, x)
	}
	fmt.Fprintf(&tr.cells, "var Cells__ = [...]func(){\n")
	for _, x := range all {
		tr.cell(x)
	}
	tr.cells.WriteString("}\n")

	var out strings.Builder
	fmt.Fprintf(&out, "package %s\n", pkg)
	tr.imports["fmt"], tr.imports["strings"], tr.imports[displayPath] = "pkg__fmt", "pkg__strings", "pkg__display"
	for path, name := range tr.imports {
		fmt.Fprintf(&out, "import %s %q\n", name, path)
	}
	out.WriteString(`func show__(values ...any) {
	var texts []string
	for _, v := range values { texts = append(texts, pkg__display.TextAs(v, nil)) }
	pkg__fmt.Print("\n` + showMark + `", pkg__strings.Join(texts, " "))
}
`)
	for _, name := range tr.order {
		fmt.Fprintf(&out, "var %s %s\n", name, tr.typeText(tr.vars[name].Type()))
	}
	out.WriteString(tr.decls.String() + tr.cells.String())
	src, err := format.Source([]byte(out.String()))
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out.String())
	}
	return src, nil
}

// translated is a checked cell.
type translated struct {
	src    string // of the composed file
	p      *parsed
	c      *checked
	relink []string // assignments that make redefined functions current
}

func (tr *translator) check(i int, code string) (*translated, error) {
	s := tr.s
	t := text{fmt.Sprintf("cell[%d]", i+1), code}
	file := s.addText(t)
	p, problems := parseCell(s.fset, file, code)
	if len(problems) > 0 {
		return nil, t.failure("SyntaxError", problems)
	}
	c, problems := s.check(p)
	if len(problems) > 0 {
		return nil, t.failure("TypeError", problems)
	}
	chunks, _, _ := split(code)
	x := &translated{compose(file, code, chunks), p, c, nil}
	names := make([]string, 0, len(c.declared))
	for n := range c.declared {
		names = append(names, n)
	}
	slices.Sort(names)
	var now []types.Object // a name may be declared several times in a cell
	for _, v := range c.unit.Globals {
		now = append(now, v)
	}
	for _, n := range names {
		if o := c.declared[n]; !slices.Contains(now, o) {
			now = append(now, o)
		}
	}
	for _, o := range now {
		tr.declare(x, o)
	}
	s.commit(p, c)
	return x, nil
}

func (tr *translator) declare(x *translated, o types.Object) {
	if _, ok := o.(*types.PkgName); ok || o.Pkg() == nil || o.Pkg().Path() != mainPath {
		return
	}
	old := tr.s.scope[o.Name()]
	if v, ok := o.(*types.Var); ok {
		if ov, ok := old.(*types.Var); ok && types.Identical(ov.Type(), v.Type()) {
			tr.names[o] = tr.names[ov] // the same variable
			return
		}
	}
	tr.versions[o.Name()]++
	name := o.Name()
	if n := tr.versions[o.Name()]; n > 1 {
		name += fmt.Sprintf("__v%d", n)
	}
	tr.names[o] = name
	switch o := o.(type) {
	case *types.Var:
		tr.vars[name] = o
		tr.order = append(tr.order, name)
	case *types.Func:
		of, ok := old.(*types.Func)
		if !ok || of.Signature().TypeParams() != nil || !types.Identical(of.Type(), o.Type()) {
			return
		}
		pointer := tr.relinked[of]
		if pointer == "" {
			pointer = tr.names[of]
			tr.names[of] += "__v0"
			tr.relinked[of] = pointer
			tr.vars[pointer] = types.NewVar(token.NoPos, nil, "", o.Type())
			tr.order = append(tr.order, pointer)
		}
		tr.relinked[o] = pointer
	}
}

// typeText writes a type. Each cell is a package of its own to go/types, which
// tells types of one name apart.
func (tr *translator) typeText(t types.Type) string {
	var pkgs []*types.Package
	text := types.TypeString(t, func(p *types.Package) string {
		if p.Path() != mainPath {
			return tr.importName(p)
		}
		pkgs = append(pkgs, p)
		return fmt.Sprintf("main__%d", len(pkgs)-1)
	})
	return mainName.ReplaceAllStringFunc(text, func(m string) string {
		var i int
		var name string
		fmt.Sscanf(strings.Replace(m, ".", " ", 1), "main__%d %s", &i, &name)
		return tr.names[pkgs[i].Scope().Lookup(name)]
	})
}

var mainName = regexp.MustCompile(`main__\d+\.\w+`)

func (tr *translator) importName(p *types.Package) string {
	n := "pkg__" + strings.NewReplacer("/", "_", ".", "_").Replace(p.Path())
	tr.imports[p.Path()] = n
	return n
}

// cell writes a cell's declarations and its function.
func (tr *translator) cell(x *translated) {
	tr.cells.WriteString("func() {\n")
	defer tr.cells.WriteString("},\n")
	if x == nil {
		return
	}
	for _, d := range x.p.decls {
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv == nil {
			if o := x.c.unit.Info.Defs[fd.Name]; tr.relinked[o] != "" {
				fmt.Fprintf(&tr.cells, "%s = %s\n", tr.relinked[o], tr.names[o])
			}
		}
		tr.decls.WriteString(tr.text(x, d) + "\n")
	}
	for i, s := range x.p.stmts {
		if e, ok := s.(*ast.ExprStmt); ok && i == len(x.p.stmts)-1 {
			tv := x.c.unit.Info.Types[e.X]
			tup, isTuple := tv.Type.(*types.Tuple)
			text := tr.text(x, e.X)
			switch {
			case strings.HasPrefix(text, "pkg__fmt.Print"), strings.HasPrefix(text, "pkg__fmt.Fprint"):
			case isTuple && tup.Len() > 0, !isTuple && tv.IsValue() && !tv.IsNil():
				text = "show__(" + text + ")"
			}
			tr.cells.WriteString(text + "\n")
			continue
		}
		tr.cells.WriteString(tr.stmt(x, s) + "\n")
	}
}

// stmt writes a statement of the top level; declarations of variables assign.
func (tr *translator) stmt(x *translated, s ast.Stmt) string {
	d, ok := s.(*ast.DeclStmt)
	if !ok {
		if l, ok := s.(*ast.LabeledStmt); ok {
			return l.Label.Name + ":\n" + tr.stmt(x, l.Stmt)
		}
		return tr.text(x, s)
	}
	var b strings.Builder
	for _, sp := range d.Decl.(*ast.GenDecl).Specs {
		vs := sp.(*ast.ValueSpec)
		var names []string
		for _, n := range vs.Names {
			names = append(names, tr.text(x, n))
		}
		if len(vs.Values) > 0 {
			var values []string
			for _, v := range vs.Values {
				values = append(values, tr.text(x, v))
			}
			fmt.Fprintf(&b, "%s = %s\n", strings.Join(names, ", "), strings.Join(values, ", "))
			continue
		}
		for _, n := range names {
			if n != "_" {
				fmt.Fprintf(&b, "%s = *new(%s)\n", n, tr.text(x, vs.Type))
			}
		}
	}
	return b.String()
}

// text is a node's source with the names of the equivalent program.
func (tr *translator) text(x *translated, n ast.Node) string {
	offset := func(p token.Pos) int { return tr.s.fset.PositionFor(p, false).Offset }
	type edit struct {
		at, end int
		text    string
	}
	var edits []edit
	info := x.c.unit.Info
	selected := map[*ast.Ident]bool{}
	var top ast.Node = n
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.SelectorExpr:
			selected[m.Sel] = true
		case *ast.KeyValueExpr:
			if k, ok := m.Key.(*ast.Ident); ok {
				if v, ok := info.Uses[k].(*types.Var); ok && v.IsField() {
					selected[k] = true
				}
			}
		case *ast.AssignStmt:
			if m == top && m.Tok == token.DEFINE {
				edits = append(edits, edit{offset(m.TokPos), offset(m.TokPos) + 2, "="})
			}
		case *ast.Ident:
			if selected[m] {
				return true
			}
			o, use := info.Uses[m], true
			if o == nil {
				o, use = info.Defs[m], false
			}
			if o == nil {
				return true
			}
			name, ok := tr.names[o]
			switch pn, isPkg := o.(*types.PkgName); {
			case isPkg:
				name, ok = tr.importName(pn.Imported()), true
			case !ok && use && o.Pkg() != nil && o.Pkg().Path() != mainPath && o.Parent() == o.Pkg().Scope():
				name, ok = tr.importName(o.Pkg())+"."+o.Name(), true
			case use && tr.relinked[o] != "":
				name = tr.relinked[o]
			}
			if ok && name != m.Name {
				edits = append(edits, edit{offset(m.Pos()), offset(m.Pos()) + len(m.Name), name})
			}
		}
		return true
	})
	slices.SortFunc(edits, func(a, b edit) int { return a.at - b.at })
	var b strings.Builder
	at := offset(n.Pos())
	for _, e := range edits {
		b.WriteString(x.src[at:e.at] + e.text)
		at = e.end
	}
	b.WriteString(x.src[at:offset(n.End())])
	return b.String()
}
