package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// unitBody lowers what the unit executes; Show gets the value of its last
// expression.
func (f *fn) unitBody(u Unit) []ast.Stmt {
	return f.collect(func() {
		for i, s := range u.Body {
			if e, ok := s.(*ast.ExprStmt); ok && u.Show && i == len(u.Body)-1 && !f.prints(e.X) {
				f.show(e)
				return
			}
			f.stmt(s, "")
		}
	})
}

// prints reports whether x is a call of fmt's printing functions: the count and
// the error that they return are of no interest to whoever looks at the output.
func (f *fn) prints(x ast.Expr) bool {
	c, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return false
	}
	s, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	callee, ok := f.info.Uses[s.Sel].(*types.Func)
	if !ok || callee.Pkg() == nil || callee.Pkg().Path() != "fmt" {
		return false
	}
	name := strings.TrimPrefix(callee.Name(), "F")
	return strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "print")
}

// show hands the values of an expression to Show, if it has any.
func (f *fn) show(s *ast.ExprStmt) {
	pos := s.Pos()
	tv := f.info.Types[s.X]
	if tup, ok := tv.Type.(*types.Tuple); ok {
		if tup.Len() == 0 {
			f.stmt(s, "")
			return
		}
		var lhs, args []ast.Expr
		for i := range tup.Len() {
			n := f.l.temp("v")
			lhs = append(lhs, id(n, pos))
			args = append(args, id(n, pos))
			f.l.out.shown = append(f.l.out.shown, tup.At(i).Type())
		}
		f.emit(assign(lhs, token.DEFINE, f.expr(s.X)))
		f.emit(exprStmt(call(f.l.runtime("Show", pos), args...)))
		return
	}
	if !tv.IsValue() || tv.IsNil() {
		f.stmt(s, "")
		return
	}
	t := types.Default(tv.Type)
	f.l.out.shown = append(f.l.out.shown, t)
	f.emit(exprStmt(call(f.l.runtime("Show", pos), f.exprTo(s.X, t))))
}

// inits assigns package variables their initial values, in the order that
// go/types found.
func (f *fn) inits(list []*types.Initializer) []ast.Stmt {
	return f.collect(func() {
		for _, in := range list {
			pos := in.Rhs.Pos()
			var lhs []ast.Expr
			for _, v := range in.Lhs {
				if v.Name() == "_" {
					lhs = append(lhs, id("_", pos))
					continue
				}
				lhs = append(lhs, id(f.l.names[v], pos))
			}
			if len(lhs) == 1 {
				f.emit(set(lhs[0], f.exprTo(in.Rhs, in.Lhs[0].Type())))
			} else {
				f.emit(assign(lhs, token.ASSIGN, f.commaOk(in.Rhs)))
			}
		}
	})
}
