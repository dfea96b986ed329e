package lower_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"arch2vec/kernel/session/lower"
)

// lowered returns the functions of a lowered program as text.
func lowered(t testing.TB, src string) (string, error) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", "package main\n"+src, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances: map[*ast.Ident]types.Instance{},
	}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil), GoVersion: "go1.26"}
	if _, err := conf.Check("main", fset, []*ast.File{f}, info); err != nil {
		t.Fatal(err)
	}
	u := lower.Unit{Pos: f.Package, Info: info}
	for _, d := range f.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok {
			u.Funcs = append(u.Funcs, fd)
		}
	}
	res, err := lower.New(fset, "main", nil).Lower(u)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	for _, d := range res.File.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Name.Name != "init" {
			// Without positions, so that the printer lays it out.
			if err := printer.Fprint(&b, token.NewFileSet(), fd); err != nil {
				t.Fatal(err)
			}
			b.WriteByte('\n')
		}
	}
	return strings.Join(strings.Fields(b.String()), " "), nil
}

func TestLower(t *testing.T) {
	for _, tc := range []struct{ name, src, want string }{
		{"constants are folded", "const n = 10\nfunc f() float64 { return n/4 + n/4.0 }", "return float64(4.5)"},
		{"inference is spelled out", "func id[T any](x T) T { return x }\nfunc f() string { return id(\"a\") }", "func id(x string) string"},
		{"promotion is spelled out", "type A struct{ X int }\ntype B struct{ A }\nfunc f(b B) int { return b.X }", "return b.A.X"},
		{"range over an integer", "func f() (s int) { for i := range 3 { s += i }; return }", "for i := 0; i < 3; i++"},
		{"shadowing", "func f(x int) int { { x := \"a\"; _ = x }; return x }", "x__l2 := \"a\""},
		{"a deferred call's operands", "func g(int) {}\nfunc f(i int) { defer g(i) }", "var v__t3 int = i return func() { g(v__t3) } }()"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := lowered(t, tc.src)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got, tc.want) {
				t.Errorf("no %q in\n%s", tc.want, got)
			}
		})
	}
}

func TestUnsupported(t *testing.T) {
	_, err := lowered(t, "func asm(int) int\nfunc f() int { return asm(1) }")
	e, ok := err.(*lower.Error)
	if !ok || !strings.Contains(fmt.Sprint(e), "asm has no body") || !e.Pos.IsValid() {
		t.Error(err)
	}
}
