package session

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"sort"
	"strings"

	"arch2vec/kernel/session/lower"
)

// ProgramError is why a program did not run to its end. Its text is all that
// there is to say, with the program's own lines and columns.
type ProgramError struct {
	Err *Error
	// Status is the exit status that a compiled program would have: 2 after a
	// panic, 1 where the program did not compile, 130 after an interrupt.
	Status int
}

func (e *ProgramError) Error() string { return strings.Join(e.Err.Traceback, "\n") }
func (e *ProgramError) Unwrap() error { return e.Err }

// RunFile checks and runs a Go program: one file of package main. os.Args are
// path and args; the streams are the process's own unless opts says otherwise.
// os.Exit and log.Fatal end this process with their status, as they would the
// compiled program's; deferred calls of the caller do not run then.
//
// It returns nil when main returns, and otherwise an error that is a
// [*ProgramError], or says why the file could not be read.
func RunFile(ctx context.Context, path string, args []string, opts Options) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	return RunSource(ctx, path, src, args, opts)
}

// RunSource is [RunFile] for a program that is in memory; errors call it name.
func RunSource(ctx context.Context, name string, src []byte, args []string, opts Options) error {
	s, err := New(opts)
	if err != nil {
		return err
	}
	defer setArgs(append([]string{name}, args...))()
	if e := s.program(ctx, text{name, string(src)}); e != nil {
		status := 1
		switch e.Name {
		case "panic":
			status = 2
		case "Interrupted":
			status = 130
		}
		return &ProgramError{e, status}
	}
	return nil
}

// setArgs makes args the process's arguments, for os.Args and package flag, and
// returns what undoes that.
func setArgs(args []string) (restore func()) {
	oldArgs, oldFlags := os.Args, flag.CommandLine
	os.Args = args
	flag.CommandLine = flag.NewFlagSet(args[0], flag.ExitOnError)
	flag.CommandLine.Usage = func() { flag.Usage() }
	return func() { os.Args, flag.CommandLine = oldArgs, oldFlags }
}

// program runs a whole file.
func (s *Session) program(ctx context.Context, t text) *Error {
	file := s.addText(t)
	f, err := parser.ParseFile(s.fset, file, t.src, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
	if err != nil {
		return t.failure("SyntaxError", parseProblems(err))
	}
	if f.Name.Name != "main" {
		p := s.fset.Position(f.Name.Pos())
		return t.failure("TypeError", []problem{{p.Line, p.Column, "package " + f.Name.Name + " is not a program: it must be package main"}})
	}
	info := newInfo()
	info.InitOrder = []*types.Initializer{}
	var problems []problem
	conf := types.Config{Importer: s.imp, GoVersion: goVersion, Error: func(err error) {
		e := err.(types.Error)
		p := s.fset.Position(e.Pos)
		problems = append(problems, problem{p.Line, p.Column, e.Msg})
	}}
	pkg, _ := conf.Check(mainPath, s.fset, []*ast.File{f}, info)
	mainFn, _ := pkg.Scope().Lookup("main").(*types.Func)
	if mainFn == nil && len(problems) == 0 {
		problems = append(problems, problem{1, 1, "function main is undeclared in the main package"})
	}
	if len(problems) > 0 {
		sort.SliceStable(problems, func(i, j int) bool {
			a, b := problems[i], problems[j]
			return a.line < b.line || a.line == b.line && a.column < b.column
		})
		return t.failure("TypeError", problems)
	}
	_, e := s.run(ctx, t, &parsed{file: file, pos: f.Package}, programUnit(f, info, mainFn))
	return e
}

// programUnit initialises the package's variables in their order, then calls main.
func programUnit(f *ast.File, info *types.Info, mainFn *types.Func) *checked {
	u := lower.Unit{Pos: f.Package, Info: info, Main: mainFn}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			u.Funcs = append(u.Funcs, d)
		case *ast.GenDecl:
			if d.Tok != token.VAR {
				continue
			}
			for _, sp := range d.Specs {
				for _, n := range sp.(*ast.ValueSpec).Names {
					if v, ok := info.Defs[n].(*types.Var); ok && n.Name != "_" {
						u.Globals = append(u.Globals, v)
					}
				}
			}
		}
	}
	u.Inits = info.InitOrder
	return &checked{unit: u}
}

// ExitStatus returns the exit status that err, of RunFile or RunSource, asks for.
func ExitStatus(err error) int {
	var p *ProgramError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &p):
		return p.Status
	}
	return 1
}
