package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// wrap emits one statement that may need others before it, in a block.
func (f *fn) wrap(pos token.Pos, do func()) {
	list := f.collect(do)
	if len(list) == 1 {
		f.emit(list[0])
		return
	}
	f.emit(block(pos, list...))
}

func (f *fn) withLabel(label string, s ast.Stmt) ast.Stmt {
	if label == "" {
		return s
	}
	return &ast.LabeledStmt{Label: id(labelName(label), s.Pos()), Colon: s.Pos(), Stmt: s}
}

func (f *fn) switchStmt(s *ast.SwitchStmt, label string) {
	f.wrap(s.Pos(), func() {
		if s.Init != nil {
			f.stmt(s.Init, "")
		}
		out := &ast.SwitchStmt{Switch: s.Switch, Body: block(s.Body.Pos())}
		var tag types.Type
		if s.Tag != nil {
			tag = f.typeOf(s.Tag)
			if f.info.Types[s.Tag].Value != nil {
				tag = types.Default(tag)
			}
			// A variable: the interpreter evaluates the tag at each case.
			out.Tag = f.hold(f.exprTo(s.Tag, tag), tag)
		}
		held := out.Tag
		compare, explicit := f.comparesInterfaces(s, tag), false
		if tag != nil && !compare {
			_, basic := tag.Underlying().(*types.Basic)
			if !basic || f.casesCompute(s) {
				explicit, out.Tag = true, nil
			}
		}
		if compare {
			held, out.Tag = f.hold(f.convert(held, tag, types.NewInterfaceType(nil, nil)), types.NewInterfaceType(nil, nil)), nil
		}
		f.enter(&target{kind: isSwitch, label: label}, func() {
			for i, c := range s.Body.List {
				c := c.(*ast.CaseClause)
				cc := &ast.CaseClause{Case: c.Case, Colon: c.Colon}
				for _, e := range c.List {
					switch {
					case compare:
						cc.List = append(cc.List, call(f.l.runtime("Equal", e.Pos()), id(held.(*ast.Ident).Name, e.Pos()), f.inAny(e)))
					case explicit:
						cc.List = append(cc.List, f.caseEqual(id(held.(*ast.Ident).Name, e.Pos()), tag, e))
					case tag == nil && f.isInterface(e): // switch { case x: } compares with true
						cc.List = append(cc.List, call(f.l.runtime("Equal", e.Pos()), f.inAny(e), id("true", e.Pos())))
					case tag == nil:
						cc.List = append(cc.List, f.expr(e))
					default:
						cc.List = append(cc.List, f.caseValue(e, tag))
					}
				}
				if out.Tag == nil && len(cc.List) > 1 { // the interpreter mixes up lists with && in them
					all := ast.Expr(paren(cc.List[0]))
					for _, x := range cc.List[1:] {
						all = binary(all, token.LOR, paren(x))
					}
					cc.List = []ast.Expr{all}
				}
				cc.Body = f.collect(func() { f.clause(s.Body.List, i) })
				out.Body.List = append(out.Body.List, cc)
			}
		})
		f.emit(f.withLabel(label, out))
	})
}

// clause lowers the statements of a clause, with those of the next where it
// falls through from or to the default, which the interpreter moves to the end.
func (f *fn) clause(list []ast.Stmt, i int) {
	c := list[i].(*ast.CaseClause)
	n := len(c.Body)
	if n > 0 && i+1 < len(list) {
		b, ok := c.Body[n-1].(*ast.BranchStmt)
		if next := list[i+1].(*ast.CaseClause); ok && b.Tok == token.FALLTHROUGH && (c.List == nil || next.List == nil || f.fallsToDefault(list, i+1)) {
			f.stmts(c.Body[:n-1])
			f.emit(block(next.Pos(), f.collect(func() { f.clause(list, i+1) })...))
			return
		}
	}
	f.stmts(c.Body)
}

// fallsToDefault tells whether a clause falls through to the default.
func (f *fn) fallsToDefault(list []ast.Stmt, i int) bool {
	for ; i+1 < len(list); i++ {
		body := list[i].(*ast.CaseClause).Body
		if len(body) == 0 {
			return false
		}
		if b, ok := body[len(body)-1].(*ast.BranchStmt); !ok || b.Tok != token.FALLTHROUGH {
			return false
		}
		if list[i+1].(*ast.CaseClause).List == nil {
			return true
		}
	}
	return false
}

// comparesInterfaces tells whether a switch compares values in interfaces.
func (f *fn) comparesInterfaces(s *ast.SwitchStmt, tag types.Type) bool {
	if tag == nil {
		return false
	}
	if types.IsInterface(tag) {
		return true
	}
	for _, c := range s.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			if f.isInterface(e) {
				return true
			}
		}
	}
	return false
}

// casesCompute tells whether a case is no constant: the interpreter takes
// several such cases for one.
func (f *fn) casesCompute(s *ast.SwitchStmt) bool {
	for _, c := range s.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			if f.info.Types[e].Value == nil {
				return true
			}
		}
	}
	return false
}

