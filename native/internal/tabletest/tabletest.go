// Package tabletest gives tests the real benchmark tables, which are too large
// and not ours to keep in the project.
package tabletest

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Path returns where the file with this name is, in the folder that ARCH2VEC_DATA
// names or, without it, in shared/data beside the project. Where there is none, the
// test skips.
func Path(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("ARCH2VEC_DATA")
	if dir == "" {
		wd, err := os.Getwd() // a test runs in the folder of its package
		if err != nil {
			t.Fatal(err)
		}
		root := wd
		for filepath.Dir(root) != root {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared", "data")
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the benchmark's table is not here: set ARCH2VEC_DATA to the folder of %s", name)
	}
	return path
}

// Rows calls f for every row, but the head, of the gzipped CSV table with this
// name, found as Path says. f must not keep the row.
func Rows(t testing.TB, name string, f func(i int, row []string)) {
	t.Helper()
	file, err := os.Open(Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	rows := csv.NewReader(unpacked)
	rows.ReuseRecord = true
	if _, err := rows.Read(); err != nil { // the head
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		row, err := rows.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		f(i, row)
	}
}
