package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes a notebook of code cells; one that begins with "#tag " bears that tag.
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
		{"a time limit", []string{"for {}", "\"after\""}, []string{"--timeout", "300ms"}, 1, []string{"TimeoutError"}, "ran longer than 300ms"},
		{"state after a time limit", []string{"x := 7", "for {}", "x"}, []string{"--timeout", "300ms", "--allow-errors"}, 0, []string{"TimeoutError", "7\n"}, ""},
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
