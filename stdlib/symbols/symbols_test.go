package symbols_test

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/traefik/yaegi/interp"

	"arch2vec/stdlib/symbols"
	"arch2vec/stdlib/typeinfo"
)

func Example() {
	i := interp.New(interp.Options{})
	exports, err := (symbols.Set{}).Exports("strings")
	if err != nil {
		panic(err)
	}
	if err := i.Use(symbols.MapTypes()); err != nil {
		panic(err)
	}
	if err := i.Use(exports); err != nil {
		panic(err)
	}
	if _, err := i.Eval(`import "strings"`); err != nil {
		panic(err)
	}
	v, err := i.Eval(`strings.ToUpper("conv3x3")`)
	fmt.Println(v, err)
	// Output: CONV3X3 <nil>
}

// What the type checker accepts, the interpreter must have: every package on
// both sides, and every name but those of generic code.
func TestSymbolsMatchTypes(t *testing.T) {
	if got, want := (symbols.Set{}).Paths(), (typeinfo.Set{}).Paths(); !slices.Equal(got, want) {
		t.Fatalf("symbols has %d packages, typeinfo %d:\n%q\n%q", len(got), len(want), got, want)
	}
	im := (typeinfo.Set{}).Importer(token.NewFileSet())
	names := 0
	for _, path := range (symbols.Set{}).Paths() {
		p, err := im.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		if p.Name() != (symbols.Set{}).Name(path) {
			t.Errorf("%s is named %q in symbols, %q in typeinfo", path, (symbols.Set{}).Name(path), p.Name())
		}
		table, ok := (symbols.Set{}).Lookup(path)
		if !ok {
			t.Fatalf("no table of %s", path)
		}
		for _, name := range p.Scope().Names() {
			o := p.Scope().Lookup(name)
			if !o.Exported() || generic(o) {
				continue
			}
			names++
			v, ok := table[name]
			if !ok || !v.IsValid() && !isInterfaceVar(o) {
				t.Errorf("%s.%s is missing", path, name)
				continue
			}
			switch o := o.(type) {
			case *types.Func:
				if sig := o.Signature(); v.Kind() != reflect.Func || v.Type().NumIn() != sig.Params().Len() {
					t.Errorf("%s.%s is a %v", path, name, v.Type())
				}
			case *types.Var:
				if !v.CanSet() {
					t.Errorf("variable %s.%s cannot be set", path, name)
				}
			case *types.TypeName:
				if v.Kind() != reflect.Pointer || !v.IsNil() {
					t.Errorf("type %s.%s is a %v", path, name, v)
				}
			}
		}
	}
	if names < 7000 {
		t.Errorf("only %d names", names)
	}
}

func generic(o types.Object) bool {
	switch t := o.Type().(type) {
	case *types.Signature:
		return t.TypeParams().Len() > 0
	case *types.Named:
		i, ok := t.Underlying().(*types.Interface)
		return t.TypeParams().Len() > 0 || ok && !i.IsMethodSet()
	case *types.Alias:
		return t.TypeParams().Len() > 0
	}
	return false
}

func isInterfaceVar(o types.Object) bool {
	_, ok := o.(*types.Var)
	return ok && types.IsInterface(o.Type())
}

