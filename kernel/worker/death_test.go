package worker

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Whatever ends the process: the cell fails and says why, what was printed
// before is there, and the next cell runs in a fresh worker.
func TestDeath(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ code, value, trace, stderr string }{
		{"exit 3", "exit status 3", "", ""},
		{"exit 0", "exit status 0", "", ""},
		{"logfatal bad input", "exit status 1", "", "bad input"},
		{"gopanic boom", "panic: boom", "goroutine ", "panic: boom"},
		{"overflow", "stack exceeds", "stack overflow", "stack overflow"},
		{"mapwrite", "concurrent map writes", "goroutine ", "concurrent map writes"},
		{"sigkill", "SIGKILL", "", ""},
		{"signal 15", "SIGTERM", "", ""},
		{"signal 6", "SIGABRT: abort", "goroutine ", "SIGABRT"},
	} {
		t.Run(tc.code, func(t *testing.T) {
			t.Parallel()
			c := newFake(t, Options{})
			succeed(t, c, "count")
			r := run(t, c, tc.code)
			e := r.reply.Error
			if e == nil || e.Name != "WorkerDied" {
				t.Fatalf("reply %+v", r.reply)
			}
			if !strings.Contains(e.Value, tc.value) || !strings.Contains(e.Value, "variables are lost") || strings.Contains(e.Value, "\n") {
				t.Errorf("value %q", e.Value)
			}
			if trace := strings.Join(e.Traceback, "\n"); !strings.Contains(trace, tc.trace) || len(e.Traceback) > traceLines+2 {
				t.Errorf("traceback %q", trace)
			}
			if !strings.Contains(r.text("stderr"), tc.stderr) {
				t.Errorf("stderr %q", r.text("stderr"))
			}
			if tc.code == "gopanic boom" && r.text("stdout") != "before\n" {
				t.Errorf("stdout %q", r.text("stdout"))
			}
			if last := r.events[len(r.events)-1]; last.Kind != EventError || last.Error != e {
				t.Errorf("last event %+v", last)
			}
			if got := succeed(t, c, "count"); got != "1\n" {
				t.Errorf("next cell printed %q", got)
			}
		})
	}
}

func TestPanicsThatReachTheWorker(t *testing.T) {
	c := newFake(t, Options{})
	for _, code := range []string{"panic in a cell", "goexit"} {
		if r := run(t, c, code); r.reply.Error == nil || r.reply.Error.Name == "WorkerDied" {
			t.Errorf("%s: reply %+v", code, r.reply)
		}
	}
	if got := succeed(t, c, "count"); got != "3\n" {
		t.Errorf("the worker was replaced: %q", got)
	}
}

func TestMemoryLimit(t *testing.T) {
	c := newFake(t, Options{MemoryLimit: 1 << 30})
	for _, code := range []string{"memory", "huge"} {
		r := run(t, c, code)
		if strings.Contains(r.text("stderr"), "ThreadSanitizer") {
			t.Skip("the race detector needs more memory than that")
		}
		if r.reply.Error == nil || r.reply.Error.Name != "WorkerDied" || !strings.Contains(r.reply.Error.Value, "out of memory") {
			t.Fatalf("%s: reply %+v, stderr %q", code, r.reply.Error, r.text("stderr"))
		}
		succeed(t, c, "print next")
	}
}

