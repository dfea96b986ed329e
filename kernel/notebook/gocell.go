package notebook

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"arch2vec/kernel/session"
)

// edit replaces a cell's bytes from start to end.
type edit struct {
	start, end int
	text       string
}

// apply returns code[from:to] with the edits in that range.
func apply(code string, edits []edit, from, to int) string {
	var b strings.Builder
	at := from
	for _, e := range edits {
		if e.start < at || e.end > to {
			continue
		}
		b.WriteString(code[at:e.start] + e.text)
		at = e.end
	}
	b.WriteString(code[at:to])
	return b.String()
}

// cell writes one cell: its declarations, and its statements as a function. The
// source keeps its form and comments; only names and a few signs change.
func (e *exporter) cell(c *exportedCell) error {
	edits := e.renames(c)
	sortEdits(edits)
	var whole []edit
	for i, s := range c.Stmts {
		whole = append(whole, e.statement(c, s, edits, i == len(c.Stmts)-1)...)
	}
	for _, o := range edits {
		if !slices.ContainsFunc(whole, func(w edit) bool { return w.start <= o.start && o.end <= w.end }) {
			whole = append(whole, o)
		}
	}
	sortEdits(whole)

	fmt.Fprintf(&e.code, "// Cell %d.\n\n", c.number)
	for _, p := range c.Pieces {
		if p.Kind == session.PieceDeclaration {
			e.code.WriteString(apply(c.Code, whole, p.Start, p.End) + "\n\n")
		}
	}
	if !c.runs() {
		return nil
	}
	fmt.Fprintf(&e.code, "func cell%d() {\n", c.number)
	if c.cell.tagged("raises-exception") {
		e.code.WriteString("defer func() { _ = recover() }() // the cell is there to fail\n")
	}
	for _, s := range c.sets {
		e.code.WriteString(s + "\n")
	}
	for _, i := range c.inits {
		e.code.WriteString(i + "()\n")
	}
	for _, p := range c.Pieces {
		if p.Kind == session.PieceStatement {
			e.code.WriteString(apply(c.Code, whole, p.Start, p.End) + "\n")
		}
	}
	e.code.WriteString("}\n\n")
	return nil
}

func sortEdits(edits []edit) {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
}

// renames gives the identifiers of a cell their names in the program, makes
// definitions at the top level assignments, and writes out what gophernotes'
// notebooks leave out.
func (e *exporter) renames(c *exportedCell) []edit {
	var edits []edit
	replace := func(id *ast.Ident, name string) {
		if name != id.Name {
			at := c.Offset(id.Pos())
			edits = append(edits, edit{at, at + len(id.Name), name})
		}
	}
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			ast.Inspect(n.X, visit)
			if name, ok := e.embedded(c.Info.Uses[n.Sel]); ok {
				replace(n.Sel, name)
			}
			return false
		case *ast.AssignStmt:
			if len(n.Lhs) == 2 && len(n.Rhs) == 2 && n.Rhs[1].Pos() == n.Rhs[0].End() { // see twoValuesOfNew in package session
				at := c.Offset(n.Rhs[0].End())
				edits = append(edits, edit{at, at, ", error(nil)"})
				ast.Inspect(n.Rhs[0], visit)
				for _, l := range n.Lhs {
					ast.Inspect(l, visit)
				}
				return false
			}
		case *ast.Ident:
			if name, ok := e.rename(c, n); ok {
				replace(n, name)
			}
		}
		return true
	}
	for _, d := range c.Decls {
		fd, isFunc := d.(*ast.FuncDecl)
		if isFunc && fd.Body != nil && fd.Body.Pos() == fd.Name.Pos() { // it was declared without
			at := c.Offset(max(fd.Type.End(), fd.Name.End()))
			edits = append(edits, edit{at, at, fmt.Sprintf(" { panic(%q) }", "function "+fd.Name.Name+" was declared without a body")})
			fd.Body = nil
		}
		version, again := "", false
		if isFunc && e.family[fd] != nil {
			version, again = e.family[fd].version(fd)
		}
		if !again {
			ast.Inspect(d, visit)
			continue
		}
		if fd.Recv != nil {
			ast.Inspect(fd.Recv, visit)
		}
		replace(fd.Name, version)
		ast.Inspect(fd.Type, visit)
		if fd.Body != nil {
			ast.Inspect(fd.Body, visit)
		}
		receiver := ""
		if fd.Recv != nil {
			t := fd.Recv.List[0].Type
			sortEdits(edits)
			receiver = apply(c.Code, edits, c.Offset(t.Pos()), c.Offset(t.End()))
		}
		c.sets = append(c.sets, e.family[fd].set(version, receiver))
	}
	for _, s := range c.Stmts {
		ast.Inspect(s, visit)
		for {
			l, ok := s.(*ast.LabeledStmt)
			if !ok {
				break
			}
			s = l.Stmt
		}
		if a, ok := s.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			at := c.Offset(a.TokPos)
			edits = append(edits, edit{at, at + len(":="), "="})
		}
	}
	return edits
}

