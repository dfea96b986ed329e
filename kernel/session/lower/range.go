package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

func (f *fn) rangeStmt(s *ast.RangeStmt, label string) {
	t := f.typeOf(s.X)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsInteger != 0 {
			f.rangeInt(s, label, t)
			return
		}
		f.rangeString(s, label)
		return
	case *types.Pointer:
		if f.unused(s.Value) { // it may be nil
			f.rangeLen(s, label, s.X, u.Elem().Underlying().(*types.Array).Len())
			return
		}
	case *types.Array:
		if x, ok := ast.Unparen(s.X).(*ast.StarExpr); ok && f.unused(s.Value) {
			f.rangeLen(s, label, x.X, u.Len())
			return
		}
	case *types.Signature:
		f.rangeFunc(s, label, u)
		return
	}
	f.wrap(s.Pos(), func() {
		out := &ast.RangeStmt{For: s.For, TokPos: s.TokPos, Range: s.Range, Tok: token.DEFINE}
		x := f.used(s.X)
		kt, vt := rangeTypes(t.Underlying())
		if a, ok := t.Underlying().(*types.Array); ok && s.Value != nil && a != nil {
			x = f.hold(x, t) // the loop is over a copy
		}
		if c, ok := x.(*ast.CompositeLit); ok {
			x = f.hold(c, nil)
		}
		out.X = x
		var first []ast.Stmt
		out.Key = f.rangeVar(s.Key, s.Tok, kt, s.Body, &first)
		if f.ofChannels(vt) && !f.unused(s.Value) {
			out.X = f.hold(x, nil)
			out.Key = f.ownKey(out.Key, s.Pos())
			out.Value = f.rangeVar(s.Value, s.Tok, vt, s.Body, &first)
			at := &ast.IndexExpr{X: id(out.X.(*ast.Ident).Name, s.Pos()), Index: id(out.Key.(*ast.Ident).Name, s.Pos())}
			if p, ok := t.Underlying().(*types.Pointer); ok && p != nil {
				at.X = paren(star(at.X))
			}
			first = append([]ast.Stmt{define(out.Value.(*ast.Ident).Name, at)}, first...)
			out.Value = nil
		} else {
			out.Value = f.rangeVar(s.Value, s.Tok, vt, s.Body, &first)
		}
		if s.Tok == token.ASSIGN && len(first) == 2 && !f.ofChannels(vt) { // at once, as a, b = k, v
			k, v := first[0].(*ast.AssignStmt), first[1].(*ast.AssignStmt)
			first = f.collect(func() {
				f.operands([]ast.Expr{k.Lhs[0], v.Lhs[0]})
				f.emit(k, v)
			})
		}
		if i, ok := out.Value.(*ast.Ident); ok && i.Name == "_" {
			out.Value = nil
		}
		if i, ok := out.Key.(*ast.Ident); ok && i.Name == "_" && out.Value == nil {
			out.Key = nil
		}
		out.Key = f.ownKey(out.Key, s.Pos())
		f.enter(&target{kind: isLoop, label: label}, func() {
			body := f.collect(func() { f.stmts(s.Body.List) })
			out.Body = block(s.Body.Pos(), append(first, body...)...)
		})
		f.emit(f.withLabel(label, out))
	})
}

// ownKey is the key's variable: the interpreter wants one that no other loop has.
func (f *fn) ownKey(key ast.Expr, pos token.Pos) ast.Expr {
	if i, ok := key.(*ast.Ident); key == nil || ok && i.Name == "_" {
		return id(f.l.temp("k"), pos)
	}
	return key
}

// ofChannels tells whether a loop's values are channels: the interpreter would
// take it for a loop over one.
func (f *fn) ofChannels(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := f.subst(t).Underlying().(*types.Chan)
	return ok
}

func (f *fn) unused(e ast.Expr) bool {
	i, ok := e.(*ast.Ident)
	return e == nil || ok && i.Name == "_"
}

