package session

import (
	"go/ast"
	"go/types"
	"html"
	"strings"

	"arch2vec/kernel/display"
)

// Inspect documents the name at the cursor, a byte offset in code, or the
// function whose arguments the cursor is in.
func (s *Session) Inspect(code string, cursor int) Inspection {
	cursor = max(0, min(cursor, len(code)))
	end := cursor
	for end < len(code) && isIdentByte(code[end]) {
		end++
	}
	start := end
	for start > 0 && isIdentByte(code[start-1]) {
		start--
	}
	if start < end {
		if o := s.objectAt(code, start, end); o != nil {
			return s.describe(o)
		}
	}
	// The function before the innermost open parenthesis.
	depth := 0
	for i := cursor - 1; i >= 0; i-- {
		switch code[i] {
		case ')':
			depth++
		case '(':
			if depth > 0 {
				depth--
				continue
			}
			e := i
			for e > 0 && (code[e-1] == ' ' || code[e-1] == '\t') {
				e--
			}
			b := e
			for b > 0 && isIdentByte(code[b-1]) {
				b--
			}
			if b < e {
				if o := s.objectAt(code, b, e); o != nil {
					return s.describe(o)
				}
			}
			return Inspection{}
		}
	}
	return Inspection{}
}

// objectAt finds what the identifier code[start:end] means, in the whole cell
// or, where that does not parse, in the part before it.
func (s *Session) objectAt(code string, start, end int) types.Object {
	line, col := lineColumn(code, start)
	x, path := s.best(append([]string{code}, finish(code[:end])...), func(x *explored, i *ast.Ident) bool {
		p := x.fset.Position(i.Pos())
		return p.Line == line && p.Column == col && i.Name == code[start:end]
	})
	if x == nil {
		return nil
	}
	id := path[len(path)-1].(*ast.Ident)
	if o := x.info.ObjectOf(id); o != nil {
		return o
	}
	if o := x.scope[id.Name]; o != nil {
		return o
	}
	return types.Universe.Lookup(id.Name)
}

func (s *Session) describe(o types.Object) Inspection {
	sig := signature(o)
	s.mu.RLock()
	doc := s.docs[origin(o)]
	s.mu.RUnlock()
	if tn, ok := o.(*types.TypeName); ok {
		sig += methodLines(tn.Type())
	}
	plain := sig
	if doc != "" {
		plain += "\n\n" + doc
	}
	markup := "<pre>" + html.EscapeString(sig) + "</pre>"
	if doc != "" {
		markup += "<p>" + strings.ReplaceAll(html.EscapeString(doc), "\n\n", "</p><p>") + "</p>"
	}
	return Inspection{Found: true, Data: display.Data{Data: display.MIMEMap{
		display.MIMETypeText: plain, display.MIMETypeHTML: markup,
	}}}
}

func origin(o types.Object) types.Object {
	if f, ok := o.(*types.Func); ok {
		return f.Origin()
	}
	return o
}

// methodLines lists a type's exported methods.
func methodLines(t types.Type) string {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return ""
	}
	var b strings.Builder
	for i := range n.NumMethods() {
		if m := n.Method(i); m.Exported() || m.Pkg().Path() == mainPath {
			b.WriteString("\n" + signature(m))
		}
	}
	return b.String()
}
