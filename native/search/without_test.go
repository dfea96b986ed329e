package search

import (
	"context"
	"math/rand/v2"
	"testing"

	"arch2vec/native/cell"
	"arch2vec/native/space"
	"arch2vec/native/space/nasbench201"
)

// Of NAS-Bench-201 without "none" 4^6 cells are left, and nothing leads out.
func TestWithout(t *testing.T) {
	whole := nasbench201.New()
	s, err := Without(whole, "none")
	if err != nil || s.Len() != 4096 || s.ID() != "nasbench201-without-none" {
		t.Fatal(s, err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	seen := map[cell.Cell]bool{}
	for i := range s.Len() {
		c := s.Cell(i)
		if at, ok := s.Index(c); !ok || at != i || s.Check(c) != nil || seen[c] {
			t.Fatalf("cell %d: index %d, %v", i, at, s.Check(c))
		}
		seen[c] = true
	}
	out := 0
	for range 500 {
		c := s.Random(rng)
		m, err := s.Mutate(c, rng)
		if err != nil || !seen[c] || !seen[m] {
			t.Fatalf("%v became %v: %v", c, m, err)
		}
		if c = whole.Random(rng); !seen[c] {
			out++
			if _, ok := s.Index(c); ok || s.Check(c) == nil {
				t.Errorf("%v is taken for one of the part", c)
			}
		}
	}
	a, err := s.Digest(context.Background(), 1)
	b, _ := whole.Digest(context.Background(), 1)
	if out == 0 || err != nil || len(a) != 64 || a == b {
		t.Errorf("%d of 500 have none; digest %s, %v", out, a, err)
	}
	for _, wrong := range []string{"conv", "input"} {
		if _, err := Without(whole, wrong); err == nil {
			t.Errorf("without %s", wrong)
		}
	}
	var _ space.Space = s
}
