package typeinfo_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"sync"
	"testing"

	"arch2vec/stdlib/typeinfo"
)

func ExampleImporter() {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "cell", `package p
import "gonum.org/v1/gonum/mat"
var m = mat.NewDense(2, 2, nil)
`, 0)
	if err != nil {
		panic(err)
	}
	conf := types.Config{Importer: (typeinfo.Set{}).Importer(fset)}
	p, err := conf.Check("p", fset, []*ast.File{file}, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Scope().Lookup("m").Type())
	// Output: *gonum.org/v1/gonum/mat.Dense
}

// Types must be the same whichever package mentioned them first.
func TestIdentityInAnyOrder(t *testing.T) {
	for _, order := range [][]string{
		{"io", "bufio"}, {"bufio", "io"},
		{"gonum.org/v1/plot", "gonum.org/v1/plot/vg", "io"},
		{"io", "gonum.org/v1/plot/vg", "gonum.org/v1/plot"},
	} {
		im := (typeinfo.Set{}).Importer(token.NewFileSet())
		pkgs := map[string]*types.Package{}
		for _, path := range order {
			p, err := im.Import(path)
			if err != nil {
				t.Fatal(err)
			}
			pkgs[path] = p
		}
		reader := pkgs["io"].Scope().Lookup("Reader").Type()
		if b := pkgs["bufio"]; b != nil {
			newReader := b.Scope().Lookup("NewReader").Type().(*types.Signature)
			if !types.Identical(newReader.Params().At(0).Type(), reader) {
				t.Errorf("%q: bufio's io.Reader is another type", order)
			}
		}
		if again, _ := im.Import("io"); again != pkgs["io"] {
			t.Errorf("%q: a second import gives another package", order)
		}
	}
}

func TestUnknownPackage(t *testing.T) {
	im := (typeinfo.Set{}).Importer(token.NewFileSet())
	for path, want := range map[string]string{
		"gonum/mat":                   `"gonum.org/v1/gonum/mat"`,
		"string":                      `"strings"`,
		"encoding/jsn":                `"encoding/json"`,
		"example.org/a/very/odd/name": "%require",
		"a/very/odd/name":             "can be imported",
	} {
		_, err := im.Import(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one with %s", path, err, want)
		}
	}
}

func TestDocs(t *testing.T) {
	d, err := typeinfo.NewDocs()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ path, name, want string }{
		{"fmt", "Println", "Println formats using the default formats"},
		{"fmt", "", "Package fmt implements formatted I/O"},
		{"bytes", "Buffer.Write", "Write appends the contents of p"},
		{"net/http", "Server.Addr", "Addr optionally specifies the TCP address"},
		{"io", "Reader", "Reader is the interface that wraps the basic Read method."},
		{"io", "EOF", "EOF is the error returned by Read"},
		{"math", "Pi", "https://oeis.org"},
		{"atomic", "none", ""},
		{"sync/atomic", "Pointer.Load", "Load atomically loads"},
		{"gonum.org/v1/gonum/mat", "NewDense", "NewDense creates a new Dense matrix"},
	} {
		if got := d.Find(tc.path, tc.name); !strings.HasPrefix(got, tc.want) || tc.want == "" && got != "" {
			t.Errorf("%s %s: %q", tc.path, tc.name, got)
		}
	}
	if _, err := typeinfo.NewDocs([]byte("no zip")); err == nil {
		t.Error("no error")
	}
}

func TestConcurrentImports(t *testing.T) {
	im := (typeinfo.Set{}).Importer(token.NewFileSet())
	var wg sync.WaitGroup
	for _, p := range []string{"fmt", "os", "io", "net/http", "fmt", "unsafe"} {
		wg.Go(func() {
			if q, err := im.Import(p); err != nil || q.Path() != p {
				t.Errorf("%s: %v", p, err)
			}
		})
	}
	wg.Wait()
}

func BenchmarkImport(b *testing.B) {
	for _, p := range []string{"fmt", "net/http", "gonum.org/v1/gonum/mat", "gonum.org/v1/plot"} {
		b.Run(p, func(b *testing.B) {
			for b.Loop() {
				if _, err := (typeinfo.Set{}).Importer(token.NewFileSet()).Import(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
