package cell

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// must builds a cell that is known to be legal.
func must(t *testing.T, ops []int, edges [][2]int) Cell {
	t.Helper()
	c, err := New(ops, edges)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// random draws a cell of n nodes with operations below k.
func random(rng *rand.Rand, n, k int, density float64) Cell {
	ops := make([]int, n)
	var edges [][2]int
	for i := range ops {
		ops[i] = rng.IntN(k)
		for j := i + 1; j < n; j++ {
			if rng.Float64() < density {
				edges = append(edges, [2]int{i, j})
			}
		}
	}
	c, err := New(ops, edges)
	if err != nil {
		panic(err)
	}
	return c
}

func TestNew(t *testing.T) {
	for _, c := range []struct {
		name  string
		ops   []int
		edges [][2]int
		ok    bool
	}{
		{"empty", nil, nil, true},
		{"two nodes", []int{0, 1}, [][2]int{{0, 1}}, true},
		{"a repeated edge", []int{0, 1}, [][2]int{{0, 1}, {0, 1}}, true},
		{"sixteen nodes", make([]int, MaxNodes), [][2]int{{0, 15}}, true},
		{"seventeen nodes", make([]int, MaxNodes+1), nil, false},
		{"a loop", []int{0, 1}, [][2]int{{1, 1}}, false},
		{"backwards", []int{0, 1}, [][2]int{{1, 0}}, false},
		{"from nowhere", []int{0, 1}, [][2]int{{-1, 0}}, false},
		{"to nowhere", []int{0, 1}, [][2]int{{0, 2}}, false},
		{"an edge of an absent node", []int{0, Absent}, [][2]int{{0, 1}}, false},
		{"no such operation", []int{-2}, nil, false},
		{"too large an operation", []int{128}, nil, false},
	} {
		if _, err := New(c.ops, c.edges); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestEdges(t *testing.T) {
	edges := [][2]int{{0, 1}, {0, 3}, {1, 3}, {2, 3}}
	c := must(t, []int{0, 1, 1, 2}, edges)
	if !slices.Equal(c.Edges(), edges) || c.NumEdges() != len(edges) {
		t.Errorf("Edges: %v, %d", c.Edges(), c.NumEdges())
	}
	if want := "ops [0 1 1 2] edges 0->1 0->3 1->3 2->3"; c.String() != want {
		t.Errorf("String: %q, want %q", c, want)
	}
}

// TestEncodeDecode checks that a cell without absent nodes survives its own
// matrices, and that padding leaves zero rows.
func TestEncodeDecode(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n, k := 1+rng.IntN(MaxNodes), 1+rng.IntN(12)
		c := random(rng, n, k, 0.4)
		x, a := make([]float32, n*k), make([]float32, n*n)
		for i := range x {
			x[i] = 7 // stale content must go
		}
		c.Encode(n, k, x, a)
		if d := Decode(n, k, x, a); d != c {
			t.Fatalf("decoded %v, want %v", d, c)
		}
	}
	c := must(t, []int{0, 1, Absent}, [][2]int{{0, 1}})
	x, a := make([]float32, 4*2), make([]float32, 16)
	c.Encode(4, 2, x, a)
	if !slices.Equal(x, []float32{1, 0, 0, 1, 0, 0, 0, 0}) || a[1] != 1 || slices.Max(a[2:]) != 0 {
		t.Errorf("x %v a %v", x, a)
	}
}

func TestDecodeNaN(t *testing.T) {
	nan := float32(math.NaN())
	c := Decode(2, 2, []float32{0, nan, 0, 1}, []float32{nan, nan, 1, nan})
	if want := must(t, []int{0, 1}, nil); c != want {
		t.Errorf("%v, want %v", c, want)
	}
}

func TestPrune(t *testing.T) {
	for _, c := range []struct {
		name        string
		ops         []int
		edges       [][2]int
		wantOps     []int
		wantEdges   [][2]int
		unreachable bool
	}{
		{"whole", []int{0, 1, 2}, [][2]int{{0, 1}, {1, 2}}, []int{0, 1, 2}, [][2]int{{0, 1}, {1, 2}}, false},
		{"dead end", []int{0, 1, 3, 2}, [][2]int{{0, 1}, {0, 2}, {1, 3}}, []int{0, 1, 2}, [][2]int{{0, 1}, {1, 2}}, false},
		{"no source", []int{0, 3, 1, 2}, [][2]int{{0, 2}, {1, 2}, {2, 3}}, []int{0, 1, 2}, [][2]int{{0, 1}, {1, 2}}, false},
		{"direct", []int{0, 1, 2}, [][2]int{{0, 2}}, []int{0, 2}, [][2]int{{0, 1}}, false},
		{"no path", []int{0, 1, 2}, [][2]int{{0, 1}}, nil, nil, true},
		{"empty", nil, nil, nil, nil, true},
	} {
		got, ok := must(t, c.ops, c.edges).Prune()
		if ok == c.unreachable || got != must(t, c.wantOps, c.wantEdges) {
			t.Errorf("%s: %v, %v", c.name, got, ok)
		}
	}
}
