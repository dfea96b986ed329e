package require

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"arch2vec/kernel/worker"
)

func TestParse(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "mod/go.mod", "// comment\nmodule example.com/mod // tail\n")
	write(t, dir, "empty/go.mod", "go 1.26\n")
	for _, tc := range []struct {
		arg  string
		want Module
		err  string
	}{
		{"github.com/google/uuid@v1.6.0", Module{Path: "github.com/google/uuid", Version: "v1.6.0"}, ""},
		{"golang.org/x/exp/rand@latest", Module{Path: "golang.org/x/exp/rand", Version: "latest"}, ""},
		{"./mod", Module{Path: "example.com/mod", Dir: filepath.Join(dir, "mod")}, ""},
		{filepath.Join(dir, "mod"), Module{Path: "example.com/mod", Dir: filepath.Join(dir, "mod")}, ""},
		{"github.com/google/uuid", Module{}, "which version"},
		{"github.com/google/uuid@", Module{}, "which version"},
		{"fmt@v1.0.0", Module{}, "start with a host"},
		{"-x.com/y@v1", Module{}, "not the path"},
		{"a.com/../b@v1", Module{}, "not the path"},
		{"a.com/b@-exec", Module{}, "not a version"},
		{"./nosuch", Module{}, "no go.mod"},
		{"./empty", Module{}, "no module line"},
	} {
		got, err := Parse(tc.arg, dir)
		if got != tc.want || (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%s: %+v, %v", tc.arg, got, err)
		}
	}
}

func TestLines(t *testing.T) {
	for _, tc := range []struct {
		code string
		args map[int][]string
		rest string
	}{
		{"x := 1", nil, "x := 1"},
		{"%require a@v1 b@v2\nx", map[int][]string{1: {"a@v1", "b@v2"}}, "\nx"},
		{"// c\n\n%time\n  %require a@v1\n%require\nx\n%require late", map[int][]string{4: {"a@v1"}, 5: {}}, "// c\n\n%time\n\n\nx\n%require late"},
		{"%requires a", nil, "%requires a"},
		{"s := `\n%require x@v1`", nil, "s := `\n%require x@v1`"},
	} {
		args, rest := Lines(tc.code)
		if !reflect.DeepEqual(args, tc.args) || rest != tc.rest {
			t.Errorf("%q: %v %q", tc.code, args, rest)
		}
	}
}

// A worker's name depends on all that it is made of.
func TestKey(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/m\n")
	write(t, dir, "a.go", "package m\n")
	folder := []Module{{Path: "example.com/m", Dir: dir}}
	seen := map[string]string{}
	add := func(what, source, toolchain string, modules []Module) {
		k, err := key(source, toolchain, modules)
		if err != nil {
			t.Fatal(err)
		}
		if seen[k] != "" {
			t.Errorf("%s has the key of %s", what, seen[k])
		}
		seen[k] = what
	}
	v1 := []Module{{Path: "a.com/b", Version: "v1.0.0"}}
	add("one module", "s", "go1", v1)
	add("another toolchain", "s", "go2", v1)
	add("another source", "t", "go1", v1)
	add("another version", "s", "go1", []Module{{Path: "a.com/b", Version: "v1.0.1"}})
	add("two modules", "s", "go1", append(v1, folder...))
	add("a folder", "s", "go1", folder)
	write(t, dir, "a_test.go", "package m // not built\n")
	if k, _ := key("s", "go1", folder); seen[k] == "" {
		t.Error("a test file changes the key")
	}
	write(t, dir, "a.go", "package m // changed\n")
	add("a changed folder", "s", "go1", folder)
}

// The copies that the binary carries are this module's.
func TestModuleFiles(t *testing.T) {
	for name, carried := range map[string]string{"go.mod": goMod, "go.sum": goSum} {
		own, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(own) != carried {
			t.Errorf("%s has changed: go generate ./kernel/require", name)
		}
	}
}

func TestSourceIsUnpackedOnce(t *testing.T) {
	cache := t.TempDir()
	dir, hash, err := unpackSource(cache)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "kernel/worker/serve.go", "stdlib/typeinfo/std.zip"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	before, _ := os.Stat(dir)
	again, hash2, err := unpackSource(cache)
	after, _ := os.Stat(dir)
	if err != nil || again != dir || hash2 != hash || !before.ModTime().Equal(after.ModTime()) {
		t.Errorf("%s %s %v", again, hash2, err)
	}
}

