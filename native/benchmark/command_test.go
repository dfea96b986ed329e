package benchmark_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"arch2vec/native/benchmark"
	"arch2vec/native/space/nasbench201"
)

// TestMain lets the test program play the user's: ARCH2VEC_TEST_PROGRAM says how it
// behaves.
func TestMain(m *testing.M) {
	if mode := os.Getenv("ARCH2VEC_TEST_PROGRAM"); mode != "" {
		os.Exit(program(mode))
	}
	os.Exit(m.Run())
}

func program(mode string) int {
	var q struct {
		Space, Dataset, Cell, Class string
		Ops                         []string
		Edges                       [][2]int
		Attempt                     int
	}
	if err := json.NewDecoder(os.Stdin).Decode(&q); err != nil || len(q.Ops) != 8 || len(q.Edges) != 10 || q.Cell == "" || q.Class == "" {
		fmt.Fprintln(os.Stderr, "bad question", err, q)
		return 3
	}
	if f, err := os.OpenFile(os.Getenv("ARCH2VEC_TEST_COUNT"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
		fmt.Fprintln(f, q.Cell) // one line a training
		f.Close()
	}
	answer := func() {
		fmt.Printf(`{"result":{"validation":%d,"test":50,"cost":7}}`+"\n", 60+strings.Count(q.Cell, "conv"))
	}
	switch mode {
	case "good":
		fmt.Println(`{"progress":{"epoch":1,"epochs":2,"validation":40.5}}`)
		fmt.Fprintln(os.Stderr, "training", q.Cell)
		answer()
	case "no end of line":
		fmt.Print(`{"result":{"validation":1,"test":2}}`)
	case "second attempt":
		if q.Attempt < 2 {
			return 9
		}
		answer()
	case "exit":
		fmt.Fprintln(os.Stderr, "CUDA out of memory")
		return 7
	case "exit after result":
		answer()
		return 7
	case "hang":
		child := exec.Command("sleep", "1000") // it must not outlive us
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			return 4
		}
		os.WriteFile(os.Getenv("ARCH2VEC_TEST_PID"), []byte(strconv.Itoa(child.Process.Pid)), 0o644)
		time.Sleep(1000 * time.Second)
	case "child":
		child := exec.Command("sleep", "1000") // keeps our standard output open
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			return 4
		}
		answer()
	case "nan":
		fmt.Println(`{"result":{"validation":NaN,"test":1}}`)
	case "garbage":
		fmt.Println("Epoch 1 of 50, loss 2.3")
		time.Sleep(1000 * time.Second)
	case "unfinished line":
		for {
			fmt.Print(strings.Repeat("x", 1<<16))
		}
	case "fraction":
		fmt.Println(`{"result":{"validation":-0.93,"test":1}}`)
	case "centuries":
		fmt.Println(`{"result":{"validation":1,"test":2,"cost":1e300}}`)
	case "half":
		fmt.Println(`{"result":{"validation":93}}`)
	case "twice":
		answer()
		answer()
	case "slow":
		time.Sleep(50 * time.Millisecond)
		answer()
	}
	return 0
}

// command returns a Command that runs this program in a mode, and the file of its
// trainings.
func command(t *testing.T, mode string, opts benchmark.CommandOptions) (*benchmark.Command, string) {
	t.Helper()
	count := filepath.Join(t.TempDir(), "count")
	opts.Space = nasbench201.New()
	opts.Program = []string{os.Args[0]}
	opts.Env = append(opts.Env, "ARCH2VEC_TEST_PROGRAM="+mode, "ARCH2VEC_TEST_COUNT="+count)
	c, err := benchmark.NewCommand(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, count
}

func trainings(t *testing.T, count string) int {
	t.Helper()
	b, err := os.ReadFile(count)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Count(string(b), "\n")
}

// TestCommand trains cells, each once, and finds them again in the store.
func TestCommand(t *testing.T) {
	dir := t.TempDir()
	var lock sync.Mutex
	told := 0
	opts := benchmark.CommandOptions{
		Store: filepath.Join(dir, "results.jsonl"), Logs: filepath.Join(dir, "logs"), Parallel: 2, Dataset: benchmark.CIFAR100,
		Progress: func(p benchmark.Progress) {
			lock.Lock()
			defer lock.Unlock()
			if told++; p.Epoch != 1 || p.Epochs != 2 || p.Validation != 40.5 || p.Attempt != 1 {
				t.Errorf("progress %+v", p)
			}
		},
	}
	s := nasbench201.New()
	c, count := command(t, "good", opts)
	if !strings.HasSuffix(c.Name(), "/cifar100") {
		t.Errorf("name %q", c.Name())
	}
	var wait sync.WaitGroup
	for i := range 12 { // each cell three times, at the same time
		wait.Go(func() {
			x := s.Cell(i % 4)
			got, err := c.Score(t.Context(), x)
			text, _ := s.Format(x)
			if want := (benchmark.Score{Validation: float64(60 + strings.Count(text, "conv")), Test: 50, Cost: 7}); got != want || err != nil {
				t.Errorf("%+v, %v; want %+v", got, err, want)
			}
		})
	}
	wait.Wait()
	if n := trainings(t, count); n != 4 || told != 4 || c.Stored() != 4 {
		t.Errorf("%d trainings, %d progresses, %d stored; want 4", n, told, c.Stored())
	}
	if logs, err := os.ReadDir(opts.Logs); err != nil || len(logs) != 4 {
		t.Errorf("logs: %v, %v", logs, err)
	}
	if _, err := benchmark.NewCommand(benchmark.CommandOptions{Space: s, Program: []string{os.Args[0]}, Store: opts.Store}); err == nil {
		t.Error("two of them share a store")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}

	// Killed while it wrote a fifth line.
	f, err := os.OpenFile(opts.Store, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"space":"nasbench201","cla`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	opts.Progress = nil
	again, count := command(t, "good", opts)
	if again.Stored() != 4 {
		t.Errorf("%d results were stored", again.Stored())
	}
	for i := range 5 {
		if _, err := again.Score(t.Context(), s.Cell(i)); err != nil {
			t.Error(err)
		}
	}
	if n := trainings(t, count); n != 1 {
		t.Errorf("%d trainings, want only the new one", n)
	}
	again.Close()
	b, err := os.ReadFile(opts.Store)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("line %d of the store is %q", i+1, line)
		}
	}
	if err := os.WriteFile(opts.Store, append([]byte("garbage\n"), b...), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := benchmark.NewCommand(benchmark.CommandOptions{Space: s, Program: []string{os.Args[0]}, Store: opts.Store}); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a damaged store: %v", err)
	}
}

