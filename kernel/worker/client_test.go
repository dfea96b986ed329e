package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestExecute(t *testing.T) {
	c := newFake(t, Options{})
	if got := succeed(t, c, "print hello"); got != "hello\n" {
		t.Errorf("printed %q", got)
	}
	r := run(t, c, "fail badly")
	if r.reply.Error == nil || r.reply.Error.Value != "badly" {
		t.Errorf("reply %+v", r.reply)
	}
	if last := r.events[len(r.events)-1]; last.Kind != EventError || last.Error.Value != "badly" {
		t.Errorf("last event %+v", last)
	}
	r = run(t, c, "show x")
	if len(r.events) != 1 || r.events[0].Kind != EventDisplay {
		t.Fatalf("events %+v", r.events)
	}
	want := map[string]any{"text/plain": "x", "image/png": []byte{0, 1, 255}, "application/json": map[string]any{"a": 1.0}}
	if got := r.events[0].Data.Data; !reflect.DeepEqual(got, want) {
		t.Errorf("data %#v", got)
	}
	if r = run(t, c, "chan"); r.reply.Error == nil {
		t.Error("a value without JSON was displayed")
	}
	if got := succeed(t, c, "nul"); got != "a\x00b\x00" {
		t.Errorf("NUL bytes: %q", got)
	}
	if got := succeed(t, c, "count"); got != "6\n" {
		t.Errorf("cells were not run by one worker: %q", got)
	}
}

func TestOrder(t *testing.T) {
	c := newFake(t, Options{})
	r := run(t, c, "mix")
	var got strings.Builder
	for _, e := range r.events {
		switch e.Kind {
		case EventStream:
			got.WriteString(e.Text)
		case EventDisplay:
			fmt.Fprintf(&got, "display %s\n", e.Data.Data["text/plain"])
		}
	}
	// What was written natively to stdout after the session's stderr may come
	// before it, but all of a round is before the display.
	rounds := strings.SplitAfter(got.String(), "display ")
	if len(rounds) != 51 {
		t.Fatalf("%d displays", len(rounds)-1)
	}
	for i := range 50 {
		for _, s := range []string{"session", "error", "native"} {
			if !strings.Contains(rounds[i], fmt.Sprintf("%s %d\n", s, i)) {
				t.Errorf("%s %d is not before its display: %q", s, i, rounds[i])
			}
		}
	}
}

func TestStdoutAndStderrInOrder(t *testing.T) {
	c := newFake(t, Options{})
	r := run(t, c, "alternate")
	var got, want strings.Builder
	for _, e := range r.events {
		got.WriteString(e.Text)
	}
	for i := range 1000 {
		fmt.Fprintf(&want, "o%d e%d ", i, i)
	}
	if got.String() != want.String() {
		t.Error("stdout and stderr are not in the order in which they were written")
	}
}

// 10 MB in lines: none lost, none cut, few events.
func TestMuchOutput(t *testing.T) {
	c := newFake(t, Options{})
	const lines = 220_000
	start := time.Now()
	r := run(t, c, "lines "+strconv.Itoa(lines))
	d := time.Since(start)
	text := r.text("stdout")
	got := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(got) != lines {
		t.Fatalf("%d lines, want %d", len(got), lines)
	}
	for i, l := range got {
		if l != fmt.Sprintf("line %07d of some length, é and 漢 included", i) {
			t.Fatalf("line %d is %q", i, l)
		}
	}
	if len(r.events) > 100 {
		t.Errorf("%d events", len(r.events))
	}
	t.Logf("%.1f MB in %v, %d events", float64(len(text))/1e6, d, len(r.events))
}

func TestOutputOfPrograms(t *testing.T) {
	c := newFake(t, Options{})
	r := run(t, c, "program echo out; echo err >&2")
	if r.text("stdout") != "out\n" || r.text("stderr") != "err\n" {
		t.Errorf("events %+v", r.events)
	}
	// The descriptors of the protocol must not leak into programs: they have
	// what a program has that is started here.
	const list = "ls /proc/self/fd"
	want, err := exec.Command("sh", "-c", list).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := succeed(t, c, "program "+list); got != string(want) {
		t.Errorf("a program has the descriptors %q, want %q", got, want)
	}
}

func TestBackground(t *testing.T) {
	c := newFake(t, Options{})
	var mu sync.Mutex
	var text string
	displays := 0
	c.Background(func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		text += e.Text
		if e.Kind == EventDisplay {
			displays++
		}
	})
	if got := succeed(t, c, "later hello"); got != "" {
		t.Errorf("the cell printed %q", got)
	}
	eventually(t, "output and display after the cell", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return text == "hello\n" && displays == 1
	})
}

func TestClosedStdout(t *testing.T) {
	c := newFake(t, Options{})
	succeed(t, c, "closestdout")
	if got := succeed(t, c, "print still here"); got != "still here\n" {
		t.Errorf("printed %q", got)
	}
}

