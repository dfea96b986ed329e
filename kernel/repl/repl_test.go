package repl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"arch2vec/kernel/display"
	"arch2vec/kernel/worker"
)

// echoEngine shows each cell's code, and does what its first word says.
type echoEngine struct {
	cells      []string
	background func(worker.Event)
	matches    worker.Completion
	asked      string
}

func (e *echoEngine) Execute(ctx context.Context, req worker.Request, emit func(worker.Event)) (worker.Reply, error) {
	e.cells = append(e.cells, req.Code)
	word, _, _ := strings.Cut(req.Code, " ")
	show := func(kind worker.EventKind, id, text string) {
		d := &display.Data{Data: display.MIMEMap{display.MIMETypeText: text}}
		if id != "" {
			d.Transient = display.MIMEMap{"display_id": id}
		}
		emit(worker.Event{Kind: kind, Data: d})
	}
	switch word {
	case "fail", "quietly":
		err := &worker.Error{Name: "panic", Value: "boom", Traceback: []string{"\x1b[31mpanic\x1b[0m: boom", "cell[1]:1:1"}}
		if word == "fail" {
			emit(worker.Event{Kind: worker.EventError, Error: err})
		}
		return worker.Reply{Error: err}, nil
	case "die":
		return worker.Reply{}, errors.New("worker is gone")
	case "open":
		emit(worker.Event{Kind: worker.EventStream, Stream: "stdout", Text: "no newline"})
	case "warn":
		emit(worker.Event{Kind: worker.EventStream, Stream: "stderr", Text: "careful\n"})
	case "progress":
		show(worker.EventDisplay, "p", "0%")
		for range 100 {
			show(worker.EventUpdate, "p", "50%")
		}
		show(worker.EventUpdate, "p", "100%")
	case "picture":
		d := &display.Data{
			Data:      display.MIMEMap{"image/png": "AAEC", "image/svg+xml": "<svg/>", "text/plain": "plot: Loss"},
			Transient: display.MIMEMap{"display_id": "a"},
		}
		emit(worker.Event{Kind: worker.EventDisplay, Data: d})
		again := *d
		again.Data = display.MIMEMap{"image/png": []byte("new"), "text/plain": "plot: Loss"}
		emit(worker.Event{Kind: worker.EventUpdate, Data: &again})
		emit(worker.Event{Kind: worker.EventResult, Data: &display.Data{Data: display.MIMEMap{"image/svg+xml": "<svg/>", "text/plain": "drawing"}}})
	case "broken":
		emit(worker.Event{Kind: worker.EventDisplay, Data: &display.Data{Data: display.MIMEMap{"image/png": "*", "text/plain": "fallback"}}})
	default:
		show(worker.EventResult, "", "<"+req.Code+">")
	}
	return worker.Reply{}, nil
}

func (e *echoEngine) Background(emit func(worker.Event)) { e.background = emit }
func (e *echoEngine) Complete(_ context.Context, code string, cursor int) (worker.Completion, error) {
	e.asked = code[:cursor] + "|" + code[cursor:]
	return e.matches, nil
}
func (e *echoEngine) Inspect(context.Context, string, int, int) (worker.Inspection, error) {
	return worker.Inspection{}, nil
}
func (e *echoEngine) Interrupt() error              { return nil }
func (e *echoEngine) Restart(context.Context) error { return nil }
func (e *echoEngine) Close() error                  { return nil }

// braces is an IsComplete that counts them.
func braces(code string) (string, string) {
	if strings.Count(code, "{") > strings.Count(code, "}") {
		return "incomplete", "\t"
	}
	return "complete", ""
}

func TestPiped(t *testing.T) {
	for _, c := range []struct {
		name, in       string
		cells          []string
		stdout, stderr string
		err            error
	}{
		{"cells by completeness", "a\n\nif x {\n\ty\n}\nb", []string{"a", "if x {\n\ty\n}", "b"}, "<a>\n<if x {\n\ty\n}>\n<b>\n", "", nil},
		{"incomplete at the end runs, to show its error", "f {\n", []string{"f {"}, "<f {>\n", "", nil},
		{"empty", "\n \n", nil, "", "", nil},
		{"a failure ends it", "a\nfail now\nb\n", []string{"a", "fail now"}, "<a>\n", "panic: boom\ncell[1]:1:1\n", ErrFailed},
		{"a failure without its event", "quietly\n", []string{"quietly"}, "", "panic: boom\ncell[1]:1:1\n", ErrFailed},
		{"open line", "open\na\n", []string{"open", "a"}, "no newline\n<a>\n", "", nil},
		{"stderr", "warn\n", []string{"warn"}, "", "careful\n", nil},
		{"progress in a log", "progress\n", []string{"progress"}, "0%\n100%\n", "", nil},
	} {
		engine := &echoEngine{}
		var stdout, stderr bytes.Buffer
		err := Run(context.Background(), engine, Options{
			IsComplete: braces, Stdin: strings.NewReader(c.in), Stdout: &stdout, Stderr: &stderr,
		})
		if !errors.Is(err, c.err) {
			t.Errorf("%s: error %v", c.name, err)
		}
		if !reflect.DeepEqual(engine.cells, c.cells) {
			t.Errorf("%s: ran %q, want %q", c.name, engine.cells, c.cells)
		}
		if stdout.String() != c.stdout || stderr.String() != c.stderr {
			t.Errorf("%s: printed %q and %q", c.name, stdout.String(), stderr.String())
		}
	}
}