func TestPrograms(t *testing.T) {
	for _, tc := range []struct {
		name, imports, code, want string
	}{
		{"Stringer", "fmt", `type T int
func (t T) String() string { return "T!" }
func main() { fmt.Println(T(3), fmt.Sprint(T(4))) }`, "T! T!\n"},
		{"sort", "fmt sort strings", `type byLen []string
func (b byLen) Len() int { return len(b) }
func (b byLen) Less(i, j int) bool { return len(b[i]) < len(b[j]) }
func (b byLen) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
func main() { s := strings.Fields("ccc a bb"); sort.Sort(byLen(s)); fmt.Println(s) }`, "[a bb ccc]\n"},
		{"constants", "fmt math", `func main() { fmt.Printf("%.6f %d %v\n", math.Pi, uint64(math.MaxUint64), math.MaxInt8) }`,
			"3.141593 18446744073709551615 127\n"},
		// bufio's API takes an io.Reader, and io is not imported by the program.
		{"wrapper of a package that is not imported", "fmt bufio", `type r struct{ n int }
func (r *r) Read(b []byte) (int, error) { r.n++; if r.n > 3 { b[0] = '\n' } else { b[0] = 'x' }; return 1, nil }
func main() { s := bufio.NewScanner(&r{}); s.Scan(); fmt.Println(s.Text()) }`, "xxx\n"},
		{"json", "encoding/json fmt", `func main() { b, err := json.Marshal(map[string]int{"a": 1}); fmt.Println(string(b), err) }`,
			"{\"a\":1} <nil>\n"},
		{"mat", "fmt gonum.org/v1/gonum/mat", `func main() { a := mat.NewDense(2, 2, []float64{1, 2, 3, 4}); var b mat.Dense; b.Mul(a, a.T()); fmt.Println(b.At(1, 1), mat.Det(a) < 0) }`,
			"25 true\n"},
		{"interpreted matrix", "fmt gonum.org/v1/gonum/mat", `type eye int
func (e eye) Dims() (int, int) { return int(e), int(e) }
func (e eye) At(i, j int) float64 { if i == j { return 1 }; return 0 }
func (e eye) T() mat.Matrix { return e }
func main() { fmt.Println(mat.Trace(eye(5)), mat.Sum(eye(3))) }`, "5 3\n"},
		{"stat", "fmt gonum.org/v1/gonum/stat gonum.org/v1/gonum/stat/distuv", `func main() { fmt.Println(stat.Mean([]float64{1, 2, 3}, nil), distuv.UnitNormal.CDF(0)) }`, "2 0.5\n"},
		{"plot", "bytes fmt strings gonum.org/v1/plot gonum.org/v1/plot/plotter gonum.org/v1/plot/vg gonum.org/v1/plot/vg/vgsvg gonum.org/v1/plot/vg/draw", `func main() {
	p := plot.New()
	p.Title.Text = "Loss"
	l, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 2}, {X: 1, Y: 1}})
	if err != nil { panic(err) }
	p.Add(l)
	c := vgsvg.New(4*vg.Centimeter, 4*vg.Centimeter)
	p.Draw(draw.New(c))
	var b bytes.Buffer
	_, err = c.WriteTo(&b)
	fmt.Println(strings.Contains(b.String(), "Loss"), err)
}`, "true <nil>\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			i := interp.New(interp.Options{Stdout: &out, Stderr: &out})
			paths := strings.Fields(tc.imports)
			exports, err := (symbols.Set{}).Exports(paths...)
			if err != nil {
				t.Fatal(err)
			}
			if err := i.Use(symbols.MapTypes()); err != nil {
				t.Fatal(err)
			}
			if err := i.Use(exports); err != nil {
				t.Fatal(err)
			}
			src := "package main\n"
			for _, p := range paths {
				src += fmt.Sprintf("import %q\n", p)
			}
			if _, err := i.Eval(src + tc.code); err != nil {
				t.Fatal(err)
			}
			if out.String() != tc.want {
				t.Errorf("printed %q, want %q", out.String(), tc.want)
			}
		})
	}
}

func TestLookupGivesFreshMaps(t *testing.T) {
	a, _ := (symbols.Set{}).Lookup("os")
	a["Exit"] = reflect.ValueOf(func(int) {})
	b, _ := (symbols.Set{}).Lookup("os")
	if a["Exit"] == b["Exit"] {
		t.Error("a changed map changed the table")
	}
	if m, ok := (symbols.Set{}).Lookup("nosuch/package"); ok || m != nil {
		t.Error("Lookup found a package that is not there")
	}
	if m, ok := (symbols.Set{}).Lookup("slices"); !ok || len(m) != 0 {
		t.Errorf("slices: %d symbols, %v", len(m), ok)
	}
	if _, err := (symbols.Set{}).Exports("nosuch/package"); err == nil {
		t.Error("Exports: no error")
	}
}

func TestClosure(t *testing.T) {
	c := (symbols.Set{}).Closure("bufio")
	if c[0] != "bufio" || !slices.Contains(c, "io") {
		t.Errorf("closure of bufio: %q", c)
	}
	if c := (symbols.Set{}).Closure("nosuch"); c != nil {
		t.Errorf("closure of an unknown package: %q", c)
	}
}
