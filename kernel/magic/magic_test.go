package magic

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"arch2vec/kernel/display"
	"arch2vec/kernel/session"
)

// recorder is a session with what it printed and displayed.
type recorder struct {
	*Session
	out bytes.Buffer
	t   *testing.T
}

func (r *recorder) Publish(d display.Data, _ bool) error {
	r.out.WriteString(d.Data[display.MIMETypeText].(string) + "\n")
	return nil
}
func (r *recorder) Clear(bool) error { return nil }

func start(t *testing.T) *recorder {
	t.Helper()
	r := &recorder{t: t}
	display.Connect(r)
	t.Cleanup(func() { display.Connect(nil) })
	s, err := New(Options{Options: session.Options{Stdout: &r.out, Stderr: &r.out}})
	if err != nil {
		t.Fatal(err)
	}
	r.Session = s
	return r
}

// run runs a cell and returns what it printed, and its values behind "=> ".
func (r *recorder) run(code string) (string, *session.Error) {
	r.out.Reset()
	got, e := r.Execute(context.Background(), session.Cell{Number: 1, Code: code})
	for i, v := range got.Values {
		r.out.WriteString("=> " + display.TextAs(v, got.Kinds[i]) + "\n")
	}
	return r.out.String(), e
}

// prints checks what a cell prints, against a pattern.
func (r *recorder) prints(code, pattern string) {
	r.t.Helper()
	got, e := r.run(code)
	if e != nil {
		r.t.Errorf("%q failed: %s", code, strings.Join(e.Traceback, "\n"))
	} else if !regexp.MustCompile("^(?s:" + pattern + ")$").MatchString(got) {
		r.t.Errorf("%q printed %q, want %q", code, got, pattern)
	}
}

// fails checks a cell's error: its value begins with the text given.
func (r *recorder) fails(code, name, value string) {
	r.t.Helper()
	_, e := r.run(code)
	if e == nil || e.Name != name || !strings.HasPrefix(e.Value, value) {
		r.t.Errorf("%q gave %+v, want %s: %s", code, e, name, value)
	}
}

func TestMixed(t *testing.T) {
	s := start(t)
	s.prints("x := 1\n$ echo one\nx++\n  $ echo two\nx", "one\ntwo\n=> 2\n")
	s.prints("import \"os\"\nos.Setenv(\"MAGIC_T\", \"v\")\n$ echo $MAGIC_T", "v\n")
	s.prints("y := `\n$ echo not run\n%nothing\n`\nlen(y)", "=> 25\n")
	s.prints("/*\n%nothing\n*/\nx", "=> 2\n")
	s.prints("7 %\n3", "=> 1\n")
	s.prints("x\n$ echo after", "after\n") // a value in the middle is not the cell's
}

// A cell whose Go does not check, or that names no magic, changes nothing.
func TestNothingRuns(t *testing.T) {
	s := start(t)
	for code, want := range map[string][2]string{
		"z := 1\n$ echo ran\nz + \"a\"":    {"TypeError", "cell[1]:3:"},
		"z := 1\n%time w := z + \"a\"":     {"TypeError", "cell[1]:2:12"},
		"z := 1\n  %nosuch\nz":             {"UnknownMagic", "cell[1]:2:3: there is no magic %nosuch; there are %cd, %env, %help"},
		"z := 1\nif true {\n$ echo ran\n}": {"SyntaxError", "cell[1]:3:1: a line with $ stands outside of brackets"},
		"q := 1\n%timeit":                  {"MagicError", "cell[1]:2:1: %timeit needs a statement"},
	} {
		if got, _ := s.run(code); strings.Contains(got, "ran") {
			t.Errorf("%q ran", code)
		}
		s.fails(code, want[0], want[1])
		s.fails("z", "TypeError", "cell[1]:1:1: undefined: z")
	}
}

const wall = `CPU times: user \S+ \S+, sys \S+ \S+, total \S+ \S+\nWall time: \S+ [mµn]?s\n`

