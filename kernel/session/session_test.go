package session

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// testCell is one cell of a corpus with what it must do.
type testCell struct {
	code     string
	prints   string
	shows    string
	hasShows bool
	fails    string
	hasFails bool
	also     []string
}

// readSessions reads a corpus: sessions start with "=== name", cells are
// separated by "-----", and comments at a cell's end say what it must do:
//
//	// prints TEXT    a line of its standard output
//	// shows TEXT     its value, as fmt.Sprintln prints it
//	// fails TEXT     the start of its error; nothing: any error
//	// also TEXT      a line of the traceback, or its start
func readSessions(t *testing.T, file string) map[string][]testCell {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]testCell{}
	for _, s := range strings.Split("\n"+string(b), "\n=== ")[1:] {
		name, body, _ := strings.Cut(s, "\n")
		for _, c := range strings.Split(body, "\n-----\n") {
			var tc testCell
			var code []string
			for _, line := range strings.Split(strings.TrimSuffix(c, "\n"), "\n") {
				switch word, rest, _ := strings.Cut(strings.TrimPrefix(line, "// "), " "); {
				case !strings.HasPrefix(line, "// "):
					code = append(code, line)
				case word == "prints":
					tc.prints += strings.TrimRight(rest, " ") + "\n"
				case word == "shows":
					tc.shows, tc.hasShows = rest, true
				case word == "fails":
					tc.fails, tc.hasFails = rest, true
				case word == "also":
					tc.also = append(tc.also, rest)
				default:
					code = append(code, line)
				}
			}
			tc.code = strings.Join(code, "\n")
			out[name] = append(out[name], tc)
		}
	}
	return out
}

func TestSessions(t *testing.T) {
	files, _ := filepath.Glob("testdata/sessions/*.txt")
	if len(files) == 0 {
		t.Fatal("no corpus")
	}
	for _, file := range files {
		for name, cells := range readSessions(t, file) {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+name, func(t *testing.T) { runCells(t, cells) })
		}
	}
}

func runCells(t *testing.T, cells []testCell) {
	var out bytes.Buffer
	s, err := New(Options{Stdout: &out, Stderr: &out})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cells {
		out.Reset()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		res, e := s.Execute(ctx, Cell{Number: i + 1, Code: c.code})
		cancel()
		at := fmt.Sprintf("cell %d\n%s\n", i+1, c.code)
		switch {
		case e != nil && !c.hasFails:
			t.Fatalf("%sfailed: %s\n%s", at, e.Name, strings.Join(e.Traceback, "\n"))
		case e == nil && c.hasFails:
			t.Fatalf("%sdid not fail; shows %v", at, res.Values)
		case e != nil && !strings.HasPrefix(e.Value, c.fails):
			t.Errorf("%sfailed with %q, want %q\n%s", at, e.Value, c.fails, strings.Join(e.Traceback, "\n"))
		}
		if e != nil {
			for _, want := range c.also {
				if !strings.Contains("\n"+strings.Join(e.Traceback, "\n"), "\n"+want) {
					t.Errorf("%straceback lacks %q:\n%s", at, want, strings.Join(e.Traceback, "\n"))
				}
			}
			if strings.Contains(strings.Join(e.Traceback, "\n"), "yaegi") {
				t.Errorf("%straceback shows internals:\n%s", at, strings.Join(e.Traceback, "\n"))
			}
		}
		var printed strings.Builder
		for _, l := range strings.SplitAfter(out.String(), "\n") {
			if l != "" {
				printed.WriteString(strings.TrimRight(l, " \n") + "\n")
			}
		}
		if printed.String() != c.prints {
			t.Errorf("%sprinted %q, want %q", at, printed.String(), c.prints)
		}
		if c.hasShows {
			if got := strings.TrimSuffix(fmt.Sprintln(res.Values...), "\n"); got != c.shows {
				t.Errorf("%sshows %q, want %q", at, got, c.shows)
			}
		}
	}
}

func TestInterrupt(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, e := s.Execute(context.Background(), Cell{1, "n := 0\nch := make(chan int)"}); e != nil {
		t.Fatal(e)
	}
	for _, code := range []string{"for { n++ }", "<-ch", "select {}", "func loop() { for { n++ } }\nloop()", `time.Sleep(time.Hour)`} {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, e := s.Execute(ctx, Cell{2, code})
		cancel()
		if e == nil || e.Name != "Interrupted" {
			t.Fatalf("%s: %v", code, e)
		}
	}
	res, e := s.Execute(context.Background(), Cell{3, "n > 0"})
	if e != nil || len(res.Values) != 1 || res.Values[0] != true {
		t.Fatalf("after the interrupt: %v %v", res, e)
	}
}
