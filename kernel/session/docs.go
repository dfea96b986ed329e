package session

import (
	"go/ast"
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
	for _, d := range p.decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			put(d.Name, d.Doc)
		case *ast.GenDecl:
			for _, sp := range d.Specs {
				switch sp := sp.(type) {
				case *ast.TypeSpec:
					put(sp.Name, sp.Doc, d.Doc, sp.Comment)
				case *ast.ValueSpec:
					for _, n := range sp.Names {
						put(n, sp.Doc, d.Doc, sp.Comment)
					}
				}
			}
		}
	}
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
