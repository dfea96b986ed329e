package notebook

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	kernel "arch2vec/kernel/display"
	"arch2vec/kernel/worker"
)

func shown(kind worker.EventKind, id, text string) worker.Event {
	d := &kernel.Data{Data: kernel.MIMEMap{"text/plain": text}}
	if id != "" {
		d.Transient = kernel.MIMEMap{"display_id": id}
	}
	return worker.Event{Kind: kind, Data: d}
}

// outputs is a short form of a cell's outputs.
func outputs(c *Cell) []string {
	var list []string
	for _, o := range c.Outputs {
		switch o.Type {
		case Stream:
			list = append(list, o.Name+": "+o.Text)
		case ErrorOutput:
			list = append(list, "error: "+o.EName+": "+o.EValue)
		default:
			s, _ := o.Data["text/plain"].(string)
			list = append(list, string(o.Type)+": "+s)
		}
	}
	return list
}

func TestExecuteOutputs(t *testing.T) {
	engine := &fakeEngine{}
	engine.steps = map[string]func(func(worker.Event)){
		"show a":         func(emit func(worker.Event)) { emit(shown(worker.EventDisplay, "a", "a1")) },
		"update a":       func(emit func(worker.Event)) { emit(shown(worker.EventUpdate, "a", "a2")) },
		"update unknown": func(emit func(worker.Event)) { emit(shown(worker.EventUpdate, "zzz", "never")) },
		"clear":          func(emit func(worker.Event)) { emit(worker.Event{Kind: worker.EventClear}) },
		"clear wait":     func(emit func(worker.Event)) { emit(worker.Event{Kind: worker.EventClear, Wait: true}) },
		"redraw": func(emit func(worker.Event)) {
			for _, s := range []string{"10%\r", "20%", "\r30%\r\n", "done\n"} {
				emit(worker.Event{Kind: worker.EventStream, Stream: "stderr", Text: s})
			}
		},
		"late": func(func(worker.Event)) {},
	}
	for _, c := range []struct {
		name  string
		cells []string
		want  [][]string
	}{
		{"streams merge until another output", []string{"print 1\nprint 2\nwarn w\nprint 3\nresult 4\nprint 5"},
			[][]string{{"stdout: 1\n2\n", "stderr: w\n", "stdout: 3\n", "execute_result: 4", "stdout: 5\n"}}},
		{"update in place, in an earlier cell too", []string{"show a\nprint x", "print y\nupdate a"},
			[][]string{{"display_data: a2", "stdout: x\n"}, {"stdout: y\n"}}},
		{"showing an id again updates the first", []string{"show a\nupdate a\nshow a"},
			[][]string{{"display_data: a1", "display_data: a1"}}},
		{"unknown id", []string{"update unknown"}, [][]string{nil}},
		{"clear", []string{"print 1\nclear\nprint 2"}, [][]string{{"stdout: 2\n"}}},
		{"clear reaches only its own cell", []string{"print 1", "print 2\nclear"}, [][]string{{"stdout: 1\n"}, nil}},
		{"clear and wait, nothing follows", []string{"print 1\nclear wait"}, [][]string{{"stdout: 1\n"}}},
		{"clear and wait", []string{"print 1\nclear wait\nprint 2\nprint 3"}, [][]string{{"stdout: 2\n3\n"}}},
		{"clear forgets display ids", []string{"show a\nclear\nupdate a\nprint x"}, [][]string{{"stdout: x\n"}}},
		{"carriage returns", []string{"redraw"}, [][]string{{"stderr: 30%\r\ndone\n"}}},
	} {
		n := New()
		for _, source := range c.cells {
			n.Add(Code, source)
		}
		if err := Execute(context.Background(), n, engine, Options{}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		for i, want := range c.want {
			if got := outputs(n.Cells[i]); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: cell %d\n got %q\nwant %q", c.name, i+1, got, want)
			}
		}
	}
}

