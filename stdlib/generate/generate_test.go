package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const regenerate = `run "go generate ./stdlib" and commit what it writes`

// The tables of the project's own packages must be those of its sources. Go's
// library and gonum change only with go.mod, and their tables fail to compile
// or to match the type information when they do.
func TestNativeIsNotStale(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command")
	}
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	importable, err := allPaths(root)
	if err != nil {
		t.Fatal(err)
	}
	want, err := groups[2].generate(root, importable)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "stdlib", "symbols", "native")
	for name, src := range want.sources {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(got, src) {
			t.Errorf("stdlib/symbols/native/%s is stale: %s", name, regenerate)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*_table.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := want.sources[filepath.Base(f)]; !ok {
			t.Errorf("stdlib/symbols/native/%s is of a package that is gone: %s", filepath.Base(f), regenerate)
		}
	}
	for name, data := range map[string][]byte{"native.zip": want.archive, "native_docs.zip": want.docs} {
		committed, err := os.ReadFile(filepath.Join(root, "stdlib", "typeinfo", name))
		if err != nil {
			t.Fatal(err)
		}
		// The entries are compared, not the archives: the compressor may differ
		// between versions of Go.
		if got, want := entries(t, committed), entries(t, data); !equal(got, want) {
			t.Errorf("stdlib/typeinfo/%s is stale: %s", name, regenerate)
		}
	}
}

func TestSameInputSameBytes(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command")
	}
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	g := group{name: "std", patterns: []string{"fmt", "io", "net/http"}}
	importable := map[string]bool{"fmt": true, "io": true, "net/http": true}
	a, err := g.generate(root, importable)
	if err != nil {
		t.Fatal(err)
	}
	b, err := g.generate(root, importable)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.archive, b.archive) || !bytes.Equal(a.docs, b.docs) || !equal(a.sources, b.sources) {
		t.Error("two runs differ")
	}
}

func TestKeeps(t *testing.T) {
	g := group{exclude: []string{"a/b", "c/"}}
	for path, want := range map[string]bool{
		"a": true, "a/b": false, "a/b/c": true, "c": false, "c/d": false,
		"x/internal/y": false, "internal": false, "vendor/x": false, "internals": true,
	} {
		if g.keeps(path) != want {
			t.Errorf("keeps(%q) = %v", path, !want)
		}
	}
}

func entries(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	m := map[string][]byte{}
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if m[f.Name], err = io.ReadAll(rc); err != nil {
			t.Fatal(err)
		}
		rc.Close()
	}
	return m
}

func equal(a, b map[string][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || !bytes.Equal(v, w) {
			return false
		}
	}
	return true
}
