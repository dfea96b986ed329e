package darts

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"arch2vec/native/cell"
)

func sampled(t testing.TB, n int, seed uint64, threads int) *Space {
	t.Helper()
	s, err := Sample(context.Background(), n, seed, threads)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCells checks what must hold for every cell of a sample.
func TestCells(t *testing.T) {
	s := sampled(t, 3000, 1, 2)
	seen := map[string]bool{}
	for i := range s.Len() {
		c := s.Cell(i)
		if err := errors.Join(s.Check(c), s.CheckPublished(c)); err != nil {
			t.Fatalf("cell %d: %v: %v", i, c, err)
		}
		g, err := parse(c)
		if err != nil || g != s.codes[i].genes() || g.code() != s.codes[i] {
			t.Fatalf("cell %d: parsed as %v (%v), want %v", i, g, err, s.codes[i].genes())
		}
		if j, ok := s.Index(c); !ok || j != i {
			t.Fatalf("Index(Cell(%d)) = %d, %v", i, j, ok)
		}
		h, err := s.ClassHash(c)
		if err != nil || seen[h] {
			t.Fatalf("cell %d: hash %s (%v), seen before: %v", i, h, err, seen[h])
		}
		seen[h] = true
		text, err := s.Format(c)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := s.Parse(text); err != nil || d != c {
			t.Fatalf("Parse(%q) = %v, %v; want %v", text, d, err, c)
		}
		cost, err := ImageNet(c, c)
		if err != nil || cost.Operations() >= MaxOperations {
			t.Fatalf("cell %d: %+v, %v", i, cost, err)
		}
	}
	// The operations of a block in the other order are the same class.
	g := s.codes[7].genes()
	g[0], g[1] = g[1], g[0]
	if i, ok := s.Index(g.cell()); !ok || i != 7 {
		t.Errorf("with a block's operations exchanged, cell 7 is %d, %v", i, ok)
	}
	if _, ok := sampled(t, 1, 99, 1).Index(s.Cell(0)); ok {
		t.Error("a sample of one cell has a cell of another sample")
	}
}

// TestFingerprint compares fingerprints with graph hashes: on draws whose
// operations are few, so that many are isomorphic, both tell the same apart.
func TestFingerprint(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	byPrint, byHash := map[uint64]string{}, map[string]uint64{}
	const n = 6000
	for range n {
		g := draw(rng)
		for k := range g {
			g[k].op = None + g[k].op%2
		}
		p, h := g.fingerprint(), g.cell().Hash()
		if before, ok := byPrint[p]; ok && before != h {
			t.Fatalf("%v: fingerprint %x stands for the hashes %s and %s", g, p, before, h)
		}
		if before, ok := byHash[h]; ok && before != p {
			t.Fatalf("%v: hash %s stands for the fingerprints %x and %x", g, h, before, p)
		}
		byPrint[p], byHash[h] = h, p
	}
	if len(byHash) > n*9/10 {
		t.Errorf("%d classes in %d draws: too few isomorphic ones for a test", len(byHash), n)
	}
}

func digest(t *testing.T, s *Space, threads int) string {
	t.Helper()
	d, err := s.Digest(context.Background(), threads)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSampleReproducible checks that neither the number of threads nor the size
// of the sample changes what is drawn, and that the seed does.
func TestSampleReproducible(t *testing.T) {
	one := sampled(t, 2000, 7, 1)
	for threads := 2; threads <= 3; threads++ {
		if s := sampled(t, 2000, 7, threads); digest(t, s, threads) != digest(t, one, 1) || s.Counts() != one.Counts() || s.Cell(1999) != one.Cell(1999) {
			t.Errorf("%d threads: another sample", threads)
		}
	}
	short, other := sampled(t, 500, 7, 2), sampled(t, 500, 8, 2)
	for i := range short.Len() {
		if short.Cell(i) != one.Cell(i) {
			t.Fatalf("cell %d of a shorter sample differs", i)
		}
	}
	if digest(t, other, 2) == digest(t, short, 2) {
		t.Error("another seed gives the same sample")
	}
}

// TestPublishedShare compares the share of draws that are too large with the
// published sample's, 17,026 of 618,002, within four standard errors.
func TestPublishedShare(t *testing.T) {
	const n, published, draws = 300_000, 17026.0 / 618002, 618002.0
	rng := rand.New(rand.NewPCG(1, 2))
	over := 0
	for range n {
		if g := draw(rng); imageNet(&g, &g).Operations() >= MaxOperations {
			over++
		}
	}
	share := float64(over) / n
	if sigma := math.Sqrt(published * (1 - published) * (1/float64(n) + 1/draws)); math.Abs(share-published) > 4*sigma {
		t.Errorf("%.3f %% of draws are too large, published %.3f ± %.3f %%", 100*share, 100*published, 100*sigma)
	}
}

// TestDraw checks that operations and pairs of inputs are uniform.
func TestDraw(t *testing.T) {
	const n = 80_000
	rng := rand.New(rand.NewPCG(3, 4))
	ops, pairs := map[[2]int]int{}, map[[3]int]int{}
	for range n {
		g := draw(rng)
		for k, pick := range g {
			ops[[2]int{k, pick.op}]++
		}
		for b := range blocks {
			pairs[[3]int{b, g[2*b].in, g[2*b+1].in}]++
		}
	}
	within := func(what any, count int, p float64) {
		t.Helper()
		if mean, sigma := n*p, math.Sqrt(n*p*(1-p)); math.Abs(float64(count)-mean) > 5*sigma {
			t.Errorf("%v: drawn %d times, want %.0f ± %.0f", what, count, mean, sigma)
		}
	}
	for what, count := range ops {
		within(what, count, 1.0/choices)
	}
	for what, count := range pairs {
		within(what, count, 1/float64((what[0]+2)*(what[0]+1)))
	}
	if len(ops) != picks*choices || len(pairs) != 2+6+12+20 {
		t.Errorf("%d pairs of place and operation, %d of inputs", len(ops), len(pairs))
	}
}

func TestSampleErrors(t *testing.T) {
	for _, n := range []int{-1, 0, MaxSize + 1} {
		if _, err := Sample(context.Background(), n, 1, 1); err == nil {
			t.Errorf("a sample of %d cells", n)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Sample(ctx, 10, 1, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Sample: %v, want %v", err, context.Canceled)
	}
	if _, err := sampled(t, 10, 1, 1).Digest(ctx, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("Digest: %v, want %v", err, context.Canceled)
	}
}

func TestChecks(t *testing.T) {
	s := &Space{}
	ops := []int{InputBefore, Input, None, None, SepConv3x3, SepConv3x3, SkipConnect, SkipConnect, MaxPool3x3, DilConv5x5, Output}
	// Inputs 0 1, 0 2, 1 3, 4 5 in genotype numbering.
	edges := [][2]int{{0, 2}, {1, 3}, {0, 4}, {2, 5}, {3, 5}, {1, 6}, {4, 7}, {5, 7}, {6, 8}, {7, 8}, {0, 9},
		{2, 10}, {3, 10}, {4, 10}, {5, 10}, {6, 10}, {7, 10}, {8, 10}, {9, 10}}
	with := func(v, op int) []int {
		changed := append([]int(nil), ops...)
		changed[v] = op
		return changed
	}
	without := func(e [2]int) (left [][2]int) {
		for _, f := range edges {
			if f != e {
				left = append(left, f)
			}
		}
		return left
	}
	and := func(es ...[2]int) [][2]int { return append(append([][2]int(nil), edges...), es...) }
	for _, c := range []struct {
		name      string
		ops       []int
		edges     [][2]int
		says      string // "" when legal
		published bool
	}{
		{"a cell", ops, edges, "", true},
		{"half a block as input", ops, without([2]int{3, 5}), "node 5 does not have exactly one input", true},
		{"two inputs", ops, and([2]int{1, 2}), "node 2 does not have exactly one input", true},
		{"an edge within a block", ops, and([2]int{2, 3}), "node 3 does not have exactly one input", true},
		{"the same input twice", ops, append(without([2]int{1, 3}), [2]int{0, 3}), "both operations of block 0", true},
		{"no input", ops, without([2]int{0, 2}), "node 2 does not have exactly one input", false},
		{"only an input within its block", ops, append(without([2]int{1, 3}), [2]int{2, 3}), "node 3 does not", false},
		{"not to the output", ops, without([2]int{9, 10}), "node 9 does not feed the output", true},
		{"an input to the output", ops, and([2]int{0, 10}), "an input feeds", true},
		{"input to input", ops, and([2]int{0, 1}), "an input feeds", true},
		{"input inside", with(5, Input), edges, "node 5 has no operation", false},
		{"output inside", with(9, Output), edges, "node 9 has no operation", false},
		{"inputs exchanged", with(0, Input), edges, "begin with c_k-2", false},
		{"no output", with(10, None), edges, "begin with c_k-2", false},
		{"ten nodes", ops[:10], without([2]int{})[:11], "10 nodes", false},
	} {
		x, err := cell.New(c.ops, c.edges)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if err := s.Check(x); (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: Check: %v, want %q", c.name, err, c.says)
		}
		if err := s.CheckPublished(x); (err == nil) != c.published {
			t.Errorf("%s: CheckPublished: %v", c.name, err)
		}
	}
}

func BenchmarkSample(b *testing.B) {
	const n = 100_000
	for b.Loop() {
		if _, err := Sample(context.Background(), n, 1, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/cell")
}

func BenchmarkDigest(b *testing.B) {
	const n = 20_000
	s := sampled(b, n, 1, 1)
	for b.Loop() {
		if _, err := s.Digest(context.Background(), 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/cell")
}
