package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// computes tells whether evaluating x may panic.
func (f *fn) computes(x ast.Expr) bool {
	switch unparen(x).(type) {
	case *ast.BinaryExpr, *ast.StarExpr, *ast.IndexExpr, *ast.SelectorExpr, *ast.SliceExpr, *ast.UnaryExpr:
		return true
	}
	return false
}

// assign lowers assignments and short declarations.
func (f *fn) assign(s *ast.AssignStmt) {
	if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
		f.opAssign(s)
		return
	}
	lhs := make([]ast.Expr, len(s.Lhs))
	fresh := 0 // new local variables
	var declare []*types.Var
	for i, l := range s.Lhs {
		if x, ok := ast.Unparen(l).(*ast.Ident); ok {
			if x.Name == "_" {
				lhs[i] = id("_", l.Pos())
				continue
			}
			if v, ok := f.info.Defs[x].(*types.Var); ok && s.Tok == token.DEFINE {
				if n, global := f.l.names[v]; global {
					lhs[i] = id(n, l.Pos())
				} else {
					fresh++
					declare = append(declare, v)
				}
				continue
			}
		}
		lhs[i] = unparen(f.expr(l))
	}
	// The right side does not see the new variables.
	var rhs []ast.Expr
	if len(s.Rhs) == len(s.Lhs) {
		for i, r := range s.Rhs {
			rhs = append(rhs, f.exprTo(r, f.lhsType(s.Lhs[i], r)))
		}
	} else {
		rhs = []ast.Expr{f.commaOk(s.Rhs[0])}
	}
	for i, l := range s.Lhs {
		if lhs[i] == nil {
			lhs[i] = id(f.local(f.info.Defs[l.(*ast.Ident)]), l.Pos())
		}
	}
	if len(rhs) == 1 && len(lhs) == 1 {
		u, ok := unparen(rhs[0]).(*ast.UnaryExpr)
		if _, plain := lhs[0].(*ast.Ident); ok && u.Op == token.ARROW && !plain {
			rhs[0] = f.hold(u, nil) // the interpreter receives only into variables
		}
		if i, ok := lhs[0].(*ast.Ident); ok && i.Name == "_" {
			if f.computes(rhs[0]) {
				f.hold(rhs[0], nil) // the interpreter would compute nothing
				return
			}
		}
	}
	tok := token.ASSIGN
	blanks := 0
	for _, l := range lhs {
		if i, ok := l.(*ast.Ident); ok && i.Name == "_" {
			blanks++
		}
	}
	if fresh > 0 && fresh+blanks == len(lhs) {
		tok = token.DEFINE
	} else {
		for _, v := range declare {
			f.emit(varStmt(f.local(v), f.typ(v.Type(), s.Pos()), nil, s.Pos()))
		}
	}
	if len(rhs) == 1 && len(lhs) > 1 && tok == token.ASSIGN && f.converts(s) {
		f.operands(lhs)
		var after []ast.Stmt
		tuple := f.typeOf(s.Rhs[0]).(*types.Tuple)
		for i, l := range lhs {
			if x, ok := l.(*ast.Ident); ok && x.Name == "_" {
				continue
			}
			n := id(f.l.temp("v"), l.Pos())
			lhs[i] = n
			after = append(after, set(l, f.convert(n, tuple.At(i).Type(), f.lhsType(s.Lhs[i], nil))))
		}
		f.emit(assign(lhs, token.DEFINE, rhs[0]))
		f.emit(after...)
		return
	}
	if tok == token.DEFINE && len(lhs) == 1 && f.needsType(declare[0].Type(), s.Rhs[0]) {
		f.declare(f.local(declare[0]), f.typ(declare[0].Type(), s.Pos()), rhs[0], s.Pos())
		return
	}
	if len(rhs) > 1 {
		f.parallel(lhs, tok, rhs, s)
		return
	}
	a := assign(lhs, tok, rhs...)
	a.TokPos = s.TokPos
	f.emit(a)
}

// converts tells whether an assignment of several results changes the type of
// one, or stores one elsewhere than in a variable.
func (f *fn) converts(s *ast.AssignStmt) bool {
	tuple, ok := f.typeOf(s.Rhs[0]).(*types.Tuple)
	if !ok {
		return false
	}
	if _, receive := ast.Unparen(s.Rhs[0]).(*ast.UnaryExpr); receive {
		return true
	}
	for i, l := range s.Lhs {
		x, ok := ast.Unparen(l).(*ast.Ident)
		if ok && x.Name == "_" {
			continue
		}
		if !ok || !types.Identical(f.lhsType(l, nil), tuple.At(i).Type()) {
			return true
		}
	}
	return false
}

// needsType tells whether the interpreter might give x := e another type.
func (f *fn) needsType(t types.Type, e ast.Expr) bool {
	return types.IsInterface(f.subst(t)) && f.info.Types[e].IsNil()
}

func (f *fn) lhsType(l, r ast.Expr) types.Type {
	if i, ok := ast.Unparen(l).(*ast.Ident); ok {
		if i.Name == "_" {
			return types.Default(f.typeOf(r))
		}
		if o := f.info.ObjectOf(i); o != nil {
			return o.Type()
		}
	}
	return f.typeOf(l)
}