// caseEqual compares the tag x with a case.
func (f *fn) caseEqual(x ast.Expr, tag types.Type, e ast.Expr) ast.Expr {
	if f.info.Types[e].IsNil() {
		return binary(x, token.EQL, id("nil", e.Pos()))
	}
	if f.info.Types[e].Value != nil {
		return binary(x, token.EQL, f.caseValue(e, tag))
	}
	t := f.typeOf(e)
	if types.AssignableTo(t, tag) {
		return binary(x, token.EQL, f.exprTo(e, tag))
	}
	return binary(f.convert(x, tag, t), token.EQL, f.expr(e))
}

func (f *fn) caseValue(e ast.Expr, tag types.Type) ast.Expr {
	if tv := f.info.Types[e]; tv.Value != nil && isNumeric(tag) {
		return bare(tv.Value, tag.Underlying().(*types.Basic), e.Pos())
	}
	return f.exprTo(e, tag)
}

func (f *fn) selectStmt(s *ast.SelectStmt, label string) {
	f.wrap(s.Pos(), func() {
		out := &ast.SelectStmt{Select: s.Select, Body: block(s.Body.Pos())}
		f.holdOperands = f.selectCalls(s)
		defer func() { f.holdOperands = false }()
		f.enter(&target{kind: isSwitch, label: label}, func() {
			for _, c := range s.Body.List {
				c := c.(*ast.CommClause)
				cc := &ast.CommClause{Case: c.Case, Colon: c.Colon}
				var first []ast.Stmt
				if c.Comm != nil {
					cc.Comm, first = f.comm(c.Comm)
				}
				out.Body.List = append(out.Body.List, cc)
				cc.Body = first
			}
			f.holdOperands = false
			for i, c := range s.Body.List {
				cc := out.Body.List[i].(*ast.CommClause)
				cc.Body = append(cc.Body, f.collect(func() { f.stmts(c.(*ast.CommClause).Body) })...)
			}
		})
		f.emit(f.withLabel(label, out))
	})
}

// comm lowers a communication to v := <-c or v, ok := <-c with new variables,
// and the assignments that then follow.
func (f *fn) comm(s ast.Stmt) (ast.Stmt, []ast.Stmt) {
	switch s := s.(type) {
	case *ast.SendStmt:
		list := f.collect(func() { f.stmt(s, "") })
		f.emit(list[:len(list)-1]...)
		send := list[len(list)-1].(*ast.SendStmt)
		if f.holdOperands {
			c := f.typeOf(s.Chan)
			send.Chan, send.Value = f.hold(send.Chan, c), f.hold(send.Value, elemOf(c))
		}
		return send, nil
	case *ast.ExprStmt:
		return exprStmt(f.recv(s.X)), nil
	case *ast.AssignStmt:
		recv := f.recv(s.Rhs[0])
		blank := true
		for _, l := range s.Lhs {
			i, ok := l.(*ast.Ident)
			blank = blank && ok && i.Name == "_"
		}
		if blank {
			return exprStmt(recv), nil
		}
		var lhs []ast.Expr
		var after []ast.Stmt
		for _, l := range s.Lhs {
			if i, ok := l.(*ast.Ident); ok && i.Name == "_" {
				lhs = append(lhs, id("_", l.Pos()))
				continue
			}
			n := f.l.temp("v")
			lhs = append(lhs, id(n, l.Pos()))
			if i, ok := l.(*ast.Ident); ok && s.Tok == token.DEFINE { // a new one each time
				after = append(after, define(f.local(f.info.Defs[i]), id(n, l.Pos())))
				continue
			}
			value := ast.Expr(id(n, l.Pos()))
			if len(lhs) == 1 {
				value = f.convert(value, elemOf(f.typeOf(ast.Unparen(s.Rhs[0]).(*ast.UnaryExpr).X)), f.typeOf(l))
			}
			after = append(after, set(f.expr(l), value))
		}
		return assign(lhs, token.DEFINE, recv), after
	}
	fail(s.Pos(), "internal error: unknown communication %T", s)
	return nil, nil
}

func elemOf(t types.Type) types.Type { return t.Underlying().(*types.Chan).Elem() }

// recv lowers a receive operation of select.
func (f *fn) recv(e ast.Expr) ast.Expr {
	x := unparen(f.expr(e))
	if u, ok := x.(*ast.UnaryExpr); ok && f.holdOperands {
		u.X = f.hold(u.X, f.typeOf(ast.Unparen(e).(*ast.UnaryExpr).X))
	}
	return x
}

// selectCalls tells whether operands of a select are calls: all of them are then
// evaluated first, in order.
func (f *fn) selectCalls(s *ast.SelectStmt) bool {
	found := false
	for _, c := range s.Body.List {
		if comm := c.(*ast.CommClause).Comm; comm != nil {
			ast.Inspect(comm, func(n ast.Node) bool {
				_, call := n.(*ast.CallExpr)
				found = found || call
				return !found
			})
		}
	}
	return found
}
