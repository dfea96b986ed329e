package session

import (
	"go/ast"
	"go/doc/comment"
	"go/scanner"
	"go/token"
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
			return s.describe(o, -1)
		}
	}
	if name, end, parameter, ok := openCall(code[:cursor]); ok {
		if o := s.objectAt(code, name, end); o != nil {
			return s.describe(o, parameter)
		}
	}
	return Inspection{}
}

// openCall finds the call whose arguments the end of code is in: the offsets of
// the name before its bracket, and how many arguments come before.
func openCall(code string) (start, end, parameter int, ok bool) {
	type open struct {
		tok              token.Token
		start, end, args int // of the name before it; the commas since
	}
	file := token.NewFileSet().AddFile("", -1, len(code))
	var sc scanner.Scanner
	sc.Init(file, []byte(code), func(token.Position, string) {}, 0)
	var stack []open
	last := open{start: -1} // the name before, with what it is instantiated with
	for {
		pos, tok, text := sc.Scan()
		switch tok {
		case token.EOF:
			for i := len(stack) - 1; i >= 0; i-- {
				o := stack[i]
				if o.tok == token.LBRACE && o.start < 0 {
					break // a body, or a literal without a type
				}
				if o.tok != token.LBRACK && o.start >= 0 {
					return o.start, o.end, o.args, true
				}
			}
			return 0, 0, 0, false
		case token.IDENT:
			last = open{start: file.Offset(pos), end: file.Offset(pos) + len(text)}
			continue
		case token.LPAREN, token.LBRACK, token.LBRACE:
			stack = append(stack, open{tok: tok, start: last.start, end: last.end})
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(stack) > 0 {
				o := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				if tok == token.RBRACK { // f[int](
					last = open{start: o.start, end: o.end}
					continue
				}
			}
		case token.COMMA:
			if len(stack) > 0 {
				stack[len(stack)-1].args++
			}
		case token.SEMICOLON:
			if len(stack) > 0 && stack[len(stack)-1].tok == token.LBRACE {
				stack[len(stack)-1].start = -1 // a block, not a literal
			}
		}
		last = open{start: -1}
	}
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

// describe documents an object; parameter is the one of a function's that is
// asked for, or -1.
func (s *Session) describe(o types.Object, parameter int) Inspection {
	sig, doc := signature(o), s.doc(o)
	plain, markup := sig, html.EscapeString(sig)
	if p := parameterText(o, parameter); p != "" {
		plain += "\n\nparameter " + p
		markup += "\n\nparameter <b>" + html.EscapeString(p) + "</b>"
	}
	if tn, ok := o.(*types.TypeName); ok {
		methods := methodLines(tn.Type())
		plain += methods
		markup += html.EscapeString(methods)
	}
	markup = "<pre>" + markup + "</pre>"
	if doc != "" {
		plain += "\n\n" + doc
		var p comment.Parser
		markup += string(new(comment.Printer).HTML(p.Parse(doc)))
	}
	return Inspection{Found: true, Data: display.Data{Data: display.MIMEMap{
		display.MIMETypeText: plain, display.MIMETypeHTML: markup,
	}}}
}

// parameterText is a function's parameter at an index.
func parameterText(o types.Object, index int) string {
	f, ok := o.Type().(*types.Signature)
	if !ok || index < 0 || f.Params().Len() == 0 {
		return ""
	}
	last := f.Params().Len() - 1
	if index > last && !f.Variadic() {
		return ""
	}
	v := f.Params().At(min(index, last))
	t := types.TypeString(v.Type(), noPackage)
	if f.Variadic() && index >= last {
		t = "..." + strings.TrimPrefix(t, "[]")
	}
	return strings.TrimSpace(v.Name() + " " + t)
}

// doc is the comment on an object's declaration.
func (s *Session) doc(o types.Object) string {
	o = origin(o)
	s.mu.RLock()
	doc := s.docs[o]
	s.mu.RUnlock()
	if pn, ok := o.(*types.PkgName); ok {
		return s.comments.Find(pn.Imported().Path(), "")
	}
	if doc != "" || o.Pkg() == nil || o.Pkg().Path() == mainPath {
		return doc
	}
	name := o.Name()
	switch o := o.(type) {
	case *types.Func:
		if recv := o.Signature().Recv(); recv != nil {
			if n := receiverType(recv); n != nil {
				name = n.Obj().Name() + "." + name
			}
		}
	case *types.Var:
		if o.IsField() {
			name = fieldOwner(o) + "." + name
		}
	}
	return s.comments.Find(o.Pkg().Path(), name)
}

// fieldOwner is the name of the type that declares a field of a compiled package.
func fieldOwner(v *types.Var) string {
	for _, n := range v.Pkg().Scope().Names() {
		tn, ok := v.Pkg().Scope().Lookup(n).(*types.TypeName)
		if !ok {
			continue
		}
		if st, ok := tn.Type().Underlying().(*types.Struct); ok {
			for i := range st.NumFields() {
				if st.Field(i) == v {
					return n
				}
			}
		}
	}
	return ""
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