// parallel lowers a, b = x, y. Operands on the left are evaluated first, then
// all values, then the assignments happen.
func (f *fn) parallel(lhs []ast.Expr, tok token.Token, rhs []ast.Expr, s *ast.AssignStmt) {
	if tok == token.DEFINE {
		// One by one: the interpreter mixes up calls among them.
		for i, l := range lhs {
			if x := l.(*ast.Ident); x.Name == "_" {
				f.hold(rhs[i], nil)
			} else {
				f.emit(define(x.Name, rhs[i]))
			}
		}
		return
	}
	f.references = map[string]bool{}
	for i, l := range s.Lhs {
		ast.Inspect(l, func(n ast.Node) bool {
			x, ok := n.(*ast.Ident)
			if !ok || n == s.Lhs[i] {
				return true
			}
			if v, ok := f.info.Uses[x].(*types.Var); ok && !v.IsField() {
				switch f.subst(v.Type()).Underlying().(type) {
				case *types.Slice, *types.Map, *types.Pointer:
					if i, ok := f.object(x, x.Pos()).(*ast.Ident); ok {
						f.references[i.Name] = true
					}
				}
			}
			return true
		})
	}
	f.operands(lhs)
	f.references = nil
	for i, r := range rhs {
		if _, isLit := r.(*ast.BasicLit); isLit || i == 0 && len(rhs) == 1 {
			continue
		}
		t := f.lhsType(s.Lhs[i], s.Rhs[i])
		if b, ok := t.(*types.Basic); ok && b.Kind() == types.UntypedNil {
			continue
		}
		rhs[i] = f.hold(r, t)
	}
	for i, l := range lhs {
		if x, ok := l.(*ast.Ident); ok && x.Name == "_" {
			continue
		}
		f.emit(set(l, rhs[i]))
	}
}

// operands evaluates the operands of indexing and dereferencing on the left
// side of an assignment.
func (f *fn) operands(lhs []ast.Expr) {
	for _, l := range lhs {
		switch x := l.(type) {
		case *ast.IndexExpr:
			if !f.isSimple(x.Index) {
				x.Index = f.hold(x.Index, nil)
			}
			f.heldBase(&x.X)
		case *ast.StarExpr:
			x.X = f.hold(x.X, nil)
		case *ast.SelectorExpr:
			f.heldBase(&x.X)
		}
	}
}

// heldBase evaluates a slice, map or pointer on the left side of an assignment:
// the assignments before may change the variable that it is in. Of an array or
// a struct the place is meant.
func (f *fn) heldBase(x *ast.Expr) {
	switch b := unparen(*x).(type) {
	case *ast.SelectorExpr:
		f.heldBase(&b.X)
	case *ast.IndexExpr:
		f.heldBase(&b.X)
	case *ast.StarExpr:
		b.X = f.hold(b.X, nil)
	case *ast.Ident:
		if f.references[b.Name] {
			*x = f.hold(b, nil)
		}
	}
}

func hasCall(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		_, call := n.(*ast.CallExpr)
		found = found || call
		return !found
	})
	return found
}

func (f *fn) isSimple(x ast.Expr) bool {
	_, ok := x.(*ast.BasicLit)
	return ok
}

// commaOk lowers the right side of a two-valued assignment.
func (f *fn) commaOk(e ast.Expr) ast.Expr {
	if a, ok := unparen(e).(*ast.TypeAssertExpr); ok {
		return f.assertion(a, true)
	}
	return unparen(f.expr(e))
}

func unparen(e ast.Expr) ast.Expr { return ast.Unparen(e) }

func (f *fn) opAssign(s *ast.AssignStmt) {
	t := f.typeOf(s.Lhs[0])
	a := &ast.AssignStmt{Lhs: []ast.Expr{unparen(f.expr(s.Lhs[0]))}, TokPos: s.TokPos, Tok: s.Tok}
	r := s.Rhs[0]
	tv := f.info.Types[r]
	if hasCall(r) { // it may change the variables on the left
		switch x := a.Lhs[0].(type) {
		case *ast.StarExpr:
			x.X = f.hold(x.X, nil)
		case *ast.IndexExpr:
			if _, array := f.typeOf(ast.Unparen(s.Lhs[0]).(*ast.IndexExpr).X).Underlying().(*types.Array); !array {
				x.X = f.hold(x.X, nil)
			}
			if !f.isSimple(x.Index) {
				x.Index = f.hold(x.Index, nil)
			}
		}
	}
	switch {
	case s.Tok == token.SHL_ASSIGN || s.Tok == token.SHR_ASSIGN:
		a.Rhs = []ast.Expr{f.indexValueUnsigned(r)}
	case tv.Value != nil && isNumeric(t):
		a.Rhs = []ast.Expr{bare(tv.Value, t.Underlying().(*types.Basic), r.Pos())}
	default:
		a.Rhs = []ast.Expr{f.exprTo(r, t)}
	}
	f.emit(a)
}