func TestTime(t *testing.T) {
	s := start(t)
	s.prints("%time 1 + 2", wall+"=> 3\n")
	s.prints("%time n := 4\nn", wall+"=> 4\n")
	s.prints("%%time\nm := 0\nfor i := range 5 {\n\tm += i\n}\nm", wall+"=> 10\n")
	s.prints("%time for i := range 2 {\n\tprint(i)\n}\nn", "01"+wall+"=> 4\n")
	s.fails("\n%time panic(\"no\")", "panic", "panic: no (cell[1]:2:7)")
}

func TestTimeit(t *testing.T) {
	s := start(t)
	const line = `\S+ [mµn]?s ± \S+ [mµn]?s per loop \(mean ± std. dev. of 2 runs, 1,000 loops each\), best \S+ [mµn]?s\n`
	s.prints("x := 0\n%timeit -n 1000 -r 2 x++\nx", line+"=> 2000\n")
	s.prints("%timeit -n1000 -r2 x * 2", line)
	s.prints("%timeit -n 1000 -r 2 len(\"abc\")", line)
	s.prints("%%timeit -n 1000 -r 2\ny := x\nif y > 0 {\n\tx--\n}", line)
	s.prints("x", "=> 0\n")
	s.prints("%timeit -r 1 x++", `.* per loop \(mean ± std. dev. of 1 run, [125]0*(,0+)* loops each\), best .*\n`)
	s.fails("\n  %timeit -n 2 x + \"a\"", "TypeError", "cell[1]:2:16: ")
	s.fails("%timeit -n 0 x", "MagicError", "cell[1]:1:1: %timeit -n: \"0\" is not a number of at least 1")
	s.fails("%timeit -z 1 x", "MagicError", "cell[1]:1:1: %timeit has no option -z")
}

func TestWhoAndReset(t *testing.T) {
	s := start(t)
	s.prints("%who", "Nothing is declared yet.\n")
	s.prints(`import "strings"
type point struct{ X, Y int }
const limit = 3
func double(a int) int { return 2 * a }
p, name := point{1, 2}, strings.Repeat("long ", 50)
big := make([]float64, 1000)
%who`, `name +kind +type +value
-+ .*
big +variable +\[\]float64 +\[0 0 .*…
double +function +func\(a int\) int
limit +constant +untyped int +3
name +variable +string +long long .*…
p +variable +point +\{X:1 Y:2\}
point +type +struct\{X int; Y int\}
strings +package +strings
`)
	s.prints("%who p* l*", "(?:name.*\n)-.*\nlimit .*\np .*\npoint .*\n")
	s.fails("%who nothing", "MagicError", "cell[1]:1:1: %who: nothing is named nothing")
	s.prints("%reset\n%who", "Nothing is declared yet.\n")
	s.fails("p", "TypeError", "cell[1]:1:1: undefined: p")
	s.prints("p := 1\n%reset\np := \"again\"\np", "=> again\n")
}

func TestFolderAndEnvironment(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	s := start(t)
	if err := os.Mkdir("inner", 0o755); err != nil {
		t.Fatal(err)
	}
	s.prints("%cd inner\n$ pwd", regexp.QuoteMeta(strings.Repeat(filepath.Join(dir, "inner")+"\n", 2)))
	s.fails("%cd nowhere", "MagicError", "cell[1]:1:1: %cd: chdir nowhere: no such file or directory")
	t.Setenv("MAGIC_A", "")
	s.prints("%env MAGIC_A=b c\n$ echo $MAGIC_A\n%env MAGIC_A", "env: MAGIC_A=b c\nb c\nb c\n")
	s.prints("%env", "(.*\n)?MAGIC_A=b c\n.*")
	s.fails("%env MAGIC_NONE", "MagicError", "cell[1]:1:1: %env: there is no variable MAGIC_NONE")
	s.prints("%help", ".*%timeit .*\\$ COMMAND.*")
}

