package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
)

// Analysis is what is known of a cell that was checked and not run: its pieces,
// their syntax, and what each name in it means. Names of earlier cells are the
// same objects in every later cell's Info.
type Analysis struct {
	Code    string
	Pieces  []Piece
	Decls   []ast.Decl // types, constants, functions, methods
	Stmts   []ast.Stmt
	Info    *types.Info
	Idents  map[string]bool // every identifier in the cell
	Globals []*types.Var    // variables that outlive the cell, in order of declaration

	// Imports are the packages that the cell's import declarations name.
	Imports []Import

	fset *token.FileSet
}

// Import is one import declaration's package.
type Import struct {
	Name string // "_", "." or what the cell calls it
	Path string
}

// Piece is one top-level part of a cell: Code[Start:End].
type Piece struct {
	Kind       PieceKind
	Start, End int
}

// PieceKind tells what a piece is.
type PieceKind int

// The kinds of pieces.
const (
	PieceStatement   PieceKind = iota // also a var declaration
	PieceDeclaration                  // type, const, func
	PieceImport
)

// Offset is where a position of the cell's syntax is in its code.
func (a *Analysis) Offset(pos token.Pos) int {
	p := a.fset.Position(pos)
	start := 0
	for range p.Line - 1 {
		i := strings.IndexByte(a.Code[start:], '\n')
		if i < 0 {
			break
		}
		start += i + 1
	}
	return min(start+p.Column-1, len(a.Code))
}

// Analyze checks a cell against those analyzed before it, and declares what it
// declares, as if it had run. A session is for analyzing or for executing, not
// for both.
func (s *Session) Analyze(cell Cell) (*Analysis, *Error) {
	s.executing.Lock()
	defer s.executing.Unlock()
	t := text{fmt.Sprintf("cell[%d]", cell.Number), cell.Code}
	p, problems := parseCell(s.fset, s.addText(t), cell.Code)
	if len(problems) > 0 {
		return nil, t.failure("SyntaxError", problems)
	}
	c, problems := s.check(p)
	if len(problems) > 0 {
		return nil, t.failure("TypeError", problems)
	}
	s.commit(p, c)
	a := &Analysis{
		Code: cell.Code, Decls: p.decls, Stmts: p.stmts, Info: c.unit.Info, Idents: p.idents, Globals: c.unit.Globals, fset: s.fset,
	}
	chunks, _, _ := split(cell.Code)
	kinds := map[chunkKind]PieceKind{chunkStmt: PieceStatement, chunkDecl: PieceDeclaration, chunkImport: PieceImport}
	for _, k := range chunks {
		if kind, ok := kinds[k.kind]; ok {
			a.Pieces = append(a.Pieces, Piece{kind, k.start, k.end})
		}
	}
	for _, spec := range p.imports {
		path := strings.Trim(spec.Path.Value, "\"`")
		if real, ok := aliases[path]; ok {
			path = real
		}
		i := Import{Path: path}
		if pkg, err := s.imp.Import(path); err == nil {
			i.Name = pkg.Name()
		}
		if spec.Name != nil {
			i.Name = spec.Name.Name
		}
		a.Imports = append(a.Imports, i)
	}
	return a, nil
}

// CheckProgram parses and checks the only file of a program, and returns its
// syntax with all that the compiler would refuse.
func (s *Session) CheckProgram(src []byte) (*token.FileSet, *ast.File, []types.Error, error) {
	f, err := parser.ParseFile(s.fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("session: %w", err)
	}
	var problems []types.Error
	conf := types.Config{Importer: s.imp, GoVersion: goVersion, Error: func(err error) {
		problems = append(problems, err.(types.Error))
	}}
	_, _ = conf.Check(mainPath, s.fset, []*ast.File{f}, nil)
	return s.fset, f, problems, nil
}
