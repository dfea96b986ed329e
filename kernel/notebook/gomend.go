package notebook

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
)

// mend makes a program of what compiles but for things that a notebook may have
// and a program may not: unused variables, imports, labels and values.
func (e *exporter) mend(src []byte) ([]byte, error) {
	const rounds = 20 // one mistake can hide another
	for range rounds {
		var err error
		if src, err = format.Source(src); err != nil {
			return nil, fmt.Errorf("notebook: export to Go: the program is no Go, which is a fault of the export: %w", err)
		}
		fset, f, problems, err := e.session.CheckProgram(src)
		if err != nil {
			return nil, fmt.Errorf("notebook: export to Go: %w", err)
		}
		if len(problems) == 0 {
			return src, nil
		}
		m := mender{fset: fset, file: f}
		for _, p := range problems {
			m.problem(p)
		}
		if m.failed != nil {
			return nil, m.failed
		}
		src = m.apply(src)
	}
	return nil, fmt.Errorf("notebook: export to Go: the program still does not compile after %d corrections", rounds)
}

type mender struct {
	fset   *token.FileSet
	file   *ast.File
	edits  []edit
	failed error
}

// apply makes the edits, from the end so that offsets stay.
func (m *mender) apply(src []byte) []byte {
	slices.SortStableFunc(m.edits, func(a, b edit) int { return cmp.Compare(b.start, a.start) })
	s := string(src)
	for _, e := range m.edits {
		s = s[:e.start] + e.text + s[e.end:]
	}
	return []byte(s)
}

func (m *mender) offset(p token.Pos) int { return m.fset.Position(p).Offset }

func (m *mender) insert(p token.Pos, text string) {
	m.edits = append(m.edits, edit{m.offset(p), m.offset(p), text})
}

func (m *mender) problem(p types.Error) {
	path, _ := astutil.PathEnclosingInterval(m.file, p.Pos, p.Pos)
	switch {
	case strings.Contains(p.Msg, "declared and not used") && !strings.HasPrefix(p.Msg, "label "):
		m.useVariable(path)
	case strings.HasSuffix(p.Msg, "imported and not used") || strings.Contains(p.Msg, "imported as ") && strings.HasSuffix(p.Msg, "and not used"):
		for _, n := range path {
			if spec, ok := n.(*ast.ImportSpec); ok {
				text := ""
				if registers(spec.Path.Value) {
					text = "_ " + spec.Path.Value
				}
				m.edits = append(m.edits, edit{m.offset(spec.Pos()), m.offset(spec.End()), text})
			}
		}
	case strings.HasPrefix(p.Msg, "label ") && strings.Contains(p.Msg, "not used"):
		for _, n := range path {
			if l, ok := n.(*ast.LabeledStmt); ok {
				m.edits = append(m.edits, edit{m.offset(l.Pos()), m.offset(l.Colon) + 1, ""})
				return
			}
		}
	case strings.HasSuffix(p.Msg, "is not used"):
		for _, n := range path {
			if s, ok := n.(*ast.ExprStmt); ok {
				m.insert(s.Pos(), "_ = ")
				return
			}
		}
	default:
		m.failed = fmt.Errorf("notebook: export to Go: line %d of the program: %s", m.fset.Position(p.Pos).Line, p.Msg)
	}
}

// useVariable puts "_ = x" where a variable that nothing uses is in scope.
func (m *mender) useVariable(path []ast.Node) {
	id, ok := path[0].(*ast.Ident)
	if !ok {
		return
	}
	use := "_ = " + id.Name + "\n"
	for i, n := range path[1:] {
		inner := path[i]
		switch n := n.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			if c, ok := n.(*ast.CommClause); ok && c.Comm == inner {
				m.insert(c.Colon+1, "\n"+use)
				return
			}
			m.insert(inner.End(), "\n"+use)
			return
		case *ast.IfStmt:
			m.insert(n.Body.Lbrace+1, "\n"+use)
			return
		case *ast.ForStmt:
			m.insert(n.Body.Lbrace+1, "\n"+use)
			return
		case *ast.RangeStmt:
			m.insert(n.Body.Lbrace+1, "\n"+use)
			return
		case *ast.TypeSwitchStmt:
			if a, ok := n.Assign.(*ast.AssignStmt); ok && a == inner { // switch x := y.(type)
				m.edits = append(m.edits, edit{m.offset(a.Pos()), m.offset(a.Rhs[0].Pos()), ""})
				return
			}
			m.inFirstCase(n.Body, use)
			return
		case *ast.SwitchStmt:
			m.inFirstCase(n.Body, use)
			return
		}
	}
}

func (m *mender) inFirstCase(body *ast.BlockStmt, use string) {
	if len(body.List) > 0 {
		if c, ok := body.List[0].(*ast.CaseClause); ok {
			m.insert(c.Colon+1, "\n"+use)
			return
		}
	}
	m.insert(body.Lbrace+1, "\ndefault:\n"+use)
}

// registers tells whether importing a package may matter where nothing of it is
// used: decoders of pictures, hashes, what is not of Go's library.
func registers(quoted string) bool {
	path := strings.Trim(quoted, "\"`")
	first, _, _ := strings.Cut(path, "/")
	return first == "image" || first == "crypto" || strings.Contains(first, ".")
}