// rangeLen counts the elements of an array that is not looked at.
func (f *fn) rangeLen(s *ast.RangeStmt, label string, x ast.Expr, n int64) {
	f.wrap(s.Pos(), func() {
		f.hold(f.expr(x), nil)
		f.count(s, label, types.Typ[types.Int], intLit(n, s.Pos()))
	})
}

// rangeString lowers the loop over a string's characters to one over lists of
// their offsets and values: the interpreter gets the offsets wrong after bytes
// that are no UTF-8.
func (f *fn) rangeString(s *ast.RangeStmt, label string) {
	pos := s.Pos()
	f.wrap(pos, func() {
		offsets, runes := f.l.temp("offsets"), f.l.temp("runes")
		x := f.exprTo(s.X, types.Typ[types.String])
		f.emit(assign([]ast.Expr{id(offsets, pos), id(runes, pos)}, token.DEFINE, call(f.l.runtime("Runes", pos), x)))
		k := f.l.temp("k")
		out := &ast.RangeStmt{For: s.For, TokPos: s.TokPos, Range: s.Range, Tok: token.DEFINE, Key: id(k, pos), X: id(runes, pos)}
		var first []ast.Stmt
		if !f.unused(s.Value) {
			out.Value = f.rangeVar(s.Value, s.Tok, types.Typ[types.Rune], s.Body, &first)
		}
		if !f.unused(s.Key) {
			at := &ast.IndexExpr{X: id(offsets, pos), Index: id(k, pos)}
			if s.Tok == token.DEFINE {
				first = append([]ast.Stmt{define(f.local(f.info.Defs[s.Key.(*ast.Ident)]), at)}, first...)
			} else {
				key := set(f.expr(s.Key), f.convert(at, types.Typ[types.Int], f.typeOf(s.Key)))
				first = f.collect(func() { // at once, as a, b = k, v
					for _, v := range first {
						f.operands(v.(*ast.AssignStmt).Lhs)
					}
					f.emit(key)
					f.emit(first...)
				})
			}
		}
		f.enter(&target{kind: isLoop, label: label}, func() {
			body := f.collect(func() { f.stmts(s.Body.List) })
			out.Body = block(s.Body.Pos(), append(first, body...)...)
		})
		f.emit(f.withLabel(label, out))
	})
}

func rangeTypes(t types.Type) (key, value types.Type) {
	switch t := t.(type) {
	case *types.Basic:
		return types.Typ[types.Int], types.Typ[types.Rune]
	case *types.Slice:
		return types.Typ[types.Int], t.Elem()
	case *types.Array:
		return types.Typ[types.Int], t.Elem()
	case *types.Pointer:
		return types.Typ[types.Int], t.Elem().Underlying().(*types.Array).Elem()
	case *types.Map:
		return t.Key(), t.Elem()
	case *types.Chan:
		return t.Elem(), nil
	}
	return nil, nil
}

// rangeVar returns the variable that the loop itself sets. Where the source's
// is another one, or must be new in each iteration, first sets that.
func (f *fn) rangeVar(e ast.Expr, tok token.Token, t types.Type, body ast.Node, first *[]ast.Stmt) ast.Expr {
	if e == nil {
		return nil
	}
	i, isIdent := e.(*ast.Ident)
	if isIdent && i.Name == "_" {
		return id("_", e.Pos())
	}
	if tok == token.DEFINE {
		v := f.info.Defs[i].(*types.Var)
		if !f.captured(v, body) && !f.assigned(v, body) {
			return id(f.local(v), e.Pos())
		}
		n := f.l.temp(i.Name)
		*first = append(*first, define(f.local(v), id(n, e.Pos())))
		return id(n, e.Pos())
	}
	n := f.l.temp("k")
	*first = append(*first, set(f.expr(e), f.convert(id(n, e.Pos()), t, f.typeOf(e))))
	return id(n, e.Pos())
}

