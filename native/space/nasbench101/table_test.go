package nasbench101

import (
	"encoding/hex"
	"strconv"
	"testing"

	"arch2vec/native/internal/tabletest"
)

// TestTable compares every row of the benchmark's table with our cell of that
// number: the same nodes, edges and operations, and the same number of
// parameters by our own formula.
func TestTable(t *testing.T) {
	s := enumerated(t)
	rows := 0
	tabletest.Rows(t, "nb101.csv.gz", func(i int, row []string) {
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
	tabletest.Rows(t, "nb101_val30k.csv.gz", func(_ int, row []string) {
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