func TestCompleteAndInspectWhileACellRuns(t *testing.T) {
	c := newFake(t, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan Reply)
	go func() {
		r, err := c.Execute(ctx, Request{Code: "wait"}, func(Event) {})
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	com, err := c.Complete(context.Background(), "fm", 2)
	if err != nil || len(com.Matches) != 1 || com.Matches[0].Text != "fm!" || com.End != 2 {
		t.Errorf("completion %+v, %v", com, err)
	}
	ins, err := c.Inspect(context.Background(), "fmt", 3, 0)
	if err != nil || !ins.Found || ins.Data.Data["text/plain"] != "fmt" {
		t.Errorf("inspection %+v, %v", ins, err)
	}
	if _, err := c.Inspect(context.Background(), "panic", 0, 0); err == nil {
		t.Error("no error from a panic in the worker")
	}
	cancel()
	if r := <-done; r.Error == nil {
		t.Error("the interrupted cell succeeded")
	}
}

func TestInput(t *testing.T) {
	c := newFake(t, Options{})
	var before string
	var events []Event
	ask := func(context.Context, string, bool) (string, error) {
		for _, e := range events {
			before += e.Text
		}
		return "Ada", nil
	}
	reply, err := c.Execute(context.Background(), Request{Code: "scan", Input: ask}, func(e Event) { events = append(events, e) })
	if err != nil || reply.Error != nil {
		t.Fatal(reply, err)
	}
	if before != "Name? " {
		t.Errorf("when asked, %q was shown", before)
	}
	if got := (result{events: events}).text("stdout"); got != "Name? \"Ada\\n\" <nil>\n" {
		t.Errorf("printed %q", got)
	}
	// Nobody to ask; nobody who answers.
	r := runRequest(t, c, Request{Code: "scan"})
	if !strings.Contains(r.text("stdout"), "takes no input") || !strings.Contains(r.text("stderr"), "takes no input") {
		t.Errorf("events %+v", r.events)
	}
	r = runRequest(t, c, Request{Code: "scan", Input: func(context.Context, string, bool) (string, error) { return "", errors.New("declined") }})
	if got := r.text("stdout"); got != "Name? \"\" EOF\n" {
		t.Errorf("printed %q", got)
	}
	if got := succeed(t, c, "stdin"); got != "\"\" <nil>\n" {
		t.Errorf("os.Stdin gave %s", got)
	}
	// A cell that waits for input can be interrupted.
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	reply, err = c.Execute(ctx, Request{Code: "scan", Input: func(ctx context.Context, _ string, _ bool) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}}, func(Event) {})
	if err != nil {
		t.Error(reply, err)
	}
	succeed(t, c, "print alive")
}

func TestRestartAndClose(t *testing.T) {
	c := newFake(t, Options{})
	first, err := strconv.Atoi(succeed(t, c, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := succeed(t, c, "count"); got != "1\n" {
		t.Errorf("cell %q of a fresh worker", got)
	}
	second, err := strconv.Atoi(succeed(t, c, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(succeed(t, c, "background sleep 1000")))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for name, pid := range map[string]int{"replaced worker": first, "worker": second, "its child": child} {
		eventually(t, name+" has ended", func() bool { return !alive(pid) })
	}
	if _, err := c.Execute(context.Background(), Request{}, func(Event) {}); !errors.Is(err, ErrClosed) {
		t.Errorf("Execute after Close: %v", err)
	}
	if err := c.Restart(context.Background()); !errors.Is(err, ErrClosed) {
		t.Errorf("Restart after Close: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestCloseWhileACellRuns(t *testing.T) {
	c := newFake(t, Options{})
	started := make(chan bool, 1)
	done := make(chan Reply)
	go func() {
		r, err := c.Execute(context.Background(), Request{Code: "background echo started; sleep 1000"}, func(Event) {})
		if err == nil && r.Error == nil {
			r, err = c.Execute(context.Background(), Request{Code: "spin"}, func(Event) {})
		}
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	c.Background(func(Event) {})
	close(started)
	time.Sleep(300 * time.Millisecond)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if r := <-done; r.Error == nil || r.Error.Name != "WorkerDied" {
		t.Errorf("reply %+v", r.Error)
	}
}

func TestNothingIsLeftWhenTheFrontIsKilled(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	front := exec.Command(exe, "front")
	var out bytes.Buffer
	front.Stderr = &out
	stdout, err := front.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := front.Start(); err != nil {
		t.Fatal(err)
	}
	var worker, child int
	if _, err := fmt.Fscan(stdout, &worker, &child); err != nil {
		t.Fatal(err, out.String())
	}
	if !alive(worker) || !alive(child) {
		t.Fatal("the processes do not run")
	}
	if err := front.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = front.Wait()
	eventually(t, "worker has ended", func() bool { return !alive(worker) })
	eventually(t, "its child has ended", func() bool { return !alive(child) })
}

// frontMain is the front of that test: it prints the numbers of its worker and
// of the worker's child, and runs on.
func frontMain() error {
	c, err := New(Options{Args: []string{"fake"}})
	if err != nil {
		return err
	}
	for _, code := range []string{"pid", "background sleep 1000", "spin"} {
		if _, err := c.Execute(context.Background(), Request{Code: code}, func(e Event) { fmt.Println(e.Text) }); err != nil {
			return err
		}
	}
	return nil
}

func TestStartFails(t *testing.T) {
	if c, err := New(Options{Path: "/nosuch/program"}); err == nil {
		c.Close()
		t.Error("no error")
	}
	// A program that is no worker: the cell says so and nothing hangs.
	c, err := New(Options{Path: "/bin/false"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := run(t, c, "print x")
	if r.reply.Error == nil || r.reply.Error.Name != "WorkerDied" {
		t.Errorf("reply %+v", r.reply)
	}
}

func TestServeByHand(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(exe, "worker").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "not by hand") {
		t.Errorf("%v: %s", err, out)
	}
}