// rename is what an identifier is called in the program, where that is known.
func (e *exporter) rename(c *exportedCell, id *ast.Ident) (string, bool) {
	o := c.Info.Uses[id]
	if o == nil {
		o = c.Info.Defs[id]
		if o == nil {
			return "", false
		}
		if v, ok := o.(*types.Var); ok && v.IsField() {
			return "", false
		}
		name, ok := e.names[o]
		return name, ok
	}
	if pn, ok := o.(*types.PkgName); ok {
		return e.packageName(id.Name, pn.Imported()), true
	}
	if name, ok := e.names[o]; ok {
		return name, true
	}
	if name, ok := e.embedded(o); ok {
		return name, true
	}
	// A name of a package imported with a dot, or the function Display.
	if p := o.Pkg(); p != nil && p.Path() != "main" && o.Parent() == p.Scope() {
		return e.packageName(p.Name(), p) + "." + o.Name(), true
	}
	return "", false
}

// embedded is the name of an embedded field, which is that of its type.
func (e *exporter) embedded(o types.Object) (string, bool) {
	v, ok := o.(*types.Var)
	if !ok || !v.IsField() || !v.Embedded() {
		return "", false
	}
	t := v.Type()
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := t.(interface{ Obj() *types.TypeName })
	if !ok {
		return "", false
	}
	name, ok := e.names[named.Obj()]
	return name, ok
}

// statement makes a var declaration at the top level assignments, and has the
// value of the last expression shown.
func (e *exporter) statement(c *exportedCell, s ast.Stmt, edits []edit, last bool) []edit {
	text := func(n ast.Node) string { return apply(c.Code, edits, c.Offset(n.Pos()), c.Offset(n.End())) }
	switch s := s.(type) {
	case *ast.DeclStmt:
		g, ok := s.Decl.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			return nil
		}
		var lines []string
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			var names, values []string
			for _, n := range v.Names {
				names = append(names, text(n))
			}
			for _, x := range v.Values {
				values = append(values, text(x))
			}
			if len(values) > 0 {
				lines = append(lines, strings.Join(names, ", ")+" = "+strings.Join(values, ", "))
				continue
			}
			for _, n := range names {
				if n != "_" {
					lines = append(lines, n+" = *new("+text(v.Type)+")")
				}
			}
		}
		return []edit{{c.Offset(s.Pos()), c.Offset(s.End()), strings.Join(lines, "\n")}}
	case *ast.ExprStmt:
		if !last {
			return nil
		}
		if show := e.show(c, s.X); show != "" {
			return []edit{{c.Offset(s.Pos()), c.Offset(s.End()), show + "(" + text(s.X) + ")"}}
		}
	}
	return nil
}

// show is the function that prints the value of x, "" where there is none to
// print.
func (e *exporter) show(c *exportedCell, x ast.Expr) string {
	tv := c.Info.Types[x]
	if tup, ok := tv.Type.(*types.Tuple); ok && tup.Len() == 0 || !tv.IsValue() && !ok || tv.IsNil() || prints(c, x) {
		return ""
	}
	if _, basic := types.Default(tv.Type).(*types.Basic); basic {
		return e.packageName("fmt", types.NewPackage("fmt", "fmt")) + ".Println"
	}
	e.shows = true
	return "show"
}

// prints tells whether x calls one of fmt's printing functions, whose results
// no notebook shows.
func prints(c *exportedCell, x ast.Expr) bool {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := c.Info.Uses[sel.Sel].(*types.Func)
	return ok && fn.Pkg() != nil && fn.Pkg().Path() == "fmt" && strings.HasPrefix(strings.TrimPrefix(fn.Name(), "F"), "Print")
}
