package nasbench101

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// table calls f for every row of a benchmark table that is beside the project or
// in the folder that ARCH2VEC_DATA names; elsewhere the test skips.
func table(t *testing.T, name string, f func(i int, row []string)) {
	t.Helper()
	dir := os.Getenv("ARCH2VEC_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	file, err := os.Open(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the NAS-Bench-101 table is not here: set ARCH2VEC_DATA to the folder of ", name)
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

// TestTable compares every row of the benchmark's table with our cell of that
// number: the same nodes, edges and operations, and the same number of
// parameters by our own formula.
func TestTable(t *testing.T) {
	s := enumerated(t)
	rows := 0
	table(t, "nb101.csv.gz", func(i int, row []string) {
		rows++
		nodes, _ := strconv.Atoi(row[0])
		graph, err := strconv.ParseUint(row[1], 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		labels := make([]int, len(row[2]))
		for k := range labels {
			labels[k] = int(row[2][k] - '0')
		}
		if want := makeCode(nodes, uint32(graph), labels); s.codes[i] != want {
			t.Fatalf("row %d: %v, want %v", i, s.Cell(i), want.cell())
		}
		got, err := s.Parameters(s.Cell(i))
		if err != nil {
			t.Fatal(err)
		}
		if want, _ := strconv.Atoi(row[3]); got != want {
			t.Fatalf("row %d: %d parameters, want %d: %v", i, got, want, s.Cell(i))
		}
	})
	if rows != s.Len() {
		t.Errorf("the table has %d rows, the space %d cells", rows, s.Len())
	}
}

// TestTableHashes compares our hashes with those that the table gives.
func TestTableHashes(t *testing.T) {
	s := enumerated(t)
	rows := 0
	table(t, "nb101_val30k.csv.gz", func(_ int, row []string) {
		rows++
		i, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(s.hashes[i][:]); got != row[1] {
			t.Fatalf("row %d: hash %s, want %s", i, got, row[1])
		}
	})
	if rows == 0 {
		t.Error("no row was compared")
	}
}
