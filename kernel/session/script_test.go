package session_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arch2vec/kernel/session"
)

func run(t *testing.T, src string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	err := session.RunSource(ctx, "prog.go", []byte(src), args, session.Options{Stdout: &out, Stderr: &out})
	return out.String(), err
}

// The programs end in the output that `go run` gives; run the test with
// PROGRAMS=compile in the environment to have it check that too.
func TestPrograms(t *testing.T) {
	files, _ := filepath.Glob("testdata/programs/*.go")
	if len(files) == 0 {
		t.Fatal("no programs")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, comment, ok := strings.Cut(string(src), "\n// Output:\n")
			if !ok {
				t.Fatal("no output")
			}
			var want strings.Builder
			for _, l := range strings.Split(strings.TrimSpace(comment), "\n") {
				want.WriteString(strings.TrimPrefix(strings.TrimPrefix(l, "//"), " ") + "\n")
			}
			got, err := runFile(t, file, string(src))
			if err != nil {
				t.Fatal(err)
			}
			if got = strings.ReplaceAll(got, " \n", "\n"); got != want.String() {
				t.Errorf("printed\n%swant\n%s", got, want.String())
			}
		})
	}
}

func TestRunSource(t *testing.T) {
	out, err := run(t, `package main

import (
	"flag"
	"fmt"
	"os"
)

var n = flag.Int("n", 1, "number")

var a, b = b + 1, two()

func two() int { return 2 }

func init() { fmt.Println("init", a, b) }

func main() {
	flag.Parse()
	fmt.Println(*n, flag.Args(), os.Args[1:])
}
`, "-n", "7", "x")
	if want := "init 3 2\n7 [x] [-n 7 x]\n"; out != want || err != nil {
		t.Errorf("%q %v, want %q", out, err, want)
	}
}

func TestProgramErrors(t *testing.T) {
	for _, tc := range []struct {
		src, want string
		status    int
	}{
		{"package main\nfunc main() {\n\tx := 1\n}\n", "prog.go:3:2: declared and not used: x", 1},
		{"package main\nimport \"os\"\nfunc main() {}\n", "prog.go:2:8: \"os\" imported and not used", 1},
		{"package main\nfunc main() {\n\tvar a []int\n\ta[3] = 1\n}\n", "panic: runtime error: index out of range [3] with length 0 (prog.go:4:2)", 2},
		{"package main\nfunc f() { panic(\"x\") }\nfunc main() {\n\tf()\n}\n", "panic: x (prog.go:2:12)\n", 2},
		{"package main\nfunc main() {\n\tf(\n}\n", "prog.go:4:1: expected operand, found '}'", 1},
		{"package other\n", "prog.go:1:9: package other is not a program", 1},
		{"package main\n", "prog.go:1:1: function main is undeclared in the main package", 1},
	} {
		_, err := run(t, tc.src)
		var p *session.ProgramError
		if !errors.As(err, &p) || !strings.HasPrefix(err.Error(), tc.want) || p.Status != tc.status || session.ExitStatus(err) != tc.status {
			t.Errorf("%q:\n got %v (%d)\nwant %v (%d)", tc.src, err, session.ExitStatus(err), tc.want, tc.status)
		}
	}
	if err := session.RunFile(context.Background(), "testdata/nosuch.go", nil, session.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestProgramInterrupt(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := session.RunSource(ctx, "loop.go", []byte("package main\nfunc main() { for {} }\n"), nil, session.Options{})
	if session.ExitStatus(err) != 130 {
		t.Error(err)
	}
}

func runFile(t *testing.T, file, src string) (string, error) {
	if os.Getenv("PROGRAMS") == "compile" {
		out, err := exec.Command("go", "run", file).CombinedOutput()
		return string(out), err
	}
	return run(t, src)
}
