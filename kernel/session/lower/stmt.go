package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

func (f *fn) stmts(list []ast.Stmt) {
	for _, s := range list {
		f.stmt(s, "")
	}
}

// stmt lowers a statement; label is the one that it bears.
func (f *fn) stmt(s ast.Stmt, label string) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		f.assign(s)
	case *ast.BlockStmt:
		f.labelled(label, s.Pos(), func() { f.emit(f.block(s.Pos(), s.List)) })
	case *ast.BranchStmt:
		f.branch(s)
	case *ast.DeclStmt:
		f.decl(s.Decl.(*ast.GenDecl))
	case *ast.DeferStmt:
		f.deferStmt(s)
	case *ast.EmptyStmt:
		if label != "" {
			f.emit(&ast.LabeledStmt{Label: id(labelName(label), s.Pos()), Colon: s.Pos(), Stmt: block(s.Pos())})
		}
	case *ast.ExprStmt:
		f.labelled(label, s.Pos(), func() { f.exprStmt(s) })
	case *ast.ForStmt:
		f.forStmt(s, label)
	case *ast.GoStmt:
		f.goStmt(s)
	case *ast.IfStmt:
		f.labelled(label, s.Pos(), func() { f.emit(f.ifStmt(s)) })
	case *ast.IncDecStmt:
		f.emit(&ast.IncDecStmt{X: f.expr(s.X), TokPos: s.TokPos, Tok: s.Tok})
	case *ast.LabeledStmt:
		switch s.Stmt.(type) {
		case *ast.AssignStmt, *ast.DeferStmt, *ast.GoStmt, *ast.IncDecStmt, *ast.ReturnStmt, *ast.SendStmt, *ast.LabeledStmt, *ast.BranchStmt, *ast.DeclStmt:
			// These may become several statements, or are known not to work labelled.
			f.emit(&ast.LabeledStmt{Label: id(labelName(s.Label.Name), s.Pos()), Colon: s.Colon, Stmt: block(s.Pos())})
			f.stmt(s.Stmt, "")
		default:
			f.stmt(s.Stmt, s.Label.Name)
		}
	case *ast.RangeStmt:
		f.rangeStmt(s, label)
	case *ast.ReturnStmt:
		f.returnStmt(s)
	case *ast.SelectStmt:
		f.selectStmt(s, label)
	case *ast.SendStmt:
		c := f.typeOf(s.Chan).Underlying().(*types.Chan)
		to := paren(f.used(s.Chan))
		if _, variable := to.(*ast.Ident); !variable { // it may look like a compiled channel, to which the interpreter cannot send
			to = f.hold(to, c)
		}
		f.emit(&ast.SendStmt{Chan: to, Arrow: s.Arrow, Value: f.exprTo(s.Value, c.Elem())})
	case *ast.SwitchStmt:
		f.switchStmt(s, label)
	case *ast.TypeSwitchStmt:
		f.typeSwitch(s, label)
	default:
		fail(s.Pos(), "internal error: unknown statement %T", s)
	}
}

// labelName keeps labels apart from variables, with which the interpreter
// confuses them.
func labelName(l string) string { return l + "__L" }

// labelled puts the label, if there is one, on the first statement of what do
// emits.
func (f *fn) labelled(label string, pos token.Pos, do func()) {
	if label == "" {
		do()
		return
	}
	list := f.collect(do)
	f.emit(&ast.LabeledStmt{Label: id(labelName(label), pos), Colon: pos, Stmt: block(pos)})
	f.emit(list...)
}

func (f *fn) exprStmt(s *ast.ExprStmt) {
	x := ast.Unparen(s.X)
	switch x := x.(type) {
	case *ast.CallExpr:
		tv := f.info.Types[x.Fun]
		if f.info.Types[x].Value == nil && !tv.IsType() {
			f.emit(exprStmt(f.call(x)))
			return
		}
	case *ast.UnaryExpr:
		if x.Op == token.ARROW {
			f.emit(exprStmt(f.expr(x)))
			return
		}
	}
	if tv := f.info.Types[s.X]; tv.IsValue() && tv.Value == nil {
		if x := f.expr(s.X); f.computes(x) {
			f.hold(x, nil)
		} else {
			f.emit(set(id("_", s.Pos()), x))
		}
	}
}

// decl lowers var declarations; constants and types are resolved where used.
func (f *fn) decl(d *ast.GenDecl) {
	if d.Tok != token.VAR {
		return
	}
	for _, sp := range d.Specs {
		spec := sp.(*ast.ValueSpec)
		f.valueSpec(spec)
	}
}