// TestCommandFailures checks what each way to fail is called.
func TestCommandFailures(t *testing.T) {
	s := nasbench201.New()
	for _, want := range []struct {
		mode    string
		failure benchmark.Failure
		says    string
	}{
		{"exit", benchmark.ExitStatus, "exit status 7; it said: CUDA out of memory"},
		{"exit after result", benchmark.ExitStatus, "exit status 7"},
		{"nan", benchmark.Garbage, "NaN"},
		{"garbage", benchmark.Garbage, "Epoch 1 of 50"},
		{"unfinished line", benchmark.Garbage, "a line of more than"},
		{"fraction", benchmark.BadResult, "validation is -0.93"},
		{"centuries", benchmark.BadResult, "cost is 1e+300"},
		{"half", benchmark.BadResult, "no test"},
		{"twice", benchmark.Garbage, "second result"},
		{"nothing", benchmark.NoResult, "status 0"},
	} {
		c, count := command(t, want.mode, benchmark.CommandOptions{Retries: 1})
		_, err := c.Score(t.Context(), s.Cell(0))
		var failed *benchmark.CommandError
		if !errors.As(err, &failed) || failed.Failure != want.failure || failed.Attempt != 2 || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%s: %v, want failure %v with %q", want.mode, err, want.failure, want.says)
		}
		if n := trainings(t, count); n != 2 {
			t.Errorf("%s: %d attempts, want 2", want.mode, n)
		}
	}
	c, _ := command(t, "second attempt", benchmark.CommandOptions{Retries: 1})
	if got, err := c.Score(t.Context(), s.Cell(0)); err != nil || got.Cost != 7 {
		t.Errorf("good at the second attempt: %+v, %v", got, err)
	}
	c, _ = command(t, "no end of line", benchmark.CommandOptions{})
	if got, err := c.Score(t.Context(), s.Cell(0)); err != nil || got.Test != 2 || !(got.Cost > 0) {
		t.Errorf("a result without cost and end of line: %+v, %v", got, err)
	}
	if _, err := benchmark.NewCommand(benchmark.CommandOptions{Space: s, Program: []string{"/no/such/program"}}); err == nil {
		t.Error("a program that is not there is taken")
	}
}

// TestCommandHangs checks the timeout and cancelling: nothing that the program
// started is left.
func TestCommandHangs(t *testing.T) {
	s := nasbench201.New()
	gone := func(file string) {
		t.Helper()
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			state, err := os.ReadFile("/proc/" + string(b) + "/stat")
			if err != nil || strings.Contains(string(state), ") Z ") {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Errorf("process %s is still there", b)
	}
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		gone = func(string) {}
	}

	pid := filepath.Join(t.TempDir(), "pid")
	c, _ := command(t, "hang", benchmark.CommandOptions{Timeout: 500 * time.Millisecond, Env: []string{"ARCH2VEC_TEST_PID=" + pid}})
	_, err := c.Score(t.Context(), s.Cell(0))
	var failed *benchmark.CommandError
	if !errors.As(err, &failed) || failed.Failure != benchmark.TimedOut {
		t.Errorf("a program that hangs: %v", err)
	}
	gone(pid)

	pid = filepath.Join(t.TempDir(), "pid")
	c, _ = command(t, "hang", benchmark.CommandOptions{Env: []string{"ARCH2VEC_TEST_PID=" + pid}})
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		for {
			if b, _ := os.ReadFile(pid); len(b) > 0 {
				stop()
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	if _, err := c.Score(ctx, s.Cell(0)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	gone(pid)

	c, _ = command(t, "child", benchmark.CommandOptions{Timeout: time.Second}) // less than its output stays open
	if got, err := c.Score(t.Context(), s.Cell(0)); err != nil || got.Test != 50 {
		t.Errorf("a program that leaves a child with its output open: %+v, %v", got, err)
	}
}
