package cell

import (
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"testing"

	"arch2vec/native/internal/tabletest"
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

// TestHashPublished compares hashes with those of the NAS-Bench-101 table.
func TestHashPublished(t *testing.T) {
	published := map[int]string{}
	tabletest.Rows(t, "nb101_val30k.csv.gz", func(_ int, row []string) {
		i, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		published[i] = row[1]
	})
	checked := 0
	tabletest.Rows(t, "nb101.csv.gz", func(i int, row []string) {
		hash, ok := published[i]
		if !ok || checked == 3000 {
			return
		}
		checked++
		c, labels := tableCell(t, row)
		if got := c.HashLabels(labels); got != hash {
			t.Fatalf("row %d: hash %s, want %s", i, got, hash)
		}
	})
	if checked == 0 {
		t.Error("no row was compared")
	}
}

// tableCell reads a row of nb101.csv.gz: the number of nodes, the adjacency
// matrix's upper triangle by columns as bits, and the operations inside.
func tableCell(t *testing.T, row []string) (Cell, []int) {
	t.Helper()
	n, err := strconv.Atoi(row[0])
	if err != nil {
		t.Fatal(err)
	}
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
	return c, labels
}

func BenchmarkHash(b *testing.B) {
	c := random(rand.New(rand.NewPCG(5, 6)), 7, 3, 0.4)
	for b.Loop() {
		c.Hash()
	}
}

// TestHasher checks that cells hashed together have the hashes that they have
// alone, whatever their sizes, over several groups.
func TestHasher(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	labels := []int{-1, 2, 0, -2}
	cells := make([]Cell, 2*group+5)
	for i := range cells {
		cells[i] = random(rng, rng.IntN(MaxNodes+1), len(labels), 0.5)
	}
	sums := make([][HashSize]byte, len(cells))
	NewHasher(labels).Sums(cells, sums)
	for i, c := range cells {
		own := make([]int, c.Len())
		for v := range own {
			own[v] = labels[c.Op(v)]
		}
		if got, want := hex.EncodeToString(sums[i][:]), c.HashLabels(own); got != want {
			t.Errorf("cell %d of %d nodes: %s, alone %s", i, c.Len(), got, want)
		}
	}
}

func BenchmarkHasher(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	cells := make([]Cell, 1024)
	for i := range cells {
		cells[i] = random(rng, 7, 3, 0.4)
	}
	sums := make([][HashSize]byte, len(cells))
	h := NewHasher(nil)
	for b.Loop() {
		h.Sums(cells, sums)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(cells)), "ns/cell")
}
