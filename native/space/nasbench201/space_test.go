package nasbench201

import (
	"errors"
	"testing"

	"arch2vec/native/cell"
	"arch2vec/native/internal/tabletest"
)

// TestOrder checks that Cell and Index are inverse over the whole space, and
// that every cell passes both checks and survives Format and Parse.
func TestOrder(t *testing.T) {
	s := New()
	seen := map[cell.Cell]bool{}
	for i := range s.Len() {
		c := s.Cell(i)
		if seen[c] {
			t.Fatalf("cell %d occurs twice: %v", i, c)
		}
		seen[c] = true
		if j, ok := s.Index(c); !ok || j != i {
			t.Fatalf("Index(Cell(%d)) = %d, %v", i, j, ok)
		}
		if err := errors.Join(s.Check(c), s.CheckPublished(c)); err != nil {
			t.Fatal(err)
		}
		arch, err := s.Format(c)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := s.Parse(arch); err != nil || d != c {
			t.Fatalf("Parse(%q) = %v, %v; want %v", arch, d, err, c)
		}
	}
}

// TestTopology checks the graph against the benchmark's definition: an edge
// u -> v of the cell becomes a node, which feeds every edge that leaves v.
func TestTopology(t *testing.T) {
	ends := [6][2]int{{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}}
	c := New().Cell(0)
	for a := range nodes {
		for b := a + 1; b < nodes; b++ {
			to, from := 0, 3 // feature map at the end of node a, at the start of node b
			if a > 0 {
				to = ends[a-1][1]
			}
			if b < nodes-1 {
				from = ends[b-1][0]
			}
			if want := to == from; c.HasEdge(a, b) != want {
				t.Errorf("edge %d -> %d: %v, want %v", a, b, c.HasEdge(a, b), want)
			}
		}
	}
}

// TestClasses compares the number of isomorphism classes with the benchmark's.
func TestClasses(t *testing.T) {
	s := New()
	classes := map[string]bool{}
	for i := range s.Len() {
		h, err := s.ClassHash(s.Cell(i))
		if err != nil {
			t.Fatal(err)
		}
		classes[h] = true
	}
	if len(classes) != 6466 {
		t.Errorf("%d classes, want 6466", len(classes))
	}
}

func TestChecks(t *testing.T) {
	s := New()
	ops := []int{Input, Conv1x1, Conv1x1, Conv1x1, Conv1x1, Conv1x1, Conv1x1, Output}
	with := func(v, op int) []int {
		changed := append([]int(nil), ops...)
		changed[v] = op
		return changed
	}
	for _, c := range []struct {
		name              string
		ops               []int
		edges             [][2]int
		strict, published bool
	}{
		{"a cell", ops, topology, true, true},
		{"an edge less", ops, topology[1:], false, true},
		{"no edges", ops, nil, false, true},
		{"input inside, at node 1", with(1, Input), topology, false, true},
		{"input inside, at node 2", with(2, Input), topology, false, false},
		{"output inside", with(6, Output), topology, false, false},
		{"no input", with(0, None), topology, false, false},
		{"no output", with(7, None), topology, false, false},
		{"seven nodes", ops[:7], topology[:7], false, false},
	} {
		x, err := cell.New(c.ops, c.edges)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Check(x); (err == nil) != c.strict {
			t.Errorf("%s: Check says %v", c.name, err)
		}
		if err := s.CheckPublished(x); (err == nil) != c.published {
			t.Errorf("%s: CheckPublished says %v", c.name, err)
		}
		if _, ok := s.Index(x); ok != c.strict {
			t.Errorf("%s: Index found it: %v", c.name, ok)
		}
	}
}

// TestBenchmarkTable looks up every arch string of the real benchmark table.
func TestBenchmarkTable(t *testing.T) {
	s := New()
	left := map[int]bool{}
	for i := range s.Len() {
		left[i] = true
	}
	tabletest.Rows(t, "nb201.csv.gz", func(_ int, row []string) {
		c, err := s.Parse(row[1])
		if err != nil {
			t.Fatal(err)
		}
		i, ok := s.Index(c)
		if !ok || !left[i] {
			t.Fatalf("%s: index %d, found %v, new %v", row[1], i, ok, left[i])
		}
		delete(left, i)
	})
	if len(left) > 0 {
		t.Errorf("%d cells are not in the table", len(left))
	}
}
