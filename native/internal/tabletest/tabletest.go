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
	"runtime"
	"testing"
)

// Rows calls f for every row, but the head, of the gzipped CSV table with this
// name, in the folder that ARCH2VEC_DATA names or, without it, in shared/data
// beside the project. Where the table is not, the test skips. f must not keep
// the row.
func Rows(t testing.TB, name string, f func(i int, row []string)) {
	t.Helper()
	dir := os.Getenv("ARCH2VEC_DATA")
	if _, here, _, ok := runtime.Caller(0); ok && dir == "" {
		dir = filepath.Join(filepath.Dir(here), "..", "..", "..", "..", "shared", "data")
	}
	file, err := os.Open(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the benchmark's table is not here: set ARCH2VEC_DATA to the folder of %s", name)
	}
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
