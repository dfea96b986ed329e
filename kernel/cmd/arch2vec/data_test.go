package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestData imports a table, lists, verifies, damages and replaces it.
func TestData(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	dir := t.TempDir()
	table := filepath.Join(dir, "mine.csv")
	const text = "arch,c10_valid,c10_test\n|none~0|+|none~0|none~1|+|none~0|none~1|none~2|,10,10.5\n"
	if err := os.WriteFile(table, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	says := func(status int, out string, args ...string) {
		t.Helper()
		o := arch2vec(t, append([]string{"data"}, args...)...)
		if o.status != status || !strings.Contains(o.stdout+o.stderr, out) {
			t.Errorf("data %v: %+v, want status %d and %q", args, o, status, out)
		}
	}
	says(0, "No benchmark is imported", "list")
	says(0, "nasbench_only108.tfrecord", "where")
	says(0, `"name":"NAS-Bench-201-v1_1-096897.pth"`, "where", "--json")
	says(0, "validation accuracy on cifar10, 200 epochs", "import", table)
	says(0, `{"name":"mine","space":"nasbench201","datasets":["cifar10"]`, "import", table, "--name", "mine", "--json")
	says(0, "nasbench201", "list")
	says(0, `"name":"mine"`, "list", "--json")
	says(0, "mine: sound", "verify")
	says(0, "mine: sound", "verify", "mine")
	says(1, "SHA-256 ", "verify", table)
	says(1, `"other" is not imported`, "verify", "other")
	says(1, "no such file", "import", filepath.Join(dir, "none"))
	says(1, "line 2", "import", func() string {
		bad := filepath.Join(dir, "bad.csv")
		if err := os.WriteFile(bad, []byte(strings.Replace(text, "10.5", "x", 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		return bad
	}())

	kept := filepath.Join(cache, "arch2vec", "benchmarks", "mine.benchmark")
	b := read(t, kept)
	b[len(b)-1] ^= 1
	if err := os.WriteFile(kept, b, 0o644); err != nil {
		t.Fatal(err)
	}
	says(1, "damaged", "verify", "mine")
	says(0, "imported mine", "import", table, "--name", "mine")
	says(0, "mine: sound", "verify", "mine")
}
