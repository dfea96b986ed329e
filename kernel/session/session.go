package session

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/traefik/yaegi/interp"

	"arch2vec/kernel/session/lower"
	"arch2vec/stdlib/symbols"
	"arch2vec/stdlib/symbols/table"
	"arch2vec/stdlib/typeinfo"
)

// Options connect a session to the world. The zero value is a session that
// uses the process's own standard streams.
type Options struct {
	Stdout, Stderr io.Writer // nil: the process's own
	Stdin          io.Reader // nil: the process's own

	// Show gets the values of each cell's last expression, with their types as
	// the checker knows them, while the cell still runs. Where it is nil they
	// are only returned.
	Show func(values []any, kinds []types.Type)

	// Note gets remarks on a cell before it runs, one line each: imports that
	// were added, variables that are not used, code that keeps using what the
	// cell declares again. Where it is nil they are only returned.
	Note func(line string)

	// Modules are packages that cells may import besides those that every
	// session has.
	Modules []Module

	// Preprocess, where it is not nil, sees a cell's code before anything
	// else: the place for %commands and $shell lines. What it returns must
	// have the same lines.
	Preprocess func(ctx context.Context, code string) (string, error)
}

// Module is packages that this binary was built with: their symbol tables, sorted
// by import path, and the archives of their types and comments, as package
// extract writes them.
type Module struct {
	Tables   []*table.Table
	TypeInfo []byte
	Docs     []byte // may be nil
}

// Cell is code to execute. Number names it in errors: "cell[3]".
type Cell struct {
	Number int
	Code   string
}

// Result is what a cell that succeeded leaves.
type Result struct {
	Values  []any        // of the last expression; none after other statements
	Kinds   []types.Type // their types
	Imports []string     // packages that were imported without being asked for
	Notes   []string     // remarks, see Options.Note
}

// Session is one running Go program that grows cell by cell. One Execute runs
// at a time; the other methods may be called while it does.
type Session struct {
	opts    Options
	in      *interp.Interpreter
	fset    *token.FileSet
	streams standardStreams

	symbols  symbols.Set
	typeInfo typeinfo.Set
	comments *typeinfo.Docs
	imp      types.Importer
	lower    *lower.Lowerer
	trace    *tracer
	stop     *stopper
	links    *linker

	executing sync.Mutex

	mu    sync.RWMutex // guards what follows
	scope map[string]types.Object
	texts map[string]text // by file name
	docs  map[types.Object]string
	runs  int

	earlier map[string][]*types.Func // functions that were declared, by name
	users   map[types.Object]map[*types.Func]bool

	// phantoms are methods that a type got from a cell which then did not
	// pass; go/types cannot take them back.
	phantoms  map[*types.Func]bool
	exploring bool // a view for completion, in which types get no methods

	loaded     map[string]bool // import paths
	loadedKeys map[string]bool // tables
	libraries  map[string]*lower.Library
	starts     map[token.Pos]bool // where units start: the place of what has no other
	dyn        *dynamics
	maker      *typeMaker
	goTypes    goTypes
	fmtSymbols map[string]reflect.Value
	compiled   int   // cells
	values     []any // of the running cell
	shown      []types.Type
}

// New starts a session. It has imported package display already, under the
// name that gophernotes gives it, and declared its function Display.
func New(opts Options) (*Session, error) {
	s := &Session{
		opts:  opts,
		links: &linker{map[token.Pos]function{}}, earlier: map[string][]*types.Func{}, users: map[types.Object]map[*types.Func]bool{},
		scope: map[string]types.Object{}, docs: map[types.Object]string{}, texts: map[string]text{}, starts: map[token.Pos]bool{},
		loaded: map[string]bool{}, loadedKeys: map[string]bool{}, libraries: map[string]*lower.Library{}, phantoms: map[*types.Func]bool{},
	}
	if err := s.modules(); err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	if err := s.start(); err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	if err := s.predeclare(); err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	return s, nil
}

// modules finds the packages that cells may import.
func (s *Session) modules() error {
	var tables []*table.Table
	var archives, docs [][]byte
	for _, m := range s.opts.Modules {
		tables = append(tables, m.Tables...)
		archives = append(archives, m.TypeInfo)
		if m.Docs != nil {
			docs = append(docs, m.Docs)
		}
	}
	slices.SortFunc(tables, func(a, b *table.Table) int { return strings.Compare(a.Path, b.Path) })
	s.symbols = symbols.With(tables...)
	var err error
	if s.typeInfo, err = typeinfo.With(archives...); err != nil {
		return err
	}
	s.comments, err = typeinfo.NewDocs(docs...)
	return err
}

