package session

import (
	"go/ast"
	"slices"
	"strings"
)

// addDocs keeps the comments of a cell's declarations, for Inspect.
func (s *Session) addDocs(p *parsed, c *checked) {
	put := func(id *ast.Ident, docs ...*ast.CommentGroup) {
		o := c.unit.Info.Defs[id]
		if o == nil {
			return
		}
		for _, d := range docs {
			if t := docText(d); t != "" {
				s.docs[o] = t
				return
			}
		}
	}
	decls := slices.Clone(p.decls)
	for _, st := range p.stmts {
		if d, ok := st.(*ast.DeclStmt); ok {
			decls = append(decls, d.Decl)
		}
	}
	for _, d := range decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			put(d.Name, d.Doc)
		case *ast.GenDecl:
			for _, sp := range d.Specs {
				switch sp := sp.(type) {
				case *ast.TypeSpec:
					put(sp.Name, sp.Doc, d.Doc, sp.Comment)
					for _, f := range members(sp.Type) {
						for _, n := range f.Names {
							put(n, f.Doc, f.Comment)
						}
					}
				case *ast.ValueSpec:
					for _, n := range sp.Names {
						put(n, sp.Doc, d.Doc, sp.Comment)
					}
				}
			}
		}
	}
}

// members are the fields of a struct type and the methods of an interface type.
func members(t ast.Expr) []*ast.Field {
	switch t := t.(type) {
	case *ast.StructType:
		return t.Fields.List
	case *ast.InterfaceType:
		return t.Methods.List
	}
	return nil
}

// docText is a comment's text without the directives that parseCell adds.
func docText(c *ast.CommentGroup) string {
	if c == nil {
		return ""
	}
	kept := &ast.CommentGroup{}
	for _, l := range c.List {
		if !strings.HasPrefix(l.Text, "/*line ") {
			kept.List = append(kept.List, l)
		}
	}
	if len(kept.List) == 0 {
		return ""
	}
	return strings.TrimSpace(kept.Text())
}
