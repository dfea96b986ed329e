package session

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"strings"
)

// explored is a cell that may be unfinished, parsed and checked as far as that
// goes. What is wrong in it does not matter.
type explored struct {
	fset  *token.FileSet
	files []*ast.File
	info  *types.Info
	scope map[string]types.Object // of the session and of the cell
	wrong int                     // syntax errors
}

// explore parses and checks code that somebody is still writing.
func (s *Session) explore(code string) *explored {
	fset := token.NewFileSet()
	chunks, idents, _ := split(code)
	if chunks == nil {
		return nil
	}
	f, err := parser.ParseFile(fset, "cell", compose("cell", code, chunks), parseMode)
	if f == nil {
		return nil
	}
	p := sortPieces(f, "cell", idents)
	info := newInfo()
	info.Scopes = map[ast.Node]*types.Scope{}
	x := &explored{fset: fset, info: info, files: []*ast.File{f}}
	if list, ok := err.(scanner.ErrorList); ok {
		x.wrong = len(list)
	}

	s.mu.RLock()
	defer s.mu.RUnlock()
	view := &Session{opts: Options{Modules: s.opts.Modules}, fset: fset, imp: s.imp, scope: s.scope, phantoms: map[*types.Func]bool{}, exploring: true}
	c := &checker{s: view, p: p, info: info, declared: map[string]types.Object{}}
	c.imports()
	for _, g := range place(p) {
		c.group(g)
	}
	x.scope = make(map[string]types.Object, len(s.scope)+len(c.declared))
	for n, o := range s.scope {
		x.scope[n] = o
	}
	for n, o := range c.declared {
		x.scope[n] = o
	}
	return x
}

// best explores several ways to complete code and returns the one with the
// fewest syntax errors in which the identifier is found, with the path to it.
func (s *Session) best(sources []string, want func(*explored, *ast.Ident) bool) (*explored, []ast.Node) {
	var best *explored
	var bestPath []ast.Node
	for _, src := range sources {
		x := s.explore(src)
		if x == nil || best != nil && best.wrong <= x.wrong {
			continue
		}
		if path := x.path(func(i *ast.Ident) bool { return want(x, i) }); path != nil {
			best, bestPath = x, path
		}
		if best != nil && best.wrong == 0 {
			break
		}
	}
	return best, bestPath
}

// path returns the nodes that enclose the first identifier for which want is
// true, innermost last.
func (x *explored) path(want func(*ast.Ident) bool) []ast.Node {
	var stack, found []ast.Node
	for _, f := range x.files {
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			stack = append(stack, n)
			if i, ok := n.(*ast.Ident); ok && found == nil && want(i) {
				found = append(found, stack...)
			}
			return true
		})
	}
	return found
}

// locals are the objects of function scopes around pos, inner ones first.
func (x *explored) locals(pos token.Pos) []types.Object {
	var inner *types.Scope
	for _, sc := range x.info.Scopes {
		if sc.Pos() <= pos && pos <= sc.End() && (inner == nil || sc.Pos() >= inner.Pos() && sc.End() <= inner.End()) {
			inner = sc
		}
	}
	var out []types.Object
	seen := map[string]bool{}
	for sc := inner; sc != nil && sc != types.Universe; sc = sc.Parent() {
		for _, n := range sc.Names() {
			o := sc.Lookup(n)
			if seen[n] || strings.HasPrefix(n, placeholder) || o.Pos() >= pos {
				continue
			}
			seen[n] = true
			out = append(out, o)
		}
	}
	return out
}

// placeholder stands where the cursor is.
const placeholder = "Zz__cursor"

// closeBrackets ends what code leaves open, so that it can be parsed.
func closeBrackets(code string) string {
	file := token.NewFileSet().AddFile("", -1, len(code))
	var s scanner.Scanner
	s.Init(file, []byte(code), func(token.Position, string) {}, 0)
	var open []token.Token
	for {
		_, tok, _ := s.Scan()
		switch tok {
		case token.EOF:
			var b strings.Builder
			for i := len(open) - 1; i >= 0; i-- {
				switch open[i] {
				case token.LPAREN:
					b.WriteString(")")
				case token.LBRACK:
					b.WriteString("]")
				default:
					b.WriteString("\n}")
				}
			}
			return b.String()
		case token.LPAREN, token.LBRACK, token.LBRACE:
			open = append(open, tok)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
}

// finish returns completions of a cell's beginning that may parse.
func finish(before string) []string {
	closers := closeBrackets(before)
	if closers == "" {
		return []string{before, before + " {}", before + "\n{}"}
	}
	head, tail := closers[:1], closers[1:]
	return []string{
		before + closers,
		before + " {}" + closers,
		before + head + " {}" + tail,
		before + ":" + closers,
	}
}

func isIdentByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}
