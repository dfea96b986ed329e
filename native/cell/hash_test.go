package cell

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// shuffle renames the nodes of c by a random topological order.
func shuffle(rng *rand.Rand, c Cell) Cell {
	n := c.Len()
	var order []int // old numbers in their new order
	placed := make([]bool, n)
	for len(order) < n {
		var ready []int
		for v := range n {
			free := !placed[v]
			for u := range v {
				free = free && (placed[u] || !c.HasEdge(u, v))
			}
			if free {
				ready = append(ready, v)
			}
		}
		v := ready[rng.IntN(len(ready))]
		placed[v] = true
		order = append(order, v)
	}
	ops, now := make([]int, n), make([]int, n)
	for i, v := range order {
		ops[i], now[v] = c.Op(v), i
	}
	var edges [][2]int
	for _, e := range c.Edges() {
		edges = append(edges, [2]int{now[e[0]], now[e[1]]})
	}
	d, err := New(ops, edges)
	if err != nil {
		panic(err)
	}
	return d
}

// TestHashInvariant checks that the order of nodes does not matter and that
// operations and edges do.
func TestHashInvariant(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		c := random(rng, 2+rng.IntN(10), 4, 0.4)
		if d := shuffle(rng, c); d.Hash() != c.Hash() {
			t.Fatalf("%v and %v are the same graph, with hashes %s and %s", c, d, c.Hash(), d.Hash())
		}
		d := c
		v := rng.IntN(c.Len())
		d.ops[v] = int8((c.Op(v) + 1) % 4)
		if d.Hash() == c.Hash() {
			t.Fatalf("%v and %v differ in an operation and share %s", c, d, c.Hash())
		}
		e := c
		e.out[0] ^= 1 << (c.Len() - 1)
		if e.Hash() == c.Hash() {
			t.Fatalf("%v and %v differ in an edge and share %s", c, e, c.Hash())
		}
	}
}

// TestHashPublished compares hashes with those of the NAS-Bench-101 table,
// where a copy of it is beside the project.
func TestHashPublished(t *testing.T) {
	graphs := table(t, "nb101.csv.gz")
	labelled := table(t, "nb101_val30k.csv.gz")
	published := map[int]string{}
	for _, row := range labelled {
		i, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		published[i] = row[1]
	}
	checked := 0
	for i, row := range graphs {
		hash, ok := published[i]
		if !ok || checked == 3000 {
			continue
		}
		checked++
		n, _ := strconv.Atoi(row[0])
		set, err := strconv.ParseUint(row[1], 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		var edges [][2]int
		for y := range n {
			for x := range y {
				if set>>(x+y*(y-1)/2)&1 == 1 {
					edges = append(edges, [2]int{x, y})
				}
			}
		}
		labels := make([]int, n)
		labels[0], labels[n-1] = -1, -2
		for v := 1; v < n-1; v++ {
			labels[v] = int(row[2][v-1] - '0')
		}
		c, err := New(make([]int, n), edges)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.HashLabels(labels); got != hash {
			t.Fatalf("row %d: hash %s, want %s", i, got, hash)
		}
	}
	if checked == 0 {
		t.Error("no row was compared")
	}
}

// table reads a gzipped CSV file of benchmark data without its header.
func table(t *testing.T, name string) [][]string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", name)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the NAS-Bench-101 table is not here: ", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for r := csv.NewReader(z); ; {
		row, err := r.Read()
		if err == io.EOF {
			return rows[1:]
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func BenchmarkHash(b *testing.B) {
	c := random(rand.New(rand.NewPCG(5, 6)), 7, 3, 0.4)
	for b.Loop() {
		c.Hash()
	}
}
