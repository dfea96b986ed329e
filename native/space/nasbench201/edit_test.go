package nasbench201

import (
	"context"
	"math/rand/v2"
	"testing"

	"arch2vec/native/cell"
)

func distance(t *testing.T, a, b cell.Cell) int {
	t.Helper()
	d, err := New().EditDistance(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestMutate mutates every cell: one edit away, and another network.
func TestMutate(t *testing.T) {
	s := New()
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range s.Len() {
		c := s.Cell(i)
		d, err := s.Mutate(c, rng)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := s.Index(d); !ok || distance(t, c, d) != 1 {
			t.Fatalf("%v became %v", c, d)
		}
		before, _ := s.ClassHash(c)
		if after, _ := s.ClassHash(d); after == before {
			t.Fatalf("%v became %v, the same network", c, d)
		}
	}
	if _, err := s.Mutate(cell.Cell{}, rng); err == nil {
		t.Error("mutated what is no cell")
	}
}

// TestMetric checks the axioms on random cells.
func TestMetric(t *testing.T) {
	s := New()
	rng := rand.New(rand.NewPCG(2, 1))
	far := 0
	for range 3000 {
		a, b, c := s.Random(rng), s.Random(rng), s.Random(rng)
		ab := distance(t, a, b)
		if ab != distance(t, b, a) || (ab == 0) != (a == b) || distance(t, a, a) != 0 || distance(t, a, c) > ab+distance(t, b, c) {
			t.Fatalf("%v, %v, %v", a, b, c)
		}
		far = max(far, ab)
	}
	if far != 6 {
		t.Errorf("the farthest cells are %d apart, want 6", far)
	}
	if _, err := s.EditDistance(s.Cell(0), cell.Cell{}); err == nil {
		t.Error("the distance of what is no cell")
	}
}

// TestDigest checks that every cell has a graph hash of its own and that their
// digest stays what it is.
func TestDigest(t *testing.T) {
	s := New()
	hashes := map[string]bool{}
	for i := range s.Len() {
		hashes[s.Cell(i).Hash()] = true
	}
	if len(hashes) != s.Len() {
		t.Errorf("%d graph hashes, want %d", len(hashes), s.Len())
	}
	got, err := s.Digest(context.Background(), 1)
	if want := "0b81e385d6329039f5258315d099150e3b0f3fd5665c05941a2a8b3d6d03a516"; got != want || err != nil {
		t.Errorf("digest %s (%v), want %s", got, err, want)
	}
}
