package notebook

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	kernel "arch2vec/kernel/display"
	"arch2vec/kernel/magic"
	"arch2vec/kernel/session"
	"arch2vec/kernel/worker"
)

// exported are notebooks by what they show; cells are between lines of "%%%".
var exported = map[string]string{
	"mixed declarations": `
import "fmt"
n := 3
func double(a int) int { return 2 * a }
fmt.Println(double(n))
%%%
type point struct{ X, Y int }
func (p point) Sum() int { return p.X + p.Y }
p := point{1, 2}
p.Sum()
%%%
const big = 1 << 20
big + n
%%%
var (
	a, b = 1, "two" // a comment
	c    float64
)
fmt.Println(a, b, c)
p
%%%
strings.ToUpper("imported unasked")
`,
	"redefinitions": `
x := 1
func show2() { fmt.Println("x is", x) }
func f() int { return 1 }
func g() int { return f() * 10 }
fmt.Println(f(), g())
%%%
x := 2
show2()
func f() int { return 2 }
fmt.Println(f(), g())
%%%
x := "now a string"
show2()
x
%%%
x := x + "!"
func f(a int) int { return a }
fmt.Println(x, f(7), g())
%%%
type T struct{ A int }
func (t T) Name() string { return "first" }
t := T{1}
%%%
type T struct{ A, B string }
u := T{"a", "b"}
fmt.Printf("%+v %+v %s\n", t, u, t.Name())
%%%
func (t T) Name() string { return "second " + t.B }
u.Name()
%%%
var x int
x
%%%
var x int = 5
x++
x
`,
	"recursion declared again": `
func fact(n int) int { if n == 0 { return 1 }; return n * fact(n-1) }
fact(5)
%%%
func fact(n int) int { if n == 0 { return 2 }; return n * fact(n-1) }
fact(5)
`,
	"embedding": `
type A struct{ V int }
a := A{1}
%%%
type A struct{ V, W int }
type B struct{ A; *strings.Reader }
b := B{A: A{2, 3}}
b.A.W = 9
fmt.Println(a.V, b.V, b.A, b.Reader == nil)
`,
	"defer and goroutines": `
defer fmt.Println("at the end of the cell")
fmt.Println("before")
%%%
var wg sync.WaitGroup
results := make([]int, 4)
for i := range results {
	wg.Add(1)
	go func() { defer wg.Done(); results[i] = i * i }()
}
wg.Wait()
results
%%%
ch := make(chan int)
go func() { for i := range 3 { ch <- i }; close(ch) }()
for v := range ch { fmt.Print(v, " ") }
fmt.Println()
`,
	"imports": `
import (
	"math/rand/v2"
	crand "crypto/rand"
	. "math"
)
r := rand.New(rand.NewPCG(1, 2))
fmt.Println(r.IntN(1000), len(crand.Text()) > 0, Sqrt(16))
%%%
import "bytes"
bytes.ToUpper([]byte("abc"))
%%%
bytes := []byte("shadows the package")
len(bytes)
%%%
import "math/rand"
rand.New(rand.NewSource(1)).Intn(100)
%%%
rand := 4
func rest(len int) int { return len + rand }
rest(1)
`,
	"unused": `
func f(a int) int { unused := a; if n := a; true { return 1 }; return 2 }
f(1)
%%%
import "os"
1 + 2
len("abc")
{ inner := 3 }
switch v := any(3).(type) { case int: fmt.Println("int") }
for i, v := range []int{1} { fmt.Println("loop") }
L:
for range 2 { }
`,
	"generics and interfaces": `
type Number interface{ ~int | ~float64 }
func Sum[T Number](xs ...T) (s T) { for _, x := range xs { s += x }; return }
type Pair[K comparable, V any] struct { Key K; Value V }
p := Pair[string, int]{"a", Sum(1, 2, 3)}
p
%%%
var e error = errors.New("an error")
e
%%%
e = nil
e
%%%
var s fmt.Stringer = time.Duration(1500) * time.Millisecond
s
%%%
f := func(a int) (int, error) { return a, nil }
f(3)
%%%
m := map[string][]int{"b": {2}, "a": {1}}
m
%%%
type node struct { Next *node; V int }
list := &node{&node{nil, 2}, 1}
list
%%%
long := make([]int, 1000)
long
`,
	"names of Go": `
len := 3
%%%
len * 2
%%%
func main() { fmt.Println("not the program's") }
main()
%%%
func init() { fmt.Println("init runs") }
show := "show"
cell1 := "cell1"
fmt.Println(show, cell1)
`,
	"display": `
display.Markdown("*text*")
%%%
Display(display.HTML("<b>x</b>"))
%%%
[]struct{ A int; B string }{{1, "x"}, {2, "y"}}
%%%
import "gonum.org/v1/gonum/mat"
mat.NewDense(2, 2, []float64{1, 2, 3, 4})
%%%
import "gonum.org/v1/plot"
p, err := plot.New()
p.Title.Text = "Loss"
err
%%%
func documented(int) error
p.Title.Text
`,
	"signatures": `
func sum(xs ...int) (n int) { for _, x := range xs { n += x }; return }
func both() (int, string) { return 1, "a" }
func again(s string) { fmt.Println("first", s) }
fmt.Println(sum(1, 2)); fmt.Println(both()); again("x")
%%%
func sum(xs ...int) (n int) { return len(xs) }
func both() (int, string) { return 2, "b" }
func again(s string) { fmt.Println("second", s) }
fmt.Println(sum(1, 2)); fmt.Println(both()); again("x")
%%%
func again() { fmt.Println("another") }
again()
`,
}