func TestExecuteCounts(t *testing.T) {
	n := New()
	n.Add(Markdown, "# Title")
	first := n.Add(Code, "result 1")
	first.Outputs = []*Output{{Type: Stream, Name: "stdout", Text: "old"}}
	empty := n.Add(Code, " \n")
	empty.ExecutionCount = 9
	skipped := n.Add(Code, "print no")
	skipped.Metadata["tags"] = []any{"skip-execution"}
	second := n.Add(Code, "result 2")
	engine := &fakeEngine{}
	if err := Execute(context.Background(), n, engine, Options{}); err != nil {
		t.Fatal(err)
	}
	if first.ExecutionCount != 1 || second.ExecutionCount != 2 || empty.ExecutionCount != 0 || skipped.Outputs != nil {
		t.Errorf("counts %d, %d, %d", first.ExecutionCount, second.ExecutionCount, empty.ExecutionCount)
	}
	if len(first.Outputs) != 1 || first.Outputs[0].ExecutionCount != 1 {
		t.Errorf("outputs %v", outputs(first))
	}
	if len(engine.ran) != 2 || engine.ran[1].Count != 2 {
		t.Errorf("ran %v", engine.ran)
	}
	times, _ := first.Metadata["execution"].(map[string]any)
	if _, err := time.Parse(time.RFC3339, times["iopub.status.busy"].(string)); err != nil {
		t.Errorf("timing: %v", err)
	}
	if err := Execute(context.Background(), n, engine, Options{NoTiming: true}); err != nil {
		t.Fatal(err)
	}
}

func TestExecuteErrors(t *testing.T) {
	build := func() *Notebook {
		n := New()
		n.Add(Code, "print before\nfail boom")
		n.Add(Code, "failquietly mismatch")
		n.Add(Code, "print after")
		n.Cells[2].Outputs = []*Output{{Type: Stream, Name: "stdout", Text: "stale"}}
		return n
	}
	n := build()
	err := Execute(context.Background(), n, &fakeEngine{}, Options{})
	var failed *CellError
	if !errors.As(err, &failed) || failed.Index != 1 || err.Error() != "notebook: code cell 1: panic: boom" {
		t.Errorf("error %v", err)
	}
	if got := outputs(n.Cells[0]); !reflect.DeepEqual(got, []string{"stdout: before\n", "error: panic: boom"}) {
		t.Errorf("outputs %q", got)
	}
	if n.Cells[1].Outputs != nil || n.Cells[2].Outputs != nil {
		t.Error("cells after the failure have outputs that this run did not make")
	}

	n = build()
	if err := Execute(context.Background(), n, &fakeEngine{}, Options{AllowErrors: true}); err != nil {
		t.Errorf("errors allowed: %v", err)
	}
	if got := outputs(n.Cells[1]); !reflect.DeepEqual(got, []string{"error: TypeError: mismatch"}) {
		t.Errorf("an error that only the reply carries: %q", got)
	}
	if got := outputs(n.Cells[2]); !reflect.DeepEqual(got, []string{"stdout: after\n"}) {
		t.Errorf("outputs %q", got)
	}

	n = build()
	n.Cells[0].Metadata["tags"] = []any{"raises-exception"}
	if err := Execute(context.Background(), n, &fakeEngine{}, Options{}); !errors.As(err, &failed) || failed.Index != 2 {
		t.Errorf("tagged cell: %v", err)
	}

	n = New()
	n.Add(Code, "die")
	n.Add(Code, "print after")
	if err := Execute(context.Background(), n, &fakeEngine{}, Options{AllowErrors: true}); err == nil || !strings.Contains(err.Error(), "worker is gone") {
		t.Errorf("a kernel that fails: %v", err)
	}
}

func TestExecuteTimeout(t *testing.T) {
	n := New()
	n.Add(Code, "hang")
	err := Execute(context.Background(), n, &fakeEngine{}, Options{Timeout: time.Millisecond})
	var failed *CellError
	if !errors.As(err, &failed) || failed.Name != "TimeoutError" {
		t.Errorf("error %v", err)
	}
	if got := outputs(n.Cells[0]); len(got) != 1 || !strings.Contains(got[0], "TimeoutError") {
		t.Errorf("outputs %q", got)
	}
}

func TestExecuteCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := New()
	n.Add(Code, "print 1\nhang")
	n.Add(Code, "print 2")
	err := Execute(ctx, n, &fakeEngine{}, Options{AllowErrors: true, Observe: func(e Event) {
		if e.Kind == CellOutput {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n.Cells[0].Outputs[0].Text != "1\n" || n.Cells[1].Outputs != nil {
		t.Errorf("outputs %q, %q", outputs(n.Cells[0]), outputs(n.Cells[1]))
	}
}

// What a goroutine prints after its cell has ended stays with the last cell.
func TestExecuteBackground(t *testing.T) {
	engine := &fakeEngine{}
	n := New()
	n.Add(Code, "print 1")
	n.Add(Code, "sleep")
	err := Execute(context.Background(), n, engine, Options{Observe: func(e Event) {
		if e.Kind == CellEnded && e.Index == 1 {
			go engine.late(worker.Event{Kind: worker.EventStream, Stream: "stdout", Text: "late\n"})
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	engine.late(worker.Event{Kind: worker.EventStream, Stream: "stdout", Text: "too late\n"})
	all := strings.Join(append(outputs(n.Cells[0]), outputs(n.Cells[1])...), "")
	if strings.Contains(all, "too late") {
		t.Error("output after the run was stored")
	}
}

func TestExecuteBinaryData(t *testing.T) {
	engine := &fakeEngine{steps: map[string]func(func(worker.Event)){"picture": func(emit func(worker.Event)) {
		emit(worker.Event{Kind: worker.EventDisplay, Data: &kernel.Data{
			Data: kernel.MIMEMap{
				"image/png":        []byte{0, 1, 2},
				"image/svg+xml":    []byte("<svg/>"),
				"application/json": map[string]any{"a": []int{1}},
				"text/plain":       7,
			},
			Metadata: kernel.MIMEMap{"image/png": map[string]int{"width": 3}},
		}})
	}}}
	n := New()
	n.Add(Code, "picture")
	if err := Execute(context.Background(), n, engine, Options{NoTiming: true}); err != nil {
		t.Fatal(err)
	}
	again, err := Read(n.Write())
	if err != nil {
		t.Fatal(err)
	}
	o := again.Cells[0].Outputs[0]
	if o.Data["image/png"] != "AAEC" || o.Data["image/svg+xml"] != "<svg/>" || o.Data["text/plain"] != "7" {
		t.Errorf("data %v", o.Data)
	}
	if !bytes.Equal(again.Write(), n.Write()) {
		t.Error("written differently the second time")
	}
}

func TestLive(t *testing.T) {
	engine := &fakeEngine{steps: map[string]func(func(worker.Event)){
		"progress": func(emit func(worker.Event)) {
			emit(shown(worker.EventDisplay, "p", "bar 0%"))
			emit(shown(worker.EventUpdate, "p", "bar 50%"))
			emit(shown(worker.EventUpdate, "p", "bar 100% with a note that is longer than the terminal is wide"))
		},
		"open": func(emit func(worker.Event)) {
			emit(worker.Event{Kind: worker.EventStream, Stream: "stdout", Text: "no newline"})
		},
	}}
	build := func() *Notebook {
		n := New()
		n.Add(Code, "import \"fmt\"\nprogress\nprint text\nopen")
		n.Add(Code, "result 3\nfail boom")
		return n
	}
	for _, c := range []struct {
		width int
		want  []string
	}{
		{40, []string{
			"[1/2] progress",
			"\r\x1b[Kbar 0%\r\x1b[Kbar 50%\r\x1b[Kbar 100% with a note that is longer th…",
			"text",
			"no newline",
			"[1/2] T s",
			"[2/2] result 3",
			"3",
			"\x1b[31mpanic: boom\x1b[0m",
			"cell[1]:1:1",
			"[2/2] failed after T s",
			"",
		}},
		{0, []string{
			"[1/2] progress",
			"bar 0%",
			"bar 100% with a note that is longer than the terminal is wide",
			"text",
			"no newline",
			"[1/2] T s",
			"[2/2] result 3",
			"3",
			"panic: boom",
			"cell[1]:1:1",
			"[2/2] failed after T s",
			"",
		}},
	} {
		var b bytes.Buffer
		_ = Execute(context.Background(), build(), engine, Options{Observe: Live(&b, c.width)})
		got := regexp.MustCompile(`[0-9.]+ s\n`).ReplaceAllString(b.String(), "T s\n")
		if want := strings.Join(c.want, "\n"); got != want {
			t.Errorf("width %d\n got %q\nwant %q", c.width, got, want)
		}
	}
}
