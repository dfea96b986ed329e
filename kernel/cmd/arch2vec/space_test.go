package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSpace checks the line that scripts read and the words that people read.
func TestSpace(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, c := range []struct {
		args   []string
		cells  int
		digest string // "" for any
		says   string
	}{
		{[]string{"nasbench101"}, 423624, "53e1438d11675d9eb3899166c29ca07fe0c4b81af9d99d5aec3ecd31bd5bca7f", "64542"},
		{[]string{"nasbench201", "--threads", "1"}, 15625, "0b81e385d6329039f5258315d099150e3b0f3fd5665c05941a2a8b3d6d03a516", "6466 different networks"},
		{[]string{"darts", "--sample", "1000", "--seed", "2"}, 1000, "", "too large"},
	} {
		o := arch2vec(t, append(append([]string{"space"}, c.args...), "--json")...)
		var line struct {
			Space, Digest string
			Cells         int
		}
		if err := json.Unmarshal([]byte(o.stdout), &line); err != nil || o.status != 0 || o.stderr != "" {
			t.Fatalf("%v: %+v, %v", c.args, o, err)
		}
		if strings.Count(o.stdout, "\n") != 1 || line.Space != c.args[0] || line.Cells != c.cells || len(line.Digest) != 64 ||
			c.digest != "" && line.Digest != c.digest {
			t.Errorf("%v: %s", c.args, o.stdout)
		}
		o = arch2vec(t, append([]string{"space"}, c.args...)...)
		if o.status != 0 || o.stderr != "" || !strings.Contains(o.stdout, c.says) || !strings.Contains(o.stdout, line.Digest) {
			t.Errorf("%v: %+v, want %q and the digest", c.args, o, c.says)
		}
	}
}

// TestSpaceThreads checks that the number of threads changes nothing.
func TestSpaceThreads(t *testing.T) {
	var said [2]string
	for i, threads := range []string{"1", "3"} {
		said[i] = arch2vec(t, "space", "darts", "--sample", "3000", "--threads", threads, "--json").stdout
	}
	if said[0] != said[1] || said[0] == "" {
		t.Errorf("with one thread %s, with three %s", said[0], said[1])
	}
}

func TestSpaceUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"nosuchspace"}, "nasbench101, nasbench201, darts"},
		{[]string{""}, "no search space"},
		{nil, "<space>"},
		{[]string{"nasbench101", "--sample", "5"}, "--sample"},
		{[]string{"nasbench201", "--seed", "5"}, "--seed"},
		{[]string{"darts", "--sample", "0"}, "--sample 0"},
		{[]string{"darts", "--sample", "1000000000000"}, "--sample 1000000000000"},
		{[]string{"darts", "--sample", "many"}, "--sample"},
		{[]string{"darts", "--seed", "-1"}, "--seed"},
		{[]string{"darts", "--threads", "-1"}, "--threads"},
	} {
		o := arch2vec(t, append([]string{"space"}, c.args...)...)
		if o.status != 2 || o.stdout != "" || strings.Count(o.stderr, "\n") != 1 || !strings.Contains(o.stderr, c.says) {
			t.Errorf("%v: %+v, want status 2 and one line with %q", c.args, o, c.says)
		}
	}
}

// TestSpaceInterrupted interrupts a sample that would take minutes.
func TestSpaceInterrupted(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "space", "darts", "--sample", "10000000")
	time.AfterFunc(time.Second, func() { cmd.Process.Signal(syscall.SIGINT) })
	if o := command(t, cmd); o.status != 130 || strings.TrimSpace(o.stderr) != "arch2vec: interrupted" || o.stdout != "" {
		t.Errorf("%+v", o)
	}
}