func TestPipedEngineFails(t *testing.T) {
	err := Run(context.Background(), &echoEngine{}, Options{Stdin: strings.NewReader("die\n"), Stdout: io.Discard, Stderr: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "worker is gone") {
		t.Errorf("error %v", err)
	}
}

// A cancelled context ends a run that waits for input.
func TestPipedCancelled(t *testing.T) {
	in, out := io.Pipe()
	defer out.Close()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		done <- Run(ctx, &echoEngine{}, Options{Stdin: in, Stdout: io.Discard, Stderr: io.Discard})
	}()
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("still waiting for input")
	}
}

func TestPictures(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pictures")
	var stdout, stderr bytes.Buffer
	err := Run(context.Background(), &echoEngine{}, Options{
		Stdin: strings.NewReader("a\npicture\nbroken\n"), Stdout: &stdout, Stderr: &stderr, Pictures: dir,
	})
	if err != nil {
		t.Fatal(err)
	}
	png, svg := filepath.Join(dir, "cell002-1.png"), filepath.Join(dir, "cell002-2.svg")
	if want := "<a>\nplot: Loss -> " + png + "\ndrawing -> " + svg + "\nfallback\n"; stdout.String() != want {
		t.Errorf("printed %q, want %q", stdout.String(), want)
	}
	if !strings.Contains(stderr.String(), "repl: picture: ") {
		t.Errorf("a broken picture is not reported: %q", stderr.String())
	}
	for path, want := range map[string]string{png: "new", svg: "<svg/>"} {
		if b, err := os.ReadFile(path); err != nil || string(b) != want {
			t.Errorf("%s holds %q, %v", path, b, err)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 2 {
		t.Errorf("left behind: %v", files)
	}
}

// A display that updates stays on one line of a terminal.
func TestTerminalProgress(t *testing.T) {
	var b bytes.Buffer
	p := newPrinter(&b, &b, t.TempDir())
	p.start(1)
	p.columns, p.colour = 10, true
	for _, text := range []string{"10%", "a line wider than the screen"} {
		p.event(worker.Event{Kind: worker.EventUpdate, Data: &display.Data{
			Data:      display.MIMEMap{"text/plain": text},
			Transient: display.MIMEMap{"display_id": "x"},
		}})
	}
	p.event(worker.Event{Kind: worker.EventResult, Data: &display.Data{Data: display.MIMEMap{"text/plain": "5"}}})
	p.end(nil)
	if want := "\r\x1b[K10%\r\x1b[Ka line wi\n\x1b[36m5\x1b[0m\n"; b.String() != want {
		t.Errorf("printed %q, want %q", b.String(), want)
	}
}

func TestRemember(t *testing.T) {
	for cell, want := range map[string][]string{
		"a := 1":                          {"a := 1"},
		"for i := range 3 {\n\tf(i)\n\n}": {"for i := range 3 { f(i); }"},
		"x := []int{\n1,\n2,\n}\ni++\ny":  {"x := []int{ 1, 2, }; i++; y"},
		"s := a +\n b\nt := 'x'\nu":       {"s := a + b; t := 'x'; u"},
		"switch {\ncase x:\nf()\n}":       {"switch { case x: f(); }"},
		"a // why\nb":                     {"a // why", "b"},
		"s := `x\n y`":                    {"s := `x", "y`"},
	} {
		if got := remember(cell); !reflect.DeepEqual(got, want) {
			t.Errorf("remember(%q) = %q, want %q", cell, got, want)
		}
	}
}

func TestCompleter(t *testing.T) {
	engine := &echoEngine{matches: worker.Completion{
		Start: len("é {\nfmt."), End: len("é {\nfmt.Pr"),
		Matches: []worker.Match{{Text: "Print"}, {Text: "Println"}, {Text: "other"}},
	}}
	c := &completer{ctx: context.Background(), engine: engine, before: func() string { return "é {" }}
	endings, shared := c.Do([]rune("fmt.Pr)"), 6)
	if engine.asked != "é {\nfmt.Pr|)" {
		t.Errorf("asked for %q", engine.asked)
	}
	if shared != 2 || len(endings) != 2 || string(endings[0]) != "int" || string(endings[1]) != "intln" {
		t.Errorf("%q after %d", endings, shared)
	}
	if endings, _ := c.Do([]rune("  "), 2); len(endings) != 1 || string(endings[0]) != "\t" {
		t.Errorf("Tab at the start of a line gives %q", endings)
	}
	engine.matches.Start = 99
	if endings, _ := c.Do([]rune("x"), 1); endings != nil {
		t.Errorf("an answer out of range gives %q", endings)
	}
}

func TestDedent(t *testing.T) {
	for line, want := range map[string]string{"\t\t}": "\t}", "\t)": ")", "}": "}", "\tf()": "\tf()", "\tx }": "\tx }"} {
		got := line
		if r, _, ok := dedent([]rune(line), len(line), rune(line[len(line)-1])); ok {
			got = string(r)
		}
		if got != want {
			t.Errorf("dedent(%q) = %q, want %q", line, got, want)
		}
	}
}
