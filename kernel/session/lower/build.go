package lower

import (
	"go/ast"
	"go/token"
	"strconv"
)

// Constructors of syntax. Each node has the position of the source it stands
// for: the interpreter takes file names and the place of a panic from it.

func id(name string, pos token.Pos) *ast.Ident { return &ast.Ident{Name: name, NamePos: pos} }

func lit(kind token.Token, value string, pos token.Pos) *ast.BasicLit {
	return &ast.BasicLit{Kind: kind, Value: value, ValuePos: pos}
}

func intLit(n int64, pos token.Pos) *ast.BasicLit {
	return lit(token.INT, strconv.FormatInt(n, 10), pos)
}

func sel(x ast.Expr, name string) *ast.SelectorExpr {
	return &ast.SelectorExpr{X: x, Sel: id(name, x.Pos())}
}

func call(fun ast.Expr, args ...ast.Expr) *ast.CallExpr {
	return &ast.CallExpr{Fun: fun, Args: args, Lparen: fun.Pos()}
}

func paren(x ast.Expr) ast.Expr {
	switch x.(type) {
	case *ast.Ident, *ast.ParenExpr, *ast.SelectorExpr, *ast.CallExpr, *ast.IndexExpr, *ast.BasicLit:
		return x
	}
	return &ast.ParenExpr{Lparen: x.Pos(), X: x}
}

func star(x ast.Expr) ast.Expr { return &ast.StarExpr{Star: x.Pos(), X: paren(x)} }

func addr(x ast.Expr) ast.Expr {
	return &ast.UnaryExpr{OpPos: x.Pos(), Op: token.AND, X: place(x)}
}

func binary(x ast.Expr, op token.Token, y ast.Expr) ast.Expr {
	return &ast.BinaryExpr{X: x, OpPos: x.Pos(), Op: op, Y: y}
}

func exprStmt(x ast.Expr) ast.Stmt { return &ast.ExprStmt{X: x} }

func assign(lhs []ast.Expr, tok token.Token, rhs ...ast.Expr) *ast.AssignStmt {
	return &ast.AssignStmt{Lhs: lhs, Tok: tok, TokPos: lhs[0].Pos(), Rhs: rhs}
}

func set(lhs, rhs ast.Expr) ast.Stmt { return assign([]ast.Expr{lhs}, token.ASSIGN, rhs) }

func define(name string, value ast.Expr) ast.Stmt {
	return assign([]ast.Expr{id(name, value.Pos())}, token.DEFINE, value)
}

func block(pos token.Pos, list ...ast.Stmt) *ast.BlockStmt {
	return &ast.BlockStmt{Lbrace: pos, List: list, Rbrace: pos}
}

func varDecl(name string, typ ast.Expr, value ast.Expr, pos token.Pos) *ast.GenDecl {
	spec := &ast.ValueSpec{Names: []*ast.Ident{id(name, pos)}, Type: typ}
	if value != nil {
		spec.Values = []ast.Expr{value}
	}
	return &ast.GenDecl{Tok: token.VAR, TokPos: pos, Specs: []ast.Spec{spec}}
}

func varStmt(name string, typ ast.Expr, value ast.Expr, pos token.Pos) ast.Stmt {
	return &ast.DeclStmt{Decl: varDecl(name, typ, value, pos)}
}

// declare declares a variable with a value. A function literal is assigned apart:
// the interpreter would not prepare its body twice, as the tracer wants it.
func (f *fn) declare(name string, typ ast.Expr, value ast.Expr, pos token.Pos) {
	literal := false
	if value != nil {
		ast.Inspect(value, func(n ast.Node) bool {
			_, is := n.(*ast.FuncLit)
			literal = literal || is
			return !literal
		})
	}
	if !literal {
		f.emit(varStmt(name, typ, value, pos))
		return
	}
	f.emit(varStmt(name, typ, nil, pos), set(id(name, pos), value))
}

func funcLit(params, results []*ast.Field, body *ast.BlockStmt) *ast.FuncLit {
	pos := body.Lbrace
	t := &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, List: params, Closing: pos}}
	if len(results) > 0 {
		t.Results = &ast.FieldList{Opening: pos, List: results, Closing: pos}
	}
	return &ast.FuncLit{Type: t, Body: body}
}

func field(name string, typ ast.Expr) *ast.Field {
	f := &ast.Field{Type: typ}
	if name != "" {
		f.Names = []*ast.Ident{id(name, typ.Pos())}
	}
	return f
}

func ifStmt(cond ast.Expr, then ...ast.Stmt) *ast.IfStmt {
	return &ast.IfStmt{If: cond.Pos(), Cond: cond, Body: block(cond.Pos(), then...)}
}

func branch(tok token.Token, label string, pos token.Pos) ast.Stmt {
	b := &ast.BranchStmt{Tok: tok, TokPos: pos}
	if label != "" {
		b.Label = id(label, pos)
	}
	return b
}

func ret(pos token.Pos, values ...ast.Expr) ast.Stmt {
	return &ast.ReturnStmt{Return: pos, Results: values}
}
