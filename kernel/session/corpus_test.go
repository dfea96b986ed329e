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

	"arch2vec/kernel/display"
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
	notes    string
	hasNotes bool
}

// testSession is a sequence of cells. Where known is set it says why the
// session does not yet do what it must.
type testSession struct {
	name, known string
	cells       []testCell
}

// readSessions reads a corpus: sessions start with "=== name", cells are
// separated by "-----", and comments at a cell's end say what it must do:
//
//	// prints TEXT    a line of its standard output
//	// shows TEXT     a line of its values, as a notebook shows them
//	// fails TEXT     the start of its error; nothing: any error
//	// also TEXT      a line of the traceback, or its start
//	// notes TEXT     a line of its notes; nothing: none
//
// A session named "=== name !! reason" is known to do something else.
func readSessions(t testing.TB, file string) []testSession {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []testSession
	seen := map[string]bool{}
	for _, s := range strings.Split("\n"+string(b), "\n=== ")[1:] {
		head, body, _ := strings.Cut(s, "\n")
		name, known, _ := strings.Cut(head, " !! ")
		if seen[name] {
			t.Fatalf("%s: two sessions are named %q", file, name)
		}
		seen[name] = true
		ts := testSession{name: name, known: known}
		for _, c := range strings.Split(body, "\n-----\n") {
			ts.cells = append(ts.cells, readCell(c))
		}
		out = append(out, ts)
	}
	return out
}

func readCell(text string) testCell {
	var c testCell
	var code []string
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch word, rest, _ := strings.Cut(strings.TrimPrefix(line, "// "), " "); {
		case !strings.HasPrefix(line, "// "):
			code = append(code, line)
		case word == "prints":
			c.prints += strings.TrimRight(rest, " ") + "\n"
		case word == "shows":
			if c.hasShows {
				c.shows += "\n"
			}
			c.shows += strings.TrimRight(rest, " ")
			c.hasShows = true
		case word == "fails":
			c.fails, c.hasFails = rest, true
		case word == "also":
			c.also = append(c.also, rest)
		case word == "notes":
			c.notes += rest + "\n"
			c.hasNotes = true
		default:
			code = append(code, line)
		}
	}
	c.code = strings.Join(code, "\n")
	return c
}

// write is the inverse of readSessions.
func writeSessions(file string, sessions []testSession) error {
	var b strings.Builder
	for _, s := range sessions {
		b.WriteString("=== " + s.name)
		if s.known != "" {
			b.WriteString(" !! " + s.known)
		}
		for i, c := range s.cells {
			if i > 0 {
				b.WriteString("\n-----")
			}
			b.WriteString("\n" + strings.TrimRight(c.code, "\n"))
			lines := func(word, text string) {
				for _, l := range strings.Split(text, "\n") {
					b.WriteString("\n" + strings.TrimRight("// "+word+" "+l, " "))
				}
			}
			if c.prints != "" {
				lines("prints", strings.TrimSuffix(c.prints, "\n"))
			}
			if c.hasShows {
				lines("shows", c.shows)
			}
			if c.hasFails {
				lines("fails", c.fails)
			}
			for _, a := range c.also {
				lines("also", a)
			}
			if c.hasNotes {
				lines("notes", strings.TrimSuffix(c.notes, "\n"))
			}
		}
		b.WriteByte('\n')
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}

func sessionFiles(t testing.TB) []string {
	files, _ := filepath.Glob("testdata/sessions/*.txt")
	if len(files) == 0 {
		t.Fatal("no corpus")
	}
	return files
}

// CORPUS=mark go test -run TestSessions writes which sessions fail, and how.
func TestSessions(t *testing.T) {
	for _, file := range sessionFiles(t) {
		group := strings.TrimSuffix(filepath.Base(file), ".txt")
		sessions := readSessions(t, file)
		for i, s := range sessions {
			t.Run(group+"/"+s.name, func(t *testing.T) {
				problem := runSession(s)
				switch {
				case os.Getenv("CORPUS") == "mark":
					sessions[i].known = mark(problem)
				case problem == "" && s.known != "":
					t.Logf("does what it must: its mark %q can go", s.known)
				case problem != "" && s.known != "":
					t.Skipf("%s\n%s", s.known, problem)
				case problem != "":
					t.Error(problem)
				}
			})
		}
		if os.Getenv("CORPUS") == "mark" {
			if err := writeSessions(file, sessions); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// mark is a problem in a few words: an error, or else a wrong answer.
func mark(problem string) string {
	_, failed, isError := strings.Cut(problem, "\nfailed: ")
	switch {
	case problem == "":
		return ""
	case isError:
		lines := strings.SplitN(failed, "\n", 3)
		return "error: " + lines[min(1, len(lines)-1)]
	}
	return "wrong"
}

// runSession returns what the first cell that does something else than it must
// did, or "".
func runSession(ts testSession) string {
	var out bytes.Buffer
	s, err := New(Options{Stdout: &out, Stderr: &out})
	if err != nil {
		return err.Error()
	}
	for i, c := range ts.cells {
		out.Reset()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		res, e := s.Execute(ctx, Cell{Number: i + 1, Code: c.code})
		cancel()
		if problem := c.judge(trimLines(out.String()), res, e); problem != "" {
			return fmt.Sprintf("cell %d\n%s\n%s", i+1, c.code, problem)
		}
	}
	return ""
}

func (c testCell) judge(printed string, res Result, e *Error) string {
	switch {
	case e != nil && !c.hasFails:
		return fmt.Sprintf("failed: %s\n%s", e.Name, strings.Join(e.Traceback, "\n"))
	case e == nil && c.hasFails:
		return fmt.Sprintf("did not fail; shows %v", res.Values)
	case e != nil && !strings.HasPrefix(e.Value, c.fails):
		return fmt.Sprintf("failed with %q, want %q\n%s", e.Value, c.fails, strings.Join(e.Traceback, "\n"))
	}
	if e != nil {
		traceback := strings.Join(e.Traceback, "\n")
		for _, want := range c.also {
			if !strings.Contains("\n"+traceback, "\n"+want) {
				return fmt.Sprintf("traceback lacks %q:\n%s", want, traceback)
			}
		}
		if strings.Contains(traceback, "yaegi") {
			return "traceback shows internals:\n" + traceback
		}
	}
	if printed != c.prints {
		return fmt.Sprintf("printed %q, want %q", printed, c.prints)
	}
	if notes := strings.Join(res.Notes, "\n"); c.hasNotes && notes != strings.TrimSuffix(c.notes, "\n") {
		return fmt.Sprintf("notes %q, want %q", notes, c.notes)
	}
	shows := shown(res)
	if c.hasShows && shows != c.shows {
		return fmt.Sprintf("shows %q, want %q", shows, c.shows)
	}
	return ""
}

// shown are a cell's values as text.
func shown(r Result) string {
	var texts []string
	for i, v := range r.Values {
		texts = append(texts, display.TextAs(v, r.Kinds[i]))
	}
	return strings.TrimSuffix(trimLines(strings.Join(texts, " ")), "\n")
}

// trimLines ends every line without spaces, the last one too.
func trimLines(s string) string {
	var b strings.Builder
	for _, l := range strings.SplitAfter(s, "\n") {
		if l != "" {
			b.WriteString(strings.TrimRight(l, " \n") + "\n")
		}
	}
	return b.String()
}