func TestFailuresAreTheCells(t *testing.T) {
	e, err := New(worker.Options{Path: "/bin/false", Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	run := func(code string) *worker.Error {
		var last worker.Event
		r, err := e.Execute(context.Background(), worker.Request{Code: code, Count: 3}, func(ev worker.Event) { last = ev })
		if err != nil || r.Error == nil || last.Error != r.Error {
			t.Fatalf("%+v %v %+v", r, err, last)
		}
		return r.Error
	}
	if f := run("\n%require github.com/google/uuid\nx := 1"); f.Name != "RequireError" || f.Line != 2 ||
		!strings.HasPrefix(f.Value, "cell[3]:2:1: which version of github.com/google/uuid?") {
		t.Errorf("%+v", f)
	}
	t.Setenv("PATH", "")
	if f := run("%require github.com/google/uuid@v1.6.0"); !strings.Contains(f.Value, "no go command on the PATH") {
		t.Errorf("%+v", f)
	}
}

// The whole way takes a minute where the build cache is cold, so it runs on
// request: REQUIRE=build go test ./kernel/require
func TestBuild(t *testing.T) {
	if os.Getenv("REQUIRE") != "build" {
		t.Skip("REQUIRE=build builds workers")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command")
	}
	t.Setenv("GOCACHE", goEnv(t, "GOCACHE"))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	write(t, dir, "m/go.mod", "module example.com/m\n\ngo 1.26\n")
	write(t, dir, "m/m.go", `package m
type Shape interface{ Area() float64 }
func Total(shapes ...Shape) (sum float64) { for _, s := range shapes { sum += s.Area() }; return }
`)
	write(t, dir, "m/broken/b.go", "package broken\nvar X int = \"s\"\n")
	write(t, dir, "n/go.mod", "module example.com/n\n\ngo 1.26\n")
	write(t, dir, "n/n.go", "package n\nconst Name = \"n\"\n")
	run := func(e *Engine, code string) (out string) {
		r, err := e.Execute(context.Background(), worker.Request{Code: code}, func(ev worker.Event) { out += ev.Text })
		if err != nil || r.Error != nil {
			t.Fatalf("%s: %v %+v\n%s", code, err, r.Error, out)
		}
		return out
	}
	for i := range 2 {
		e, err := New(worker.Options{Path: goWorker(t), Args: []string{}, Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		out := run(e, "%require ./m\ntype Sq float64\nfunc (s Sq) Area() float64 { return float64(s * s) }\nfmt.Println(m.Total(Sq(2), Sq(3)))")
		if !strings.HasSuffix(out, "13\n") || !strings.Contains(out, "left out: example.com/m/broken") || strings.Contains(out, "building") != (i == 0) {
			t.Errorf("printed %s", out)
		}
		t.Log("required after", time.Since(start))
		if out := run(e, "%require ./n\nfmt.Print(n.Name, m.Total())"); !strings.HasSuffix(out, "n0") {
			t.Errorf("printed %s", out)
		}
		e.Close()
	}
}

// goWorker is a worker without modules.
func goWorker(t *testing.T) string {
	exe := filepath.Join(t.TempDir(), "arch2vec")
	src := filepath.Join(t.TempDir(), "main.go")
	write(t, filepath.Dir(src), "main.go", "package main\n\nimport (\n\"context\"\n\"arch2vec/kernel/worker\"\n)\n\nfunc main() { worker.Serve(context.Background()) }\n")
	if out, err := exec.Command("go", "build", "-o", exe, src).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exe
}

func goEnv(t *testing.T, name string) string {
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func ExampleParse() {
	m, err := Parse("github.com/google/uuid@v1.6.0", "")
	fmt.Println(m, err)
	_, err = Parse("github.com/google/uuid", "")
	fmt.Println(err)
	// Output:
	// github.com/google/uuid v1.6.0 <nil>
	// which version of github.com/google/uuid? Write %require github.com/google/uuid@v1.2.3, or github.com/google/uuid@latest
}
