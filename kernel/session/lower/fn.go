package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// fn lowers one function's body. Function literals inside it have their own,
// sharing the names.
type fn struct {
	l      *Lowerer
	info   *types.Info
	env    env
	locals *locals

	results    *types.Tuple
	named      []string        // names of the results, where they have some
	defers     string          // variable with the deferred calls, where there are some
	panics     string          // variable with the panic that recover looks at, likewise
	references map[string]bool // of an assignment being lowered: variables on the left that hold references
	targets    *target         // what break, continue and return leave
	list       *[]ast.Stmt

	holdOperands bool // in a select
}

// locals gives each local object of a function a name of its own: the
// interpreter confuses objects that shadow each other.
type locals struct {
	names map[types.Object]string
	used  map[string]int
}

func (l *Lowerer) newFn(info *types.Info, e env) *fn {
	return &fn{l: l, info: info, env: e, locals: &locals{map[types.Object]string{}, map[string]int{}}}
}

// local returns the name of a local object.
func (f *fn) local(o types.Object) string {
	if n, ok := f.locals.names[o]; ok {
		return n
	}
	base := o.Name()
	if base == "_" || base == "" {
		return "_"
	}
	f.locals.used[base]++
	n := base
	if k := f.locals.used[base]; k > 1 || reserved(base) || f.l.versions[base] > 0 {
		n = base + "__l" + strconv.Itoa(k)
	}
	f.locals.names[o] = n
	return n
}

// funcDecl lowers a function or method.
func (f *fn) funcDecl(d *ast.FuncDecl, o *types.Func, name string) *ast.FuncDecl {
	pos := d.Pos()
	out := &ast.FuncDecl{Name: id(name, d.Name.Pos())}
	sig := f.info.Defs[d.Name].(*types.Func).Signature()
	out.Type = f.params(sig, pos)
	if recv := sig.Recv(); recv != nil { // a method: its receiver comes first
		n := f.local(recv)
		if n == "_" {
			n = f.l.temp("r")
		}
		out.Type.Params.List = append([]*ast.Field{field(n, f.typ(recv.Type(), pos))}, out.Type.Params.List...)
	}
	out.Body = f.body(d.Body)
	return out
}

// params writes a signature whose parameters are local objects of f.
func (f *fn) params(sig *types.Signature, pos token.Pos) *ast.FuncType {
	f.results = sig.Results()
	t := f.funcType(sig, func(v *types.Var) string {
		n := f.local(v)
		if n == "_" {
			n = f.l.temp("p") // the interpreter confuses several blank ones
		}
		return n
	}, pos)
	if t.Results == nil || sig.Results().At(0).Name() == "" {
		return t
	}
	for _, r := range t.Results.List {
		n := r.Names[0].Name
		if n == "_" {
			n = f.l.temp("result")
		}
		f.named, r.Names = append(f.named, n), nil
	}
	return t
}

// body lowers a function's body; see defer.go for one with deferred calls.
func (f *fn) body(b *ast.BlockStmt) *ast.BlockStmt {
	var first []ast.Stmt
	if recovers(f.info, b) {
		f.panics = f.l.temp("panic")
		first = append(first, define(f.panics, call(f.l.runtime("Deferred", b.Pos()))))
	}
	if defers(b) && f.named == nil {
		for range f.results.Len() {
			f.named = append(f.named, f.l.temp("result"))
		}
	}
	// Results are variables of the body: in the interpreter's frame they may be
	// those that the caller assigns to.
	for i, n := range f.named {
		first = append(first, varStmt(n, f.typ(f.results.At(i).Type(), b.Pos()), nil, b.Pos()))
	}
	if defers(b) {
		inner := f.withDefers(b.Pos(), func() []ast.Stmt { return f.block(b.Pos(), b.List).List })
		first = append(first, inner)
		if len(f.named) > 0 {
			first = append(first, ret(b.Rbrace, f.resultVars(b.Rbrace)...))
		}
		out := block(b.Pos(), first...)
		out.Rbrace = b.Rbrace
		return out
	}
	out := f.block(b.Pos(), b.List)
	out.List = append(first, out.List...)
	out.Rbrace = b.Rbrace
	return out
}

// resultVars refers to the results.
func (f *fn) resultVars(pos token.Pos) []ast.Expr {
	var list []ast.Expr
	for _, n := range f.named {
		list = append(list, id(n, pos))
	}
	return list
}

// funcLit lowers a function literal.
func (f *fn) funcLit(e *ast.FuncLit) ast.Expr {
	g := &fn{l: f.l, info: f.info, env: f.env, locals: f.locals}
	// Not in f's instance: the body refers to these very parameters.
	sig := f.info.TypeOf(e).Underlying().(*types.Signature)
	out := &ast.FuncLit{Type: g.params(sig, e.Pos())}
	out.Body = g.body(e.Body)
	return out
}

// typeOf returns the type of an expression in f's instance.
func (f *fn) typeOf(e ast.Expr) types.Type {
	t := f.info.TypeOf(e)
	if t == nil {
		if i, ok := e.(*ast.Ident); ok {
			if o := f.info.ObjectOf(i); o != nil {
				return f.subst(o.Type())
			}
		}
		fail(e.Pos(), "internal error: expression without a type")
	}
	return f.subst(t)
}

// emit appends statements to the list being lowered.
func (f *fn) emit(s ...ast.Stmt) { *f.list = append(*f.list, s...) }

// collect returns what do emits.
func (f *fn) collect(do func()) []ast.Stmt {
	saved := f.list
	var list []ast.Stmt
	f.list = &list
	do()
	f.list = saved
	return list
}

func (f *fn) block(pos token.Pos, stmts []ast.Stmt) *ast.BlockStmt {
	return block(pos, f.collect(func() { f.stmts(stmts) })...)
}

// hold evaluates x now, into a variable of its own.
func (f *fn) hold(x ast.Expr, t types.Type) ast.Expr {
	n := f.l.temp("v")
	if t == nil {
		f.emit(define(n, x))
	} else {
		f.declare(n, f.typ(t, x.Pos()), x, x.Pos())
	}
	return id(n, x.Pos())
}
