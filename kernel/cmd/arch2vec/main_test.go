package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The test binary is arch2vec itself when this variable is set, so that tests
// start real processes (a kernel, its worker) without building anything.
const beArch2vec = "ARCH2VEC_TEST_IS_BINARY"

func TestMain(m *testing.M) {
	if os.Getenv(beArch2vec) != "" {
		os.Exit(run(os.Args[1:]))
	}
	os.Setenv(beArch2vec, "1")
	os.Exit(m.Run())
}

// outcome is what a finished arch2vec process leaves.
type outcome struct {
	stdout, stderr string
	status         int
}

func arch2vec(t *testing.T, args ...string) outcome {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return command(t, exec.Command(self, args...))
}

func command(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestBadInput checks that what cannot work says so on one line of standard
// error, with an exit status of 1 or 2, and leaves nothing half-written.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file := write("file", "not a folder")
	brokenNotebook := write("broken.ipynb", `{"cells": [{"cell_type": "code"`)
	garbled := write("garbled.safetensors", "\x10\x00\x00\x00\x00\x00\x00\x00garbled garbled garbled")
	truncated := write("truncated.safetensors", "\xff\x00\x00")
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"unknown command", []string{"fly"}, "fly"},
		{"unknown space", []string{"pretrain", "nosuchspace"}, "nosuchspace"},
		{"no space", []string{"pretrain"}, "SPACE"},
		{"unknown model", []string{"pretrain", "nasbench201", "--model", "nosuchmodel"}, "nosuchmodel"},
		{"unknown flag", []string{"pretrain", "nasbench201", "--nosuchflag"}, "nosuchflag"},
		{"no epochs", []string{"pretrain", "nasbench201", "--epochs", "0"}, "epochs"},
		{"negative epochs", []string{"pretrain", "nasbench201", "--epochs", "-1"}, "epochs"},
		{"negative threads", []string{"pretrain", "nasbench201", "--threads", "-1"}, "threads"},
		{"unwritable folder", []string{"pretrain", "nasbench201", "--epochs", "1", "--out", filepath.Join(file, "out")}, file},
		{"missing checkpoint", []string{"embed", filepath.Join(dir, "missing.safetensors")}, "missing.safetensors"},
		{"garbled checkpoint", []string{"embed", garbled}, "garbled.safetensors"},
		{"truncated checkpoint", []string{"embed", truncated}, "truncated.safetensors"},
		{"no benchmark", []string{"bench"}, "train"},
		{"benchmark of no space", []string{"bench", "train"}, "--space"},
		{"benchmark of an unknown space", []string{"bench", "train", "--space", "nosuchspace"}, "nosuchspace"},
		{"benchmark of an unknown model", []string{"bench", "train", "--space", "darts", "--model", "nosuchmodel"}, "nosuchmodel"},
		{"benchmark without steps", []string{"bench", "train", "--space", "darts", "--steps", "0"}, "--steps"},
		{"benchmark of negative batches", []string{"bench", "train", "--space", "darts", "--batch=-1"}, "batch"},
		{"missing script", []string{"run", filepath.Join(dir, "missing.go")}, "missing.go"},
		{"missing notebook", []string{"run", filepath.Join(dir, "missing.ipynb")}, "missing.ipynb"},
		{"broken notebook", []string{"run", brokenNotebook, "--out", filepath.Join(dir, "executed.ipynb")}, "broken.ipynb"},
		{"neither script nor notebook", []string{"run", file}, "file"},
		{"missing connection file", []string{"kernel", "start", filepath.Join(dir, "missing.json")}, "missing.json"},
		{"unwritable prefix", []string{"kernel", "install", "--prefix", file}, file},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := arch2vec(t, c.args...)
			if o.status != 1 && o.status != 2 {
				t.Errorf("exit status %d, want 1 or 2", o.status)
			}
			said := strings.TrimSuffix(o.stderr, "\n")
			if strings.Contains(said, "\n") || !strings.Contains(said, c.says) {
				t.Errorf("standard error is not one line that names %q:\n%s", c.says, o.stderr)
			}
			if o.stdout != "" {
				t.Errorf("standard output is not empty:\n%s", o.stdout)
			}
		})
	}
	after, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != len(before) {
		t.Errorf("files were left behind: %v", after)
	}
}

func TestVersion(t *testing.T) {
	if o := arch2vec(t, "version"); o.status != 0 || !strings.HasPrefix(o.stdout, "arch2vec ") {
		t.Errorf("%+v", o)
	}
}

// TestScriptArguments checks that everything behind a program's name reaches it.
func TestScriptArguments(t *testing.T) {
	path := filepath.Join(t.TempDir(), "args.go")
	src := "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() {\n\tfmt.Println(os.Args[1:])\n\tos.Exit(len(os.Args) - 1)\n}\n"
	if err := os.WriteFile(path, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{}, {"a"}, {"--out", "x"}, {"a", "--html", "b"}, {"-h"}} {
		o := arch2vec(t, append([]string{"run", path}, args...)...)
		if want := fmt.Sprintln(args); o.stdout != want || o.status != len(args) {
			t.Errorf("%q: %+v, want %q and status %d", args, o, want, len(args))
		}
	}
}
