package darts

import (
	"math/rand/v2"
	"testing"

	"arch2vec/native/cell"
)

func distance(t testing.TB, a, b cell.Cell) int {
	t.Helper()
	d, err := (&Space{}).EditDistance(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mutated(t *testing.T, c cell.Cell, rng *rand.Rand) cell.Cell {
	t.Helper()
	d, err := (&Space{}).Mutate(c, rng)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// few draws a cell with two kinds of operations, so that isomorphic ones occur.
func few(rng *rand.Rand) genes {
	g := draw(rng)
	for k := range g {
		g[k].op = None + g[k].op%2
	}
	return g
}

// TestMetric checks the axioms on random cells and their neighbours, and that
// distance 0 and an equal graph hash are the same.
func TestMetric(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	zeros := 0
	for i := range 1500 {
		g := few(rng)
		a, b, c := g.cell(), few(rng).cell(), few(rng).cell()
		if i%2 == 0 {
			b = mutated(t, a, rng)
			c = mutated(t, b, rng)
		}
		if i%3 == 0 { // the last block is used by none: its operations may change places
			g[6], g[7] = g[7], g[6]
			c = g.cell()
		}
		ab, bc, ac := distance(t, a, b), distance(t, b, c), distance(t, a, c)
		if ac > ab+bc || distance(t, b, a) != ab {
			t.Fatalf("%v, %v, %v: %d, %d, %d", a, b, c, ab, bc, ac)
		}
		for _, pair := range [][2]cell.Cell{{a, b}, {b, c}, {a, c}} {
			d := distance(t, pair[0], pair[1])
			if (d == 0) != (pair[0].Hash() == pair[1].Hash()) {
				t.Fatalf("%v and %v: distance %d", pair[0], pair[1], d)
			}
			if d == 0 {
				zeros++
			}
		}
	}
	if zeros < 500 {
		t.Errorf("only %d isomorphic pairs", zeros)
	}
	if _, err := (&Space{}).EditDistance(cell.Cell{}, cell.Cell{}); err == nil {
		t.Error("the distance of what is no cell")
	}
}

// TestDistanceByBruteForce compares with the minimum over all permutations of the
// eight nodes, as the documentation has it.
func TestDistanceByBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	orders := permutations(picks)
	for range 15 {
		x, y := draw(rng), few(rng)
		best := 1 << 10
		for _, order := range orders {
			cost := 0
			for k, l := range order {
				if x[k].op != y[l].op {
					cost++
				}
				in, other := x[k].in, y[l].in
				same := in == other
				if in >= 2 {
					one, two := order[2*(in-2)], order[2*(in-2)+1]
					same = other >= 2 && one/2 == other-2 && two/2 == other-2
				}
				if !same {
					cost++
				}
			}
			best = min(best, cost)
		}
		if got := distance(t, x.cell(), y.cell()); got != best {
			t.Fatalf("%v to %v: %d, want %d", x, y, got, best)
		}
	}
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, p := range permutations(n - 1) {
		for i := range n {
			q := append(append(append([]int(nil), p[:i]...), n-1), p[i:]...)
			all = append(all, q)
		}
	}
	return all
}

// TestMutate walks: every step is one edit, legal, not too large, and another
// cell; operations and inputs both change.
func TestMutate(t *testing.T) {
	s := &Space{}
	rng := rand.New(rand.NewPCG(3, 1))
	g := draw(rng)
	for imageNet(&g, &g).Operations() >= MaxOperations {
		g = draw(rng)
	}
	c := g.cell()
	inputs := 0
	for range 3000 {
		d := mutated(t, c, rng)
		if err := s.Check(d); err != nil || distance(t, c, d) != 1 {
			t.Fatalf("%v became %v: %v", c, d, err)
		}
		if cost, err := ImageNet(d, d); err != nil || cost.Operations() >= MaxOperations {
			t.Fatalf("%v: %+v, %v", d, cost, err)
		}
		if !c.SameGraph(d) {
			inputs++
		}
		c = d
	}
	if inputs < 300 || inputs > 900 { // 12 of 68 edits
		t.Errorf("%d of 3000 edits changed an input", inputs)
	}
	if _, err := s.Mutate(cell.Cell{}, rng); err == nil {
		t.Error("mutated what is no cell")
	}
}

func TestID(t *testing.T) {
	s := sampled(t, 12, 7, 1)
	if n, seed, ok := ParseID(s.ID()); s.ID() != "darts-12-7" || !ok || n != 12 || seed != 7 {
		t.Errorf("%s: %d, %d, %v", s.ID(), n, seed, ok)
	}
	for _, id := range []string{"", "darts", "darts-", "darts-12", "darts-12-", "darts-12-x", "darts-012-7", "darts-12-7-1", "dart-12-7", "12-7", "darts-12--7"} {
		if _, _, ok := ParseID(id); ok {
			t.Errorf("%q was taken for an ID", id)
		}
	}
}

func BenchmarkEditDistance(b *testing.B) {
	rng := rand.New(rand.NewPCG(4, 1))
	var cells [100]cell.Cell
	for i := range cells {
		cells[i] = draw(rng).cell()
	}
	i := 0
	for b.Loop() {
		distance(b, cells[i%100], cells[i/100%100])
		i++
	}
}
