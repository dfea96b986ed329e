package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// forStmt lowers a loop with three clauses. Each iteration has its own copy of
// the loop's variables, which matters only where something outlives the
// iteration that refers to one:
//
//	for i__t := 0; i__t < n; i__t++ { i := i__t; ...; i__t = i }
func (f *fn) forStmt(s *ast.ForStmt, label string) {
	f.wrap(s.Pos(), func() {
		out := &ast.ForStmt{For: s.For}
		var copied []*types.Var
		if a, ok := s.Init.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			for _, l := range a.Lhs {
				if v, ok := f.info.Defs[l.(*ast.Ident)].(*types.Var); ok && f.captured(v, s.Body) {
					copied = append(copied, v)
				}
			}
		}
		outer := map[*types.Var]string{}
		for _, v := range copied {
			outer[v] = f.l.temp(v.Name())
			f.locals.names[v] = outer[v]
		}
		out.Init = f.simple(s.Init)
		if s.Cond != nil {
			out.Cond = f.expr(s.Cond)
		}
		if s.Post != nil {
			list := f.collect(func() { f.stmt(s.Post, "") })
			if len(list) == 1 {
				out.Post = list[0]
			} else {
				pos := s.Post.Pos()
				out.Post = exprStmt(call(funcLit(nil, nil, block(pos, list...))))
			}
		}
		t := &target{kind: isLoop, label: label}
		var first []ast.Stmt
		for _, v := range copied {
			delete(f.locals.names, v)
			n := f.local(v)
			first = append(first, define(n, id(outer[v], s.Pos())))
			t.again = append(t.again, set(id(outer[v], s.Pos()), id(n, s.Pos())))
		}
		f.enter(t, func() {
			body := f.collect(func() { f.stmts(s.Body.List) })
			body = append(first, body...)
			if !terminates(body) {
				body = append(body, t.again...)
			}
			out.Body = block(s.Body.Pos(), body...)
		})
		f.emit(f.withLabel(label, out))
	})
}

func terminates(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	switch s := list[len(list)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok != token.FALLTHROUGH
	}
	return false
}

// captured tells whether something in the body may refer to v after the
// iteration: a function literal, a pointer, a method with a pointer receiver.
func (f *fn) captured(v *types.Var, body ast.Node) bool {
	found := false
	uses := func(n ast.Node) bool {
		hit := false
		ast.Inspect(n, func(n ast.Node) bool {
			if i, ok := n.(*ast.Ident); ok && f.info.Uses[i] == v {
				hit = true
			}
			return !hit
		})
		return hit
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			found = found || uses(n.Body)
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && uses(n.X)
		case *ast.SelectorExpr:
			if s := f.info.Selections[n]; s != nil && s.Kind() == types.MethodVal {
				if _, ptr := pointerReceiver(s.Obj().(*types.Func)); ptr {
					found = found || uses(n.X)
				}
			}
		case *ast.SliceExpr:
			found = found || uses(n.X)
		case *ast.RangeStmt: // its body may become a function
			if _, ok := f.typeOf(n.X).Underlying().(*types.Signature); ok {
				found = found || uses(n.Body)
			}
		case *ast.DeferStmt, *ast.GoStmt:
			found = found || uses(n)
		}
		return !found
	})
	return found
}

func (f *fn) assigned(v *types.Var, body ast.Node) bool {
	found := false
	is := func(e ast.Expr) bool {
		i, ok := ast.Unparen(e).(*ast.Ident)
		return ok && f.info.Uses[i] == v
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				found = found || is(l)
			}
		case *ast.IncDecStmt:
			found = found || is(n.X)
		case *ast.RangeStmt:
			found = found || n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value)
		}
		return !found
	})
	return found
}