// rangeInt counts.
func (f *fn) rangeInt(s *ast.RangeStmt, label string, t types.Type) {
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		t = types.Typ[types.Int]
		if s.Key != nil && s.Tok == token.ASSIGN {
			t = f.typeOf(s.Key)
		}
	}
	if s.Tok == token.DEFINE && s.Key != nil {
		if o := f.info.Defs[s.Key.(*ast.Ident)]; o != nil {
			t = f.subst(o.Type())
		}
	}
	f.wrap(s.Pos(), func() {
		var limit ast.Expr
		if tv := f.info.Types[s.X]; tv.Value != nil {
			limit = bare(tv.Value, t.Underlying().(*types.Basic), s.X.Pos())
		} else {
			limit = f.hold(f.expr(s.X), t)
		}
		f.count(s, label, t, limit)
	})
}

// count lowers a loop that counts up to limit.
func (f *fn) count(s *ast.RangeStmt, label string, t types.Type, limit ast.Expr) {
	pos := s.Pos()
	var first []ast.Stmt
	key := f.rangeVar(s.Key, s.Tok, t, s.Body, &first)
	i, _ := key.(*ast.Ident)
	if i == nil || i.Name == "_" {
		i = id(f.l.temp("i"), pos)
	}
	zero := ast.Expr(intLit(0, pos))
	if t != types.Typ[types.Int] {
		zero = call(f.typ(t, pos), zero)
	}
	out := &ast.ForStmt{
		For: s.For, Init: define(i.Name, zero), Cond: binary(id(i.Name, pos), token.LSS, limit),
		Post: &ast.IncDecStmt{X: id(i.Name, pos), TokPos: pos, Tok: token.INC},
	}
	f.enter(&target{kind: isLoop, label: label}, func() {
		body := f.collect(func() { f.stmts(s.Body.List) })
		out.Body = block(s.Body.Pos(), append(first, body...)...)
	})
	f.emit(f.withLabel(label, out))
}

// rangeFunc makes the body a function for the iterator to call. What leaves
// the loop is done after the iterator has returned.
func (f *fn) rangeFunc(s *ast.RangeStmt, label string, sig *types.Signature) {
	pos := s.Pos()
	yield := f.subst(sig.Params().At(0).Type()).Underlying().(*types.Signature)
	t := &target{kind: isRangeFunc, label: label, state: f.l.temp("state")}
	f.wrap(pos, func() {
		f.emit(varStmt(t.state, id("int", pos), nil, pos))
		for i := range f.results.Len() {
			if f.named != nil {
				t.results = append(t.results, f.named[i])
				continue
			}
			n := f.l.temp("result")
			t.results = append(t.results, n)
			f.emit(varStmt(n, f.typ(f.results.At(i).Type(), pos), nil, pos))
		}
		var params []*ast.Field
		var first []ast.Stmt
		for i := range yield.Params().Len() {
			e := s.Key
			if i == 1 {
				e = s.Value
			}
			pt := yield.Params().At(i).Type()
			n := f.l.temp("y")
			params = append(params, field(n, f.typ(pt, pos)))
			if e == nil {
				continue
			}
			if x, ok := e.(*ast.Ident); ok && x.Name == "_" {
				continue
			}
			if s.Tok == token.DEFINE {
				first = append(first, define(f.local(f.info.Defs[e.(*ast.Ident)]), id(n, pos)))
			} else {
				first = append(first, set(f.expr(e), f.convert(id(n, pos), pt, f.typeOf(e))))
			}
		}
		var body []ast.Stmt
		f.enter(t, func() { body = f.collect(func() { f.stmts(s.Body.List) }) })
		body = append(first, body...)
		if !terminates(body) {
			body = append(body, ret(pos, id("true", pos)))
		}
		lit := funcLit(params, []*ast.Field{field("", id("bool", pos))}, block(s.Body.Pos(), body...))
		f.emit(exprStmt(call(paren(f.expr(s.X)), lit)))
		for i, exit := range t.exits {
			then := f.collect(exit)
			f.emit(ifStmt(binary(id(t.state, pos), token.EQL, intLit(int64(i+1), pos)), then...))
		}
	})
}
