package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"arch2vec/kernel/notebook"
	"arch2vec/kernel/session"
)

// writeNotebook makes a notebook of code cells; one that begins with "#tag " bears that tag.
func writeNotebook(t *testing.T, cells ...string) string {
	t.Helper()
	var list []map[string]any
	for _, source := range cells {
		metadata := map[string]any{}
		if tag, rest, ok := strings.Cut(source, "\n"); ok && strings.HasPrefix(tag, "#tag ") {
			metadata["tags"], source = []string{tag[5:]}, rest
		}
		list = append(list, map[string]any{"cell_type": "code", "source": source, "metadata": metadata, "outputs": []any{}, "execution_count": nil})
	}
	b, err := json.Marshal(map[string]any{"cells": list, "metadata": map[string]any{}, "nbformat": 4, "nbformat_minor": 4})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.ipynb")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRunNotebook(t *testing.T) {
	for _, c := range []struct {
		name   string
		cells  []string
		args   []string
		status int
		stdout []string // occur in this order
		stderr string
	}{
		{"times of every cell", []string{"1 + 1", "fmt.Println(\"x\")"}, nil, 0,
			[]string{"[1/2] 1 + 1\n", "2\n", "[1/2] 0.", " s\n", "[2/2] fmt", "x\n", "[2/2] 0."}, ""},
		{"an error ends it", []string{"panic(\"no\")", "\"after\""}, nil, 1, []string{"panic: no", "failed after"}, "arch2vec: notebook: code cell 1: panic: panic: no"},
		{"errors allowed", []string{"panic(\"no\")", "\"after\""}, []string{"--allow-errors"}, 0, []string{"panic: no", "failed after", "after\n"}, ""},
		{"a time limit", []string{"for {}", "\"after\""}, []string{"--timeout", "2s"}, 1, []string{"TimeoutError"}, "ran longer than 2s"},
		{"state after a time limit", []string{"x := 7", "for {}", "x"}, []string{"--timeout", "2s", "--allow-errors"}, 0, []string{"TimeoutError", "7\n"}, ""},
		{"parameters", []string{"#tag parameters\nn, s := 1, \"a\"", "n*2", "s"}, []string{"--param", "n=21", "--param", "s=b, c"}, 0, []string{"42\n", "b, c\n"}, ""},
		{"an unknown parameter", []string{"#tag parameters\nn := 1", "n"}, []string{"--param", "m=2"}, 2, nil, "parameter m: the notebook does not declare it; its parameters are n\n"},
		{"a parameter of another type", []string{"#tag parameters\nn := 1", "n"}, []string{"--param", "n=x"}, 2, nil, "no value for a int"},
		{"a negative limit", []string{"1"}, []string{"--timeout=-1s"}, 2, nil, "negative"},
		{"magics", []string{"%time x := 3", "$ echo $((6*7))\nx"}, nil, 0, []string{"Wall time", "42\n", "3\n"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := arch2vec(t, append([]string{"run", writeNotebook(t, c.cells...)}, c.args...)...)
			if o.status != c.status || !strings.Contains(o.stderr, c.stderr) || c.stderr == "" && o.stderr != "" {
				t.Errorf("exit status %d, standard error %q", o.status, o.stderr)
			}
			rest := o.stdout
			for _, want := range c.stdout {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Fatalf("no %q where it should be in\n%s", want, o.stdout)
				}
				rest = after
			}
		})
	}
}

func TestExport(t *testing.T) {
	path := writeNotebook(t, "x := 6", "x * 7")
	base := strings.TrimSuffix(path, ".ipynb")
	for _, c := range []struct {
		args   []string
		file   string
		holds  string
		status int
		stderr string
	}{
		{[]string{path, "--go"}, base + "/main.go", "fmt.Println(x * 7)", 0, ""},
		{[]string{path, "--go", "--out", base + "-out"}, base + "-out/main.go", "package main", 0, ""},
		{[]string{path, "--go", "-o", base + ".go"}, base + ".go", "package main", 0, ""},
		{[]string{path, "--html"}, base + ".html", "<!DOCTYPE html>", 0, ""},
		{[]string{path, "--html", "--go"}, "", "", 2, "either --go or --html"},
		{[]string{path}, "", "", 2, "either --go or --html"},
		{[]string{path + "x", "--go"}, "", "", 1, "ipynbx"},
		{[]string{writeNotebook(t, "1", "%time 1"), "--go"}, "", "", 1, "code cell 2, line 1: %time is for notebooks"},
	} {
		o := arch2vec(t, append([]string{"export"}, c.args...)...)
		if o.status != c.status || !strings.Contains(o.stderr, c.stderr) {
			t.Errorf("%q: %+v", c.args, o)
			continue
		}
		if c.file == "" {
			continue
		}
		if !strings.Contains(o.stdout, filepath.FromSlash(c.file)) || !strings.Contains(string(read(t, c.file)), c.holds) {
			t.Errorf("%q printed %q and wrote\n%s", c.args, o.stdout, read(t, c.file))
		}
	}
}

// TestTour runs the tour, and compares what it shows with what it prints as a
// compiled program.
func TestTour(t *testing.T) {
	s, err := session.New(session.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e := s.Check(session.Cell{Code: `import "arch2vec/kernel/comm"`}); e != nil {
		t.Skip("package comm is not built in")
	}
	tour := filepath.Join("..", "..", "..", "notebooks", "00_tour.ipynb")
	dir := t.TempDir()
	executed, page := filepath.Join(dir, "executed.ipynb"), filepath.Join(dir, "page.html")
	o := arch2vec(t, "run", tour, "--out", executed, "--html", page)
	if o.status != 0 {
		t.Fatalf("%+v", o)
	}
	n, err := notebook.Open(executed)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	kinds := map[string]bool{}
	for _, c := range n.Cells {
		tags, _ := c.Metadata["tags"].([]any)
		for _, o := range c.Outputs {
			for mime := range o.Data {
				kinds[mime] = true
			}
			if slices.Contains(tags, any("skip-export")) || strings.Contains(c.Source, "NewProgress") {
				continue // a program's progress is on standard error
			}
			if o.Name != "stderr" {
				want.WriteString(o.Text)
			}
			if text, ok := o.Data["text/plain"].(string); ok {
				want.WriteString(strings.TrimSuffix(text, "\n") + "\n")
			}
		}
	}
	for _, mime := range []string{"image/png", "image/svg+xml", "text/html", "text/latex", "text/markdown"} {
		if !kinds[mime] {
			t.Errorf("the tour shows no %s", mime)
		}
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not here")
	}
	program := filepath.Join(dir, "main.go")
	if o := arch2vec(t, "export", tour, "--go", "--out", program); o.status != 0 {
		t.Fatal(o.stderr)
	}
	run := exec.Command(goTool, "run", program)
	if o := command(t, run); o.status != 0 || o.stdout != want.String() {
		t.Errorf("the program ends with status %d and prints\n%s\ninstead of\n%s\n%s", o.status, o.stdout, want.String(), o.stderr)
	}
}