func (s *Session) start() error {
	s.stop = newStopper()
	s.trace = newTracer(s.stop)
	s.streams = standardStreams{os.Stdin, os.Stdout, os.Stderr}
	s.in = interp.New(interp.Options{
		Stdin: s.opts.Stdin, Stdout: s.opts.Stdout, Stderr: io.Discard, // its own traces; see tracer
		Unrestricted: true, SourcecodeFilesystem: noFiles{},
	})
	s.fset = s.in.FileSet()
	s.imp = aliasImporter{s.typeInfo.Importer(s.fset)}
	s.lower = lower.New(s.fset, mainPath, s.library)
	s.lower.Importer = s.imp
	s.maker = newTypeMaker(s)
	s.dyn = newDynamics(func(index int) types.Type { return s.lower.Typed[index] })
	return s.useRuntime()
}

// Execute runs a cell. A cell that fails to check changes nothing; one that
// fails while it runs keeps what it had done. When ctx is done the cell stops
// with an Error named "Interrupted", and the session goes on.
func (s *Session) Execute(ctx context.Context, cell Cell) (Result, *Error) {
	s.executing.Lock()
	defer s.executing.Unlock()
	code := cell.Code
	if s.opts.Preprocess != nil {
		var err error
		if code, err = s.opts.Preprocess(ctx, code); err != nil {
			var e *Error
			if errors.As(err, &e) {
				return Result{}, e
			}
			return Result{}, &Error{Name: "Error", Value: err.Error(), Traceback: []string{err.Error()}}
		}
	}
	t := text{fmt.Sprintf("cell[%d]", cell.Number), code}
	file := s.addText(t)
	p, problems := parseCell(s.fset, file, code)
	if len(problems) > 0 {
		return Result{}, t.failure("SyntaxError", problems)
	}
	c, problems := s.check(p)
	if len(problems) > 0 {
		return Result{}, t.failure("TypeError", problems)
	}
	return s.run(ctx, t, p, c)
}

// addText registers source under a file name that no earlier execution had.
func (s *Session) addText(t text) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	file := fmt.Sprintf("%s#%d", strings.ReplaceAll(t.name, "/", "|"), s.runs)
	s.texts[file] = t
	return file
}

// run lowers a checked cell, compiles and executes it.
func (s *Session) run(ctx context.Context, t text, p *parsed, c *checked) (Result, *Error) {
	s.mu.Lock()
	s.starts[p.pos] = true
	s.mu.Unlock()
	s.shareStorage(c)
	low, err := s.lower.Lower(c.unit)
	if err != nil {
		return Result{}, s.unsupported(t, err)
	}
	prog, err := s.compile(low)
	if err != nil {
		s.lower.Undo()
		return Result{}, s.unsupported(t, err)
	}
	s.link(c, prog)
	notes := s.notes(t, p, c)
	s.commit(p, c)
	for _, n := range notes {
		if s.opts.Note != nil {
			s.opts.Note(n)
		}
	}

	s.values, s.shown = nil, low.Shown
	if e := s.execute(ctx, t, prog); e != nil {
		return Result{}, e
	}
	return Result{Values: s.values, Kinds: low.Shown, Imports: c.added, Notes: notes}, nil
}

// shareStorage makes a variable that is declared again with the same type the
// same variable, so that functions of earlier cells see its new value.
func (s *Session) shareStorage(c *checked) {
	last := map[string]*types.Var{}
	for _, v := range c.unit.Globals {
		old, ok := last[v.Name()]
		if !ok {
			old, _ = s.scope[v.Name()].(*types.Var)
		}
		if old != nil && types.Identical(old.Type(), v.Type()) {
			s.lower.Share(v, old)
		}
		last[v.Name()] = v
	}
}

// commit makes a cell's declarations visible to later ones.
func (s *Session) commit(p *parsed, c *checked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, o := range c.declared {
		s.scope[name] = o
	}
	for _, m := range c.unit.Late {
		delete(s.phantoms, m.Method)
	}
	s.addDocs(p, c)
}

// compile hands lowered code to the interpreter.
func (s *Session) compile(low *lower.Result) (prog *interp.Program, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	if err := s.load(low.Paths); err != nil {
		return nil, err
	}
	if s.compiled++; s.compiled%forgetEvery == 0 {
		forgetCells(s.in)
	}
	if err := s.maker.make(low); err != nil {
		return nil, err
	}
	prog, err = s.in.CompileAST(low.File)
	if err != nil {
		return nil, err
	}
	s.trace.instrument(prog)
	return prog, nil
}
