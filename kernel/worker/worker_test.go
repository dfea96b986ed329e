package worker

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"arch2vec/kernel/display"
)

// The test binary is its own worker: with the argument "fake" it serves the
// cells of fakeRunner, with "worker" those of a session, and with "front" it is
// a front to be killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		var err error
		switch os.Args[1] {
		case "fake":
			err = serve(context.Background(), func(h host) (runner, error) { return &fakeRunner{host: h}, nil })
		case "worker":
			err = Serve(context.Background())
		case "front":
			err = frontMain()
		default:
			os.Exit(m.Run())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fakeRunner understands cells of one word and an argument. They do what
// interpreted cells can do to their process, without an interpreter.
type fakeRunner struct {
	host
	count int
}

func (f *fakeRunner) execute(ctx context.Context, req Request) Reply {
	f.count++
	word, arg, _ := strings.Cut(req.Code, " ")
	run, ok := fakeCells[word]
	if !ok {
		return Reply{Error: &Error{Name: "NameError", Value: "no cell " + word}}
	}
	if err := run(ctx, f, arg); err != nil {
		return Reply{Error: &Error{Name: "Error", Value: err.Error()}}
	}
	return Reply{}
}

func (f *fakeRunner) complete(code string, cursor int) Completion {
	return Completion{Matches: []Match{{Text: code + "!"}}, Start: 0, End: cursor}
}

func (f *fakeRunner) inspect(code string, _, _ int) Inspection {
	if code == "panic" {
		panic("inspect")
	}
	return Inspection{Found: true, Data: display.Data{Data: display.MIMEMap{"text/plain": code}}}
}

func stuck() error { time.Sleep(time.Hour); return nil }

var fakeCells = map[string]func(context.Context, *fakeRunner, string) error{
	"print": func(_ context.Context, f *fakeRunner, s string) error {
		_, err := fmt.Fprintln(f.stdout, s)
		return err
	},
	"count": func(_ context.Context, f *fakeRunner, _ string) error {
		_, err := fmt.Fprintln(f.stdout, f.count)
		return err
	},
	"fail": func(_ context.Context, _ *fakeRunner, s string) error { return errors.New(s) },
	"show": func(_ context.Context, f *fakeRunner, s string) error {
		return display.Display(display.Data{Data: display.MIMEMap{"text/plain": s, "image/png": []byte{0, 1, 255}, "application/json": map[string]any{"a": 1.0}}})
	},
	// Output by every way there is, in between displays.
	"mix": func(_ context.Context, f *fakeRunner, _ string) error {
		for i := range 50 {
			fmt.Fprintf(f.stdout, "session %d\n", i)
			fmt.Fprintf(f.stderr, "error %d\n", i)
			fmt.Fprintf(os.Stdout, "native %d\n", i)
			if err := display.Display(display.Data{Data: display.MIMEMap{"text/plain": strconv.Itoa(i)}}); err != nil {
				return err
			}
		}
		return nil
	},
	"lines": func(_ context.Context, f *fakeRunner, s string) error {
		n, err := strconv.Atoi(s)
		if err != nil {
			return err
		}
		for i := range n {
			fmt.Fprintf(f.stdout, "line %07d of some length, é and 漢 included\n", i)
		}
		return nil
	},
	"alternate": func(_ context.Context, f *fakeRunner, s string) error {
		for i := range 1000 {
			fmt.Fprintf(f.stdout, "o%d ", i)
			fmt.Fprintf(f.stderr, "e%d ", i)
		}
		return nil
	},
	"later": func(_ context.Context, f *fakeRunner, s string) error {
		go func() {
			time.Sleep(100 * time.Millisecond)
			fmt.Fprintln(f.stdout, s)
			_ = display.Display(display.Data{Data: display.MIMEMap{"text/plain": s}})
		}()
		return nil
	},
	"laterpanic": func(context.Context, *fakeRunner, string) error {
		go func() { time.Sleep(50 * time.Millisecond); panic("late") }()
		return nil
	},
	"program": func(_ context.Context, _ *fakeRunner, s string) error {
		cmd := exec.Command("sh", "-c", s)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		return cmd.Run()
	},
	"background": func(_ context.Context, f *fakeRunner, s string) error {
		cmd := exec.Command("sh", "-c", s)
		cmd.Stdout = os.Stdout
		err := cmd.Start()
		fmt.Fprintln(f.stdout, cmd.Process.Pid)
		return err
	},
	"closestdout": func(context.Context, *fakeRunner, string) error { return os.Stdout.Close() },
	"exit": func(_ context.Context, f *fakeRunner, s string) error {
		n, _ := strconv.Atoi(s)
		os.Exit(n)
		return nil
	},
	"logfatal": func(_ context.Context, _ *fakeRunner, s string) error { log.Fatal(s); return nil },
	"gopanic": func(_ context.Context, f *fakeRunner, s string) error {
		fmt.Fprintln(f.stdout, "before")
		go func() { panic(s) }()
		select {}
	},
	"panic":  func(_ context.Context, _ *fakeRunner, s string) error { panic(s) },
	"goexit": func(context.Context, *fakeRunner, string) error { runtime.Goexit(); return nil },
	"overflow": func(context.Context, *fakeRunner, string) error {
		debug.SetMaxStack(1 << 20)
		var f func(int) int
		f = func(n int) int { return f(n+1) + 1 }
		f(0)
		return nil
	},
	"mapwrite": func(context.Context, *fakeRunner, string) error {
		m := map[int]int{}
		for range 4 {
			go func() {
				for i := 0; ; i++ {
					m[i%100] = i
				}
			}()
		}
		select {}
	},
	"signal": func(_ context.Context, _ *fakeRunner, s string) error {
		n, _ := strconv.Atoi(s)
		return errors.Join(syscall.Kill(os.Getpid(), syscall.Signal(n)), stuck())
	},
	"sigkill": func(context.Context, *fakeRunner, string) error { return syscall.Kill(os.Getpid(), syscall.SIGKILL) },
	"memory": func(_ context.Context, f *fakeRunner, _ string) error {
		var all [][]byte
		for range 8 << 4 {
			b := make([]byte, 64<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			all = append(all, b)
		}
		fmt.Fprintln(f.stdout, len(all))
		return nil
	},
	"huge": func(_ context.Context, f *fakeRunner, _ string) error {
		b := make([]byte, 8<<30)
		fmt.Fprintln(f.stdout, len(b))
		return nil
	},
	"wait": func(ctx context.Context, _ *fakeRunner, _ string) error { <-ctx.Done(); return ctx.Err() },
	"slow": func(ctx context.Context, _ *fakeRunner, _ string) error {
		<-ctx.Done()
		time.Sleep(200 * time.Millisecond)
		return ctx.Err()
	},
	"stuck": func(context.Context, *fakeRunner, string) error { return stuck() },
	"spin": func(context.Context, *fakeRunner, string) error {
		//lint:ignore SA5002 this is what a stuck cell does
		for {
		}
	},
	"cellcontext": func(_ context.Context, _ *fakeRunner, _ string) error { <-display.Context().Done(); return nil },
	"scan": func(_ context.Context, f *fakeRunner, s string) error {
		fmt.Fprint(f.stdout, "Name? ")
		r := bufio.NewReader(f.stdin)
		line, err := r.ReadString('\n')
		fmt.Fprintf(f.stdout, "%q %v\n", line, err)
		return nil
	},
	"stdin": func(_ context.Context, f *fakeRunner, s string) error {
		b, err := io.ReadAll(os.Stdin)
		fmt.Fprintf(f.stdout, "%q %v\n", b, err)
		return nil
	},
	"pid": func(_ context.Context, f *fakeRunner, _ string) error {
		_, err := fmt.Fprint(f.stdout, os.Getpid())
		return err
	},
	"nul": func(_ context.Context, f *fakeRunner, _ string) error {
		_, err := f.stdout.Write([]byte("a\x00b\x00"))
		return err
	},
	"chan": func(context.Context, *fakeRunner, string) error {
		return display.Display(display.Data{Data: display.MIMEMap{"application/json": make(chan int)}})
	},
}

func newFake(t *testing.T, opts Options) *Client {
	t.Helper()
	opts.Args = []string{"fake"}
	c, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// result is what a cell showed.
type result struct {
	events []Event
	reply  Reply
}

func (r result) text(stream string) string {
	var b strings.Builder
	for _, e := range r.events {
		if e.Kind == EventStream && e.Stream == stream {
			b.WriteString(e.Text)
		}
	}
	return b.String()
}

func run(t *testing.T, c Engine, code string) result {
	t.Helper()
	return runRequest(t, c, Request{Code: code})
}

func runRequest(t *testing.T, c Engine, req Request) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	var r result
	var err error
	r.reply, err = c.Execute(ctx, req, func(e Event) { r.events = append(r.events, e) })
	if err != nil {
		t.Fatalf("%s: %v", req.Code, err)
	}
	return r
}

// succeed runs a cell that must succeed and returns what it wrote to stdout.
func succeed(t *testing.T, c Engine, code string) string {
	t.Helper()
	r := run(t, c, code)
	if r.reply.Error != nil {
		t.Fatalf("%s: %s: %s", code, r.reply.Error.Name, r.reply.Error.Value)
	}
	return r.text("stdout")
}

func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	// A process that nobody has waited for yet is dead all the same.
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && !bytes.Contains(stat, []byte(") Z "))
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 500 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("not within 5 s: %s", what)
}
