package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// text is a piece of source that errors point into: a cell or a program's file.
type text struct {
	name string // as errors show it, e.g. "cell[3]"
	src  string
}

// parsed is a cell's syntax, by what has to be done with it.
type parsed struct {
	file    string // name in the file set, different for each execution
	pos     token.Pos
	imports []*ast.ImportSpec
	decls   []ast.Decl // types, constants, functions
	stmts   []ast.Stmt
	idents  map[string]bool
	//lint:ignore SA1019 go/types checks in an order that only syntax can find; see place
	scope *ast.Scope // what the declarations declare
}

// parseMode has the parser resolve names within the file, for place.
const parseMode = parser.ParseComments | parser.AllErrors

// parseCell parses a cell. Its pieces are put into one file, declarations first
// and statements in a function; line directives keep their places.
func parseCell(fset *token.FileSet, file string, src string) (*parsed, []problem) {
	chunks, idents, serr := split(src)
	if serr != nil {
		line, col := lineColumn(src, serr.offset)
		return nil, []problem{{line, col, serr.msg}}
	}
	f, err := parser.ParseFile(fset, file, compose(file, src, chunks), parseMode)
	if err != nil {
		return nil, parseProblems(err)
	}
	p := sortPieces(f, file, idents)
	if problems := topLevel(fset, p.stmts); len(problems) > 0 {
		return nil, problems
	}
	return p, nil
}

// compose writes a cell's pieces as one file.
func compose(file, src string, chunks []chunk) string {
	var b strings.Builder
	directive := func(offset int) {
		line, col := lineColumn(src, offset)
		fmt.Fprintf(&b, "/*line %s:%d:%d*/", file, line, col)
	}
	part := func(kinds ...chunkKind) {
		for _, c := range chunks {
			for _, k := range kinds {
				if c.kind == k {
					directive(c.start)
					b.WriteString(src[c.start:c.end])
					b.WriteByte('\n')
				}
			}
		}
	}
	directive(0)
	b.WriteString("package main\n")
	part(chunkImport)
	part(chunkDecl)
	b.WriteString("func _() {\n")
	part(chunkStmt)
	directive(len(src))
	b.WriteString("}\n")

	return b.String()
}

// sortPieces takes a composed file apart.
func sortPieces(f *ast.File, file string, idents map[string]bool) *parsed {
	p := &parsed{file: file, pos: f.Package, imports: f.Imports, idents: idents, scope: f.Scope}
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.IMPORT {
			p.decls = append(p.decls, d)
		}
	}
	// The function of the statements is the last; it is missing after errors.
	for last := len(p.decls) - 1; last >= 0; last-- {
		if d, ok := p.decls[last].(*ast.FuncDecl); ok && d.Name.Name == "_" && d.Recv == nil && d.Body != nil {
			p.stmts = d.Body.List
			p.decls = p.decls[:last]
			break
		}
	}
	return p
}

// topLevel reports statements that have no meaning outside of a function.
func topLevel(fset *token.FileSet, stmts []ast.Stmt) (problems []problem) {
	for _, s := range stmts {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt:
				p := fset.Position(n.Pos())
				problems = append(problems, problem{p.Line, p.Column, "return outside a function"})
			}
			return true
		})
	}
	return problems
}

// problem is one error found before anything runs.
type problem struct {
	line, column int
	msg          string
}

func parseProblems(err error) []problem {
	list, ok := err.(scanner.ErrorList)
	if !ok {
		return []problem{{1, 1, err.Error()}}
	}
	list.RemoveMultiples() // of one line, as the compiler does
	var out []problem
	for _, e := range list {
		out = append(out, problem{e.Pos.Line, e.Pos.Column, e.Msg})
	}
	return out
}

// lineColumn converts an offset to a line and a column in bytes, from 1.
func lineColumn(src string, offset int) (line, column int) {
	before := src[:min(offset, len(src))]
	return 1 + strings.Count(before, "\n"), offset - strings.LastIndexByte(before, '\n')
}
