package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestBenchTrain(t *testing.T) {
	o := arch2vec(t, "bench", "train", "--space", "darts", "--threads", "2", "--steps", "20", "--batch", "8", "--json")
	if o.status != 0 || o.stderr != "" || strings.Count(o.stdout, "\n") != 1 {
		t.Fatalf("%+v", o)
	}
	var r map[string]any
	if err := json.Unmarshal([]byte(o.stdout), &r); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"p5_ms", "median_ms", "graphs_per_s", "gflops", "peak_gflops", "peak_best", "efficiency"} {
		if v, ok := r[key].(float64); !ok || v <= 0 {
			t.Errorf("%s is %v", key, r[key])
		}
	}
	for key, want := range map[string]any{"space": "darts", "threads": 2.0, "threads_used": 2.0, "params": 123487.0, "steps": 20.0} {
		if r[key] != want {
			t.Errorf("%s is %v, want %v", key, r[key], want)
		}
	}
	for _, key := range []string{"simd", "allocs_per_step"} {
		if _, ok := r[key]; !ok {
			t.Errorf("no %s", key)
		}
	}
	if o := arch2vec(t, "bench", "train", "--space", "nasbench201", "--steps", "20"); o.status != 0 || !strings.Contains(o.stdout, "share of the peak") {
		t.Errorf("%+v", o)
	}
}

// Ctrl-C ends a benchmark at once, with the status of an interrupted command.
func TestBenchInterrupted(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "bench", "train", "--space", "nasbench201", "--steps", "10000000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 130 {
		t.Errorf("exit status %d, want 130", got)
	}
}