// engine runs cells in this process.
type engine struct {
	session *magic.Session
	emit    func(worker.Event)
	worker.Engine
}

func (e *engine) Publish(d kernel.Data, update bool) error {
	e.emit(worker.Event{Kind: worker.EventDisplay, Data: &d})
	return nil
}
func (e *engine) Clear(bool) error              { return nil }
func (e *engine) Background(func(worker.Event)) {}
func (e *engine) Complete(context.Context, string, int) (worker.Completion, error) {
	return worker.Completion{}, nil
}
func (e *engine) Write(b []byte) (int, error) {
	e.emit(worker.Event{Kind: worker.EventStream, Stream: "stdout", Text: string(b)})
	return len(b), nil
}
func (e *engine) Execute(ctx context.Context, r worker.Request, emit func(worker.Event)) (worker.Reply, error) {
	e.emit = emit
	got, failed := e.session.Execute(ctx, session.Cell{Number: r.Count, Code: r.Code})
	if failed != nil {
		return worker.Reply{Error: failed}, nil
	}
	if d := kernel.Values(got.Values, got.Kinds); len(d.Data) > 0 {
		emit(worker.Event{Kind: worker.EventResult, Data: &d})
	}
	return worker.Reply{}, nil
}

// shownText is what a notebook shows as text on standard output.
func shownText(n *Notebook) string {
	var b strings.Builder
	for _, c := range n.Cells {
		for _, o := range c.Outputs {
			switch o.Type {
			case Stream:
				if o.Name == "stdout" {
					b.WriteString(o.Text)
				}
			case DisplayData, ExecuteResult:
				s, _ := o.Data["text/plain"].(string)
				b.WriteString(strings.TrimSuffix(s, "\n") + "\n")
			}
		}
	}
	return b.String()
}

// TestGo compiles exported notebooks with Go and compares what they print with
// what the notebooks show.
func TestGo(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not here")
	}
	sources := map[string]string{}
	want := map[string]string{}
	for name, source := range exported {
		n := New()
		for cell := range strings.SplitSeq(source, "%%%\n") {
			n.Add(Code, strings.TrimSpace(cell))
		}
		src, err := n.Go(name + ".ipynb")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sources[name] = string(src)
		if want[name], err = shows(n); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	programs := build(t, goTool, sources)
	for name, src := range sources {
		var stderr bytes.Buffer
		cmd := exec.Command(filepath.Join(programs, strings.ReplaceAll(name, " ", "_")))
		cmd.Stderr = &stderr
		if got, err := cmd.Output(); err != nil {
			t.Errorf("%s: %v\n%s\n%s", name, err, stderr.String(), src)
		} else if string(got) != want[name] {
			t.Errorf("%s prints\n%s\nand its notebook shows\n%s\n%s", name, got, want[name], src)
		}
	}
	// Plain notebooks depend on nothing of ours.
	if strings.Contains(sources["redefinitions"], "arch2vec/") {
		t.Errorf("redefinitions imports our packages:\n%s", sources["redefinitions"])
	}
}

// shows runs a notebook and returns what it shows as text.
func shows(n *Notebook) (string, error) {
	e := &engine{}
	var err error
	if e.session, err = magic.New(magic.Options{Options: session.Options{Stdout: e, Stderr: io.Discard}}); err != nil {
		return "", err
	}
	kernel.Connect(e)
	defer kernel.Connect(nil)
	err = Execute(context.Background(), n, e, Options{})
	return shownText(n), err
}

// build compiles programs and returns the folder of the binaries. An overlay
// puts the sources into this module, all for one go build.
func build(t *testing.T, goTool string, sources map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{}
	args := []string{"build", "-ldflags", "-s -w", "-overlay", filepath.Join(dir, "overlay.json"), "-o", dir + "/"}
	for name, src := range sources {
		name = strings.ReplaceAll(name, " ", "_")
		file := filepath.Join(dir, name+".go")
		if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(here, "exported", name, "main.go")] = file
		args = append(args, "./exported/"+name)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(goTool, args...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return dir
}

func TestGoErrors(t *testing.T) {
	for source, says := range map[string]string{
		"x := 1\n%time x++": "code cell 1, line 2: %time is for notebooks and cannot be exported to Go",
		"\n$ ls":            "code cell 1, line 2: $ is for notebooks",
		"%nosuch":           "code cell 1, line 1: %nosuch is for notebooks",
		"x := 1 + \"a\"":    "code cell 1: cell[1]:1:6: ",
		"if {":              "code cell 1: cell[1]:1:5: ",
		"import \"encoding/binary\"\norder := binary.LittleEndian": "order cannot be exported to Go: its type binary.littleEndian",
	} {
		n := New()
		n.Add(Code, source)
		if _, err := n.Go("x.ipynb"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q gave %v, want %q", source, err, says)
		}
	}
	n := New()
	n.Add(Code, "nosuch").Metadata["tags"] = []any{"raises-exception"}
	n.Add(Code, "$ ls").Metadata["tags"] = []any{"skip-execution"}
	n.Add(Code, "%who").Metadata["tags"] = []any{"skip-export"}
	n.Add(Code, "panic(1)").Metadata["tags"] = []any{"raises-exception"}
	if src, err := n.Go("x.ipynb"); err != nil || !strings.Contains(string(src), "recover()") {
		t.Errorf("%v\n%s", err, src)
	}
}
