package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// Unit is one piece of checked code: a cell, or a whole program.
type Unit struct {
	Pos  token.Pos // a position in the unit's file, for what has no other
	Info *types.Info

	Funcs   []*ast.FuncDecl // functions and methods
	Late    []LateMethod    // methods of types that earlier units declared
	Globals []*types.Var    // variables that outlive the unit, in order of declaration
	Body    []ast.Stmt      // what the unit executes

	// Of a program: its package variables' initial values in their order, and
	// the function that is called in the end.
	Inits []*types.Initializer
	Main  *types.Func

	// Show asks for the value of Body's last statement, where that is an
	// expression, to be handed to the function Show of package [Runtime].
	Show bool
}

// LateMethod is a method that was declared in a later unit than its type. It is
// checked as a function whose first parameter is the receiver.
type LateMethod struct {
	Method *types.Func
	Decl   *ast.FuncDecl // the function
}

// Result is a lowered unit. Executing File runs the unit's body once.
type Result struct {
	File  *ast.File
	Paths []string     // import paths that File needs
	Shown []types.Type // types of the values that Show is given
	Made  []Made       // types of package [Types] that File needs
}

// Made is a type that is given to the interpreter ready made.
type Made struct {
	Name string
	Type *ast.StructType
}

// Types is the import path of the types made of themselves; see made.go.
const Types = "types__"

// Runtime is the import path of the package that lowered code calls; its
// functions are the session's.
const Runtime = "runtime__"

// Lowerer keeps what later units need to know of earlier ones.
type Lowerer struct {
	// Importer finds the interfaces that compiled functions look for in what
	// they are given; it may be nil.
	Importer types.Importer

	fset *token.FileSet
	main string // the package path of lowered code

	names    map[types.Object]string
	versions map[string]int
	funcs    map[*types.Func]*source
	generic  func(path string) *Library
	insts    map[*types.Func][]*instance
	locals   []*localInst
	context  *types.Context
	temps    int
	selfMade map[*types.Named]bool

	// By type: names of struct types, boxes and helper functions, and numbers.
	declared, boxes, converters, assertions, taken, takenOK typeutil.Map
	dispatchers, indexes, walked, unwrappers                typeutil.Map
	wrappers                                                []wrapped
	switches                                                int // how many type switches there are

	// Typed are the types that lowered code names to the runtime by number.
	Typed []types.Type

	out     *output
	journal []func() // undoes the unit in progress
}

// source is where a function was declared.
type source struct {
	decl *ast.FuncDecl
	info *types.Info
}

// Library is the source of a package whose generic code is instantiated here,
// since compiled packages hold none.
type Library struct {
	Pkg   *types.Package
	Info  *types.Info
	Files []*ast.File
}

// output collects the parts of a unit's file.
type output struct {
	pos     token.Pos
	imports map[string]string // path to local name
	order   []string
	types   []ast.Decl
	vars    []ast.Decl
	funcs   []ast.Decl
	queue   []func()   // bodies still to be lowered
	setup   []ast.Stmt // what init does first
	shown   []types.Type
	made    []Made
}

// New returns a Lowerer for code of packages with path main. Library finds the
// source of generic packages by path; it returns nil for a package without.
func New(fset *token.FileSet, main string, library func(path string) *Library) *Lowerer {
	return &Lowerer{
		fset: fset, main: main, generic: library,
		names: map[types.Object]string{}, versions: map[string]int{},
		funcs: map[*types.Func]*source{}, insts: map[*types.Func][]*instance{}, context: types.NewContext(), selfMade: map[*types.Named]bool{},
	}
}

// Error says what the interpreter cannot execute.
type Error struct {
	Pos token.Pos
	Msg string
}

func (e *Error) Error() string { return e.Msg }

// fail ends the lowering of the unit with an [Error].
func fail(pos token.Pos, format string, args ...any) {
	panic(&Error{pos, fmt.Sprintf(format, args...)})
}