func TestShell(t *testing.T) {
	s := start(t)
	s.prints("$ echo out; echo err >&2", "(out\nerr\n|err\nout\n)")
	s.fails("\n$ exit 3", "ShellError", "cell[1]:2:1: $ exit 3: exit status 3")
	s.fails("$", "ShellError", "cell[1]:1:1: $ needs a command")
	s.fails("$ nosuchcommand", "ShellError", "cell[1]:1:1: $ nosuchcommand: exit status 127")

	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, e := s.Execute(ctx, session.Cell{Number: 1, Code: "$ (sleep 60; echo never) | cat"})
	if e == nil || e.Name != "Interrupted" || time.Since(begun) > 10*time.Second {
		t.Errorf("interrupting gave %+v after %v", e, time.Since(begun))
	}
}

// An interrupt goes to the programs of the cell, which may end as they like, and not
// to those of earlier cells.
func TestInterruptPrograms(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc here")
	}
	s := start(t)
	s.prints("import \"os/exec\"\nearlier := exec.Command(\"sleep\", \"60\")\nearlier.Start()", ".*")
	before := children(os.Getpid())
	defer s.prints("earlier.Process.Kill()\nearlier.Wait()", ".*")
	time.Sleep(2 * ageError)
	for _, code := range []string{
		"$ trap 'echo ended; exit' INT; sleep 60 & wait",
		"mine := exec.Command(\"sh\", \"-c\", \"trap 'echo ended; exit' INT; sleep 60 & wait\")\nmine.Stdout = os.Stdout\nmine.Run()",
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		s.out.Reset()
		if _, e := s.Execute(ctx, session.Cell{Number: 1, Code: code}); e == nil || e.Name != "Interrupted" {
			t.Errorf("%s: %+v", code, e)
		}
		cancel()
		limit := time.Now().Add(5 * time.Second)
		for !slices.Equal(children(os.Getpid()), before) && time.Now().Before(limit) {
			time.Sleep(10 * time.Millisecond)
		}
		if now := children(os.Getpid()); !slices.Equal(now, before) || s.out.String() != "ended\n" {
			t.Errorf("%s: programs %v, before %v; printed %q", code, now, before, s.out.String())
		}
	}
}

func TestInterruptTimeit(t *testing.T) {
	s := start(t)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, e := s.Execute(ctx, session.Cell{Number: 1, Code: "%timeit for {}"})
	if e == nil || e.Name != "Interrupted" {
		t.Errorf("interrupting gave %+v", e)
	}
	s.prints("1", "=> 1\n")
}

func TestIsComplete(t *testing.T) {
	for code, want := range map[string]string{
		"%who": "complete", "$ ls (": "complete", "%time f(": "incomplete", "%time f(1)": "complete",
		"%%time": "incomplete", "%nosuch": "complete", "%time for {": "incomplete",
		"$ ls\nfor {": "incomplete", "x := `\n%who": "incomplete", "%timeit 1 +": "incomplete",
	} {
		if got, _ := IsComplete(code); got != want {
			t.Errorf("IsComplete(%q) = %s, want %s", code, got, want)
		}
	}
}

func TestAssist(t *testing.T) {
	s := start(t)
	s.prints("counter := 1", "")
	for code, want := range map[string][]string{
		"%ti|": {"time", "timeit"}, "x := 1\n %%timei|": {"timeit"}, "$ coun|": nil,
		"%time coun|": {"counter"}, "$ ls\ncoun|": {"counter"},
	} {
		before, after, _ := strings.Cut(code, "|")
		c := s.Complete(before+after, len(before))
		var got []string
		for _, m := range c.Matches {
			got = append(got, m.Text)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("Complete(%q) = %q, want %q", code, got, want)
		}
		if len(want) > 0 && !strings.HasPrefix(want[0], before[c.Start:c.End]) {
			t.Errorf("Complete(%q) replaces %q", code, before[c.Start:c.End])
		}
	}
	if i := s.Inspect("%timeit f()", 3); !i.Found || !strings.Contains(i.Data.Data[display.MIMETypeText].(string), "-n LOOPS") {
		t.Errorf("Inspect gave %+v", i)
	}
	if i := s.Inspect("%time counter", 9); !i.Found || !strings.Contains(i.Data.Data[display.MIMETypeText].(string), "counter int") {
		t.Errorf("Inspect gave %+v", i)
	}
}