func TestDeathBetweenCells(t *testing.T) {
	c := newFake(t, Options{})
	var mu sync.Mutex
	var died *Error
	c.Background(func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Kind == EventError {
			died = e.Error
		}
	})
	succeed(t, c, "laterpanic")
	eventually(t, "the background is told", func() bool { mu.Lock(); defer mu.Unlock(); return died != nil })
	r := run(t, c, "count")
	if r.text("stdout") != "1\n" || !strings.Contains(r.text("stderr"), "panic: late") {
		t.Errorf("events %+v", r.events)
	}
	if r = run(t, c, "count"); r.text("stderr") != "" {
		t.Errorf("the death is told again: %q", r.text("stderr"))
	}
	pid, err := strconv.Atoi(succeed(t, c, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the worker has ended", func() bool { return !alive(pid) })
	time.Sleep(50 * time.Millisecond)
	if _, err := c.Complete(context.Background(), "x", 1); err != nil {
		t.Errorf("completion after a death: %v", err)
	}
	if r = run(t, c, "count"); r.text("stdout") != "1\n" || !strings.Contains(r.text("stderr"), "SIGKILL") {
		t.Errorf("events %+v", r.events)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		code  string
		lost  bool
		twice bool
	}{
		{code: "wait"},
		{code: "cellcontext"},
		{code: "stuck", lost: true},
		{code: "spin", lost: true},
		{code: "spin", lost: true, twice: true},
		{code: "slow", twice: true}, // as a key pressed twice
	} {
		t.Run(tc.code, func(t *testing.T) {
			t.Parallel()
			grace := 300 * time.Millisecond
			if tc.twice {
				grace = time.Hour
			}
			c := newFake(t, Options{Grace: grace})
			succeed(t, c, "count")
			done := make(chan Reply)
			go func() {
				r, err := c.Execute(context.Background(), Request{Code: tc.code}, func(Event) {})
				if err != nil {
					t.Error(err)
				}
				done <- r
			}()
			time.Sleep(100 * time.Millisecond)
			for range map[bool]int{false: 1, true: 2}[tc.twice] {
				if err := c.Interrupt(); err != nil {
					t.Fatal(err)
				}
			}
			r := <-done
			if tc.lost && (r.Error == nil || r.Error.Name != "Interrupted" || !strings.Contains(r.Error.Value, "lost")) {
				t.Errorf("reply %+v", r.Error)
			}
			want := "3\n"
			if tc.lost {
				want = "1\n"
			}
			if got := succeed(t, c, "count"); got != want {
				t.Errorf("next cell printed %q, want %q", got, want)
			}
		})
	}
	c := newFake(t, Options{})
	if err := c.Interrupt(); err != nil {
		t.Errorf("interrupt of nothing: %v", err)
	}
	if got := succeed(t, c, "count"); got != "1\n" {
		t.Errorf("printed %q", got)
	}
}

func TestCancelledContextInterrupts(t *testing.T) {
	c := newFake(t, Options{Grace: 200 * time.Millisecond})
	for _, code := range []string{"wait", "spin"} {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		r, err := c.Execute(ctx, Request{Code: code}, func(Event) {})
		cancel()
		if err != nil || r.Error == nil {
			t.Errorf("%s: %+v, %v", code, r.Error, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := c.Execute(ctx, Request{Code: "wait"}, func(Event) {}); err == nil && r.Error == nil {
		t.Error("a cell ran under a cancelled context")
	}
	succeed(t, c, "print alive")
}

// A program that a cell starts can be interrupted: it does not inherit that the
// worker is not.
func TestProgramsTakeInterrupts(t *testing.T) {
	c := newFake(t, Options{})
	if got := succeed(t, c, "program trap 'echo interrupted' INT; kill -INT $$"); got != "interrupted\n" {
		t.Errorf("printed %q", got)
	}
}

// An interrupt that follows a request at once is not lost.
func TestInterruptAtOnce(t *testing.T) {
	c := newFake(t, Options{Grace: time.Hour})
	for i := range 100 {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() {
			r, err := c.Execute(ctx, Request{Code: "wait"}, func(Event) {})
			if err == nil && r.Error == nil {
				err = errors.New("the cell was not interrupted")
			}
			done <- err
		}()
		time.Sleep(time.Duration(i) * 5 * time.Microsecond)
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	succeed(t, c, "print alive")
}

func TestCrashReport(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "",
		"log line\n":                             "",
		"talk of a panic: here\n":                "",
		"x\npanic: boom\n\ngoroutine 7\n":        "panic: boom||goroutine 7",
		"fatal error: all goroutines\n":          "fatal error: all goroutines",
		"a\nfatal error: x\npanic: y\n":          "fatal error: x|panic: y",
		"runtime: goroutine stack exceeds 1 G\n": "runtime: goroutine stack exceeds 1 G",
	} {
		if got := strings.Join(crashReport(text), "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