// Lower translates u. After an error, or after Undo, it is as if u had not been.
func (l *Lowerer) Lower(u Unit) (res *Result, err error) {
	l.out = &output{pos: u.Pos, imports: map[string]string{}}
	l.journal = nil
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				e = &Error{u.Pos, fmt.Sprintf("internal error: %v", r)}
			}
			l.Undo()
			res, err = nil, e
		}
	}()
	for _, d := range u.Funcs {
		if fn, ok := u.Info.Defs[d.Name].(*types.Func); ok {
			l.funcs[fn] = &source{d, u.Info}
		}
	}
	for _, v := range u.Globals {
		l.global(v, u.Pos)
	}
	for _, m := range u.Late {
		l.lateMethod(m, u.Info)
	}
	inits := l.unitFuncs(u)
	f := l.newFn(u.Info, nil)
	f.results = types.NewTuple()
	vars := f.inits(u.Inits)
	body := f.unitBody(u)
	l.drain()

	body = append(append(append(l.out.setup, vars...), inits...), body...)
	if u.Main != nil {
		body = append(body, exprStmt(call(id(l.names[u.Main], u.Pos))))
	}
	initFn := &ast.FuncDecl{
		Name: id("init", u.Pos),
		Type: &ast.FuncType{Func: u.Pos, Params: &ast.FieldList{Opening: u.Pos}},
		Body: &ast.BlockStmt{Lbrace: u.Pos, List: body},
	}
	return &Result{File: l.file(initFn), Paths: l.out.order, Shown: l.out.shown, Made: l.out.made}, nil
}

// Undo forgets the unit that was lowered last.
func (l *Lowerer) Undo() {
	for _, undo := range slices.Backward(l.journal) {
		undo()
	}
	l.journal = nil
}

// unitFuncs queues the unit's own functions and methods, and returns calls of
// its init functions.
func (l *Lowerer) unitFuncs(u Unit) []ast.Stmt {
	var inits []ast.Stmt
	for _, d := range u.Funcs {
		fn, ok := u.Info.Defs[d.Name].(*types.Func)
		if !ok || d.Body == nil && d.Recv == nil {
			if d.Body == nil {
				fail(d.Pos(), "function %s has no body", d.Name.Name)
			}
			continue
		}
		sig := fn.Signature()
		if sig.Recv() != nil {
			// Of a generic type it is lowered per instance.
			if n := receiverNamed(sig); n != nil && n.TypeParams() == nil {
				l.methodFunc(fn, d.Pos())
			}
			continue
		}
		if sig.TypeParams() != nil {
			continue // lowered per instance
		}
		name := l.global(fn, d.Pos())
		l.queueFunc(d, fn, u.Info, name, nil)
		if d.Name.Name == "init" {
			inits = append(inits, exprStmt(call(id(name, d.Pos()))))
		}
	}
	return inits
}

// queueFunc has the function's body lowered once everything is declared.
func (l *Lowerer) queueFunc(d *ast.FuncDecl, fn *types.Func, info *types.Info, name string, env env) {
	l.out.queue = append(l.out.queue, func() {
		f := l.newFn(info, env)
		l.out.funcs = append(l.out.funcs, f.funcDecl(d, fn, name))
	})
}

func (l *Lowerer) drain() {
	for len(l.out.queue) > 0 {
		next := l.out.queue[0]
		l.out.queue = l.out.queue[1:]
		next()
	}
}

// file puts the parts together.
func (l *Lowerer) file(initFn *ast.FuncDecl) *ast.File {
	o := l.out
	f := &ast.File{Package: o.pos, Name: id("main", o.pos)}
	for _, path := range o.order {
		spec := &ast.ImportSpec{
			Name: id(o.imports[path], o.pos),
			Path: lit(token.STRING, fmt.Sprintf("%q", path), o.pos),
		}
		f.Decls = append(f.Decls, &ast.GenDecl{Tok: token.IMPORT, TokPos: o.pos, Specs: []ast.Spec{spec}})
	}
	f.Decls = append(f.Decls, o.types...)
	f.Decls = append(f.Decls, o.vars...)
	f.Decls = append(f.Decls, o.funcs...)
	f.Decls = append(f.Decls, initFn)
	return f
}