func (f *fn) valueSpec(spec *ast.ValueSpec) {
	pos := spec.Pos()
	var rhs []ast.Expr
	if len(spec.Values) == len(spec.Names) {
		for i, v := range spec.Values {
			t := f.info.TypeOf(v)
			if o := f.info.Defs[spec.Names[i]]; o != nil {
				t = o.Type()
			}
			rhs = append(rhs, f.exprTo(v, t))
		}
	}
	lhs := make([]ast.Expr, len(spec.Names))
	var held []ast.Expr
	if len(rhs) > 1 {
		for i, r := range rhs {
			held = append(held, f.hold(r, f.info.Defs[spec.Names[i]].Type()))
		}
		rhs = held
	}
	for i, n := range spec.Names {
		if n.Name == "_" {
			lhs[i] = id("_", n.Pos())
			if rhs != nil {
				f.emit(set(lhs[i], rhs[i]))
			}
			continue
		}
		v := f.info.Defs[n].(*types.Var)
		typ := f.typ(v.Type(), n.Pos())
		if g, global := f.l.names[v]; global {
			lhs[i] = id(g, n.Pos())
			switch {
			case rhs != nil:
				f.emit(set(lhs[i], rhs[i]))
			case spec.Values == nil: // perhaps it has an older value
				f.emit(set(lhs[i], star(call(id("new", pos), typ))))
			}
			continue
		}
		name := f.local(v)
		lhs[i] = id(name, n.Pos())
		var value ast.Expr
		if rhs != nil {
			value = rhs[i]
		}
		f.declare(name, typ, value, n.Pos())
	}
	if rhs == nil && spec.Values != nil {
		value := f.commaOk(spec.Values[0])
		var after []ast.Stmt
		for i, n := range spec.Names { // var e error, ok = f()
			from := f.typeOf(spec.Values[0]).(*types.Tuple).At(i).Type()
			if v := f.info.Defs[n]; n.Name != "_" && f.changes(from, v.Type()) {
				t := f.hold(star(call(id("new", pos), f.typ(from, pos))), from)
				after = append(after, set(lhs[i], f.convert(t, from, v.Type())))
				lhs[i] = t
			}
		}
		f.emit(assign(lhs, token.ASSIGN, value))
		f.emit(after...)
	}
}

// simple lowers the optional statement of if, switch and for. It returns nil
// where that takes more than one statement, which are then emitted.
func (f *fn) simple(s ast.Stmt) ast.Stmt {
	if s == nil {
		return nil
	}
	list := f.collect(func() { f.stmt(s, "") })
	if len(list) == 1 {
		if _, decl := list[0].(*ast.DeclStmt); !decl {
			return list[0]
		}
	}
	f.emit(list...)
	return nil
}

func (f *fn) ifStmt(s *ast.IfStmt) ast.Stmt {
	var out *ast.IfStmt
	list := f.collect(func() {
		out = &ast.IfStmt{If: s.If}
		if s.Init != nil {
			f.stmt(s.Init, "")
		}
		out.Cond = f.expr(s.Cond)
		out.Body = f.block(s.Body.Pos(), s.Body.List)
		switch e := s.Else.(type) {
		case *ast.BlockStmt:
			out.Else = f.block(e.Pos(), e.List)
		case *ast.IfStmt:
			inner := f.ifStmt(e)
			if _, ok := inner.(*ast.IfStmt); !ok {
				inner = block(e.Pos(), inner)
			}
			out.Else = inner
		}
		f.emit(out)
	})
	if len(list) == 1 {
		return list[0]
	}
	return block(s.Pos(), list...)
}

func (f *fn) returnStmt(s *ast.ReturnStmt) {
	var values []ast.Expr
	if len(s.Results) == 1 && f.results.Len() > 1 {
		values = []ast.Expr{f.expr(s.Results[0])}
		tuple := f.typeOf(s.Results[0]).(*types.Tuple)
		for i := range tuple.Len() {
			if f.changes(tuple.At(i).Type(), f.results.At(i).Type()) {
				values = f.heldResults(values[0], tuple)
				break
			}
		}
	} else {
		for i, r := range s.Results {
			v := f.exprTo(r, f.results.At(i).Type())
			if u, ok := v.(*ast.UnaryExpr); ok && u.Op == token.ARROW {
				v = f.hold(v, nil) // the interpreter cannot return it directly
			}
			if i, ok := unparen(v).(*ast.Ident); ok && f.isFunc(r) && i.Name != "nil" {
				v = &ast.TypeAssertExpr{X: f.function(v), Lparen: r.Pos(), Type: f.typ(f.typeOf(r).Underlying(), r.Pos())}
			}
			values = append(values, v)
		}
	}
	f.leave(values, s.Pos())
}

// isFunc tells whether an expression is the name of a declared function.
func (f *fn) isFunc(e ast.Expr) bool {
	var o types.Object
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		o = f.info.Uses[x]
	case *ast.IndexExpr:
		return f.isFunc(x.X)
	case *ast.IndexListExpr:
		return f.isFunc(x.X)
	}
	fn, ok := o.(*types.Func)
	return ok && f.l.isSource(fn.Pkg())
}

// heldResults converts the results of a call to those of the function.
func (f *fn) heldResults(x ast.Expr, tuple *types.Tuple) []ast.Expr {
	var lhs, values []ast.Expr
	for i := range tuple.Len() {
		n := id(f.l.temp("v"), x.Pos())
		lhs = append(lhs, n)
		values = append(values, f.convert(n, tuple.At(i).Type(), f.results.At(i).Type()))
	}
	f.emit(assign(lhs, token.DEFINE, x))
	return values
}

// goStmt starts a goroutine, in which a panic is reported before it ends the
// process.
func (f *fn) goStmt(s *ast.GoStmt) {
	f.emit(exprStmt(call(f.l.runtime("Go", s.Pos()), f.laterFunc(s.Call))))
}
