package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// gophernotes makes a cell mean what notebooks written for gophernotes take it
// to mean, where today's compiler would refuse it.
func (c *checker) gophernotes() {
	for _, d := range c.p.decls {
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Body == nil {
			giveBody(fd)
		}
		ast.Inspect(d, c.twoValuesOfNew)
	}
	for _, s := range c.p.stmts {
		ast.Inspect(s, c.twoValuesOfNew)
	}
}

// giveBody makes a function that was declared without a body, as documentation
// does, one that panics.
func giveBody(fd *ast.FuncDecl) {
	at := fd.Name.Pos()
	text := fmt.Sprintf("%q", fmt.Sprintf("function %s was declared without a body", fd.Name.Name))
	fd.Body = &ast.BlockStmt{Lbrace: at, Rbrace: at, List: []ast.Stmt{&ast.ExprStmt{X: &ast.CallExpr{
		Fun:    &ast.Ident{Name: "panic", NamePos: at},
		Args:   []ast.Expr{&ast.BasicLit{Kind: token.STRING, Value: text, ValuePos: at}},
		Lparen: at, Rparen: at,
	}}}}
}

// twoValuesOfNew lets p, err := plot.New() stand: until its version 0.9 in 2021
// gonum/plot returned an error as well.
func (c *checker) twoValuesOfNew(n ast.Node) bool {
	a, ok := n.(*ast.AssignStmt)
	if !ok || len(a.Lhs) != 2 || len(a.Rhs) != 1 {
		return true
	}
	call, ok := a.Rhs[0].(*ast.CallExpr)
	if !ok || len(call.Args) != 0 {
		return true
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "New" {
		return true
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return true
	}
	if pn, ok := c.lookup(id.Name).(*types.PkgName); ok && pn.Imported().Path() == "gonum.org/v1/plot" {
		at := call.End()
		a.Rhs = append(a.Rhs, &ast.CallExpr{
			Fun: &ast.Ident{Name: "error", NamePos: at}, Args: []ast.Expr{&ast.Ident{Name: "nil", NamePos: at}}, Lparen: at, Rparen: at,
		})
	}
	return true
}
