package nasbench101

import (
	"math/rand/v2"
	"testing"

	"arch2vec/native/cell"
)

func distance(t testing.TB, s *Space, a, b cell.Cell) int {
	t.Helper()
	d, err := s.EditDistance(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestEditDistance checks known distances.
func TestEditDistance(t *testing.T) {
	s := &Space{}
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"input:1|output", "input:1|output", 0},
		{"input:1|conv3x3-bn-relu:2|output", "input:1|maxpool3x3:2|output", 1},
		{"input:1|conv3x3-bn-relu:2|output", "input:1,2|conv3x3-bn-relu:2|output", 1},
		{"input:1|output", "input:1,2|conv3x3-bn-relu:2|output", 1},                                               // a node with its first edge, and its second
		{"input:1|output", "input:1|conv3x3-bn-relu:2|output", 2},                                                 // the direct edge goes too
		{"input:1|output", "input:1,3|conv3x3-bn-relu:2|conv3x3-bn-relu:3|output", 1},                             // two nodes in a row come with an edge each
		{"input:1,2|conv3x3-bn-relu:3|maxpool3x3:3|output", "input:1,2|maxpool3x3:3|conv3x3-bn-relu:3|output", 0}, // isomorphic
		{"input:1|conv3x3-bn-relu:2|maxpool3x3:3|output", "input:1|maxpool3x3:2|conv3x3-bn-relu:3|output", 2},
	} {
		a, err := s.Parse(c.a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.Parse(c.b)
		if err != nil {
			t.Fatal(err)
		}
		if got := distance(t, s, a, b); got != c.want {
			t.Errorf("%s to %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
	if _, err := s.EditDistance(cell.Cell{}, cell.Cell{}); err == nil {
		t.Error("the distance of what is no cell")
	}
}

// TestMetric checks the axioms on random cells, among them near neighbours.
func TestMetric(t *testing.T) {
	s := enumerated(t)
	rng := rand.New(rand.NewPCG(3, 1))
	for range 2000 {
		a, b, c := s.Random(rng), s.Random(rng), s.Random(rng)
		if rng.IntN(2) == 0 {
			b, c = mutated(t, s, a, rng), mutated(t, s, mutated(t, s, a, rng), rng)
		}
		ab, bc, ac := distance(t, s, a, b), distance(t, s, b, c), distance(t, s, a, c)
		if ac > ab+bc {
			t.Fatalf("%v, %v, %v: %d > %d + %d", a, b, c, ac, ab, bc)
		}
		if back := distance(t, s, b, a); back != ab {
			t.Fatalf("%v to %v: %d, back %d", a, b, ab, back)
		}
		if (ab == 0) != (a == b) {
			t.Fatalf("%v and %v: distance %d", a, b, ab)
		}
		if d := distance(t, s, a, disguised(t, rng, a)); d != 0 {
			t.Fatalf("%v: %d from itself with other numbers", a, d)
		}
	}
}

// TestDistanceByBruteForce compares with the formula of the documentation, over
// all permutations of the inner nodes of both cells side by side, without bounds.
func TestDistanceByBruteForce(t *testing.T) {
	s := enumerated(t)
	rng := rand.New(rand.NewPCG(4, 1))
	small := func(most int) cell.Cell {
		for {
			if c := s.Random(rng); c.Len() <= most {
				return c
			}
		}
	}
	for range 60 {
		a, b := small(5), small(6)
		if got, want := distance(t, s, a, b), bruteForce(a, b); got != want {
			t.Fatalf("%v to %v: %d, want %d", a, b, got, want)
		}
	}
}

func bruteForce(a, b cell.Cell) int {
	slots := a.Len() + b.Len() - 4 // a's inner nodes, then as many absent ones as b has
	// at is a slot's node of a cell of n nodes; -1 is absent. The last two slots are
	// input and output.
	at := func(slot, n int) int {
		switch {
		case slot == slots:
			return 0
		case slot == slots+1:
			return n - 1
		case slot < n-2:
			return slot + 1
		}
		return -1
	}
	best := 1 << 10
	for _, order := range permutations(slots) {
		order = append(order, slots, slots+1)
		cost := 0
		for i := range order {
			v, w := at(i, a.Len()), at(order[i], b.Len())
			switch {
			case (v < 0) != (w < 0):
				cost--
			case v >= 0 && a.Op(v) != b.Op(w):
				cost++
			}
			for j := range order {
				v2, w2 := at(j, a.Len()), at(order[j], b.Len())
				ours := v >= 0 && v2 > v && a.HasEdge(v, v2)
				theirs := w >= 0 && w2 > w && b.HasEdge(w, w2)
				if ours != theirs {
					cost++
				}
			}
		}
		best = min(best, cost)
	}
	return best
}

func mutated(t testing.TB, s *Space, c cell.Cell, rng *rand.Rand) cell.Cell {
	t.Helper()
	d, err := s.Mutate(c, rng)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestMutate walks: every step is one edit to another cell of the space, and the
// walk reaches cells of every size.
func TestMutate(t *testing.T) {
	s := enumerated(t)
	rng := rand.New(rand.NewPCG(5, 1))
	c := s.Cell(0)
	sizes, edges := map[int]int{}, map[int]int{}
	for range 5000 {
		d := mutated(t, s, c, rng)
		if i, ok := s.Index(d); !ok || s.Cell(i) != d {
			t.Fatalf("%v became %v, which is not a cell of the space", c, d)
		}
		if n := distance(t, s, c, d); n != 1 {
			t.Fatalf("%v became %v: %d edits", c, d, n)
		}
		sizes[d.Len()]++
		edges[d.NumEdges()]++
		c = d
	}
	for n := 5; n <= MaxNodes; n++ {
		if sizes[n] == 0 {
			t.Errorf("no cell of %d nodes: %v", n, sizes)
		}
	}
	if edges[MaxEdges] == 0 || edges[7] == 0 {
		t.Errorf("edges of the cells: %v", edges)
	}
	if _, err := s.Mutate(cell.Cell{}, rng); err == nil {
		t.Error("mutated what is no cell")
	}
}

// TestNeighbours checks that edits lead both ways: whatever one edit makes of a
// small cell, one edit unmakes; and that cells at distance 1 are all reached.
func TestNeighbours(t *testing.T) {
	s := enumerated(t)
	var small []cell.Cell
	for i := range s.Len() {
		if c := s.Cell(i); c.Len() <= 4 {
			small = append(small, c)
		}
	}
	next := map[cell.Cell]map[cell.Cell]bool{}
	for _, c := range small {
		next[c] = map[cell.Cell]bool{}
		for _, e := range edits(c) {
			if p, ok := e.apply(c); ok {
				if i, ok := s.Index(p); ok {
					next[c][s.Cell(i)] = true
				}
			}
		}
	}
	for _, c := range small {
		for _, d := range small {
			if grown := d.Len() - c.Len(); grown > 1 || grown < -1 {
				continue // several nodes in a row go at once but do not come at once
			}
			if got, want := next[c][d] && c != d, distance(t, s, c, d) == 1; got != want {
				t.Fatalf("%v to %v: one edit %v, distance 1 %v", c, d, got, want)
			}
		}
	}
}

func BenchmarkEditDistance(b *testing.B) {
	s, err := whole()
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(6, 1))
	var cells [1000]cell.Cell
	for i := range cells {
		cells[i] = s.Random(rng)
	}
	i := 0
	for b.Loop() {
		if _, err := s.EditDistance(cells[i%1000], cells[i/1000%1000]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
