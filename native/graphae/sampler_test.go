package graphae

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/space"
	"arch2vec/native/space/nasbench201"
)

// spread is a covariance of rank 5 among 8 coordinates, and its square root.
func spread() (c *mat.SymDense, root *mat.Dense) {
	r := rand.New(rand.NewPCG(7, 7))
	root = mat.NewDense(8, 5, nil)
	for i := range 8 {
		for j := range 5 {
			root.Set(i, j, r.NormFloat64())
		}
	}
	c = mat.NewSymDense(8, nil)
	c.SymOuterK(1, root)
	return c, root
}

// The covariance is that of gonum's definition, for any number of threads.
func TestCovariance(t *testing.T) {
	const rows = 3*pieceFitted + 17
	_, root := spread()
	r := rand.New(rand.NewPCG(1, 1))
	x := mat.NewDense(rows, 8, nil)
	for i := range rows {
		for j := range 8 {
			v := 100.0 // far from 0, where sums of squares would lose digits
			for k := range 5 {
				v += root.At(j, k) * r.NormFloat64()
			}
			x.Set(i, j, v)
		}
	}
	var want mat.SymDense
	stat.CovarianceMatrix(&want, x, nil)
	var first *mat.SymDense
	for _, threads := range []int{1, 2, 3} {
		mean, c, err := covariance(context.Background(), mat.DenseCopyOf(x), threads)
		if err != nil {
			t.Fatal(err)
		}
		if !mat.EqualApprox(c, &want, 1e-9) || !(math.Abs(mean[3]-stat.Mean(mat.Col(nil, 3, x), nil)) < 1e-9) {
			t.Errorf("covariance\n%v, want\n%v", mat.Formatted(c), mat.Formatted(&want))
		}
		if first == nil {
			first = c
		}
		if !mat.Equal(c, first) {
			t.Errorf("%d threads give another covariance", threads)
		}
	}
}

// L Lᵀ is the covariance, also a singular one, and one of zeros; not of NaN.
func TestRoot(t *testing.T) {
	c, _ := spread()
	for name, c := range map[string]*mat.SymDense{"singular": c, "zero": mat.NewSymDense(8, nil)} {
		l, err := root(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var back mat.Dense
		back.Mul(l, l.T())
		if !mat.EqualApprox(&back, c, 1e-6) {
			t.Errorf("%s: L Lᵀ is\n%v, want\n%v", name, mat.Formatted(&back), mat.Formatted(c))
		}
	}
	nan := mat.NewSymDense(2, []float64{1, 0, 0, math.NaN()})
	if _, err := root(nan); err == nil {
		t.Error("NaN has a root")
	}
}

// moments are the mean and covariance of latent points.
func moments(points [][]float32) (mean []float64, c *mat.SymDense) {
	x := mat.NewDense(len(points), len(points[0]), nil)
	for i, p := range points {
		for j, v := range p {
			x.Set(i, j, float64(v))
		}
	}
	c = &mat.SymDense{}
	stat.CovarianceMatrix(c, x, nil)
	for j := range points[0] {
		mean = append(mean, stat.Mean(mat.Col(nil, j, x), nil))
	}
	return mean, c
}

// Draws of "normal" have the moments of the prior; those of "gaussian" and of
// "smoothed" have mean and covariance of the training cells; those of "posterior"
// the same mean and the sigmas' squares on top.
func TestSamplerMoments(t *testing.T) {
	s := smallSpace(t, 300)
	c := smallConfigs()["default"]
	c.Latent = 4
	tr := newTestTrainer(t, s, c)
	train(t, tr)
	m := tr.Model()
	var mus [][]float32
	for _, i := range tr.split[:tr.train] {
		mu, err := m.Encode(s.Cell(int(i)))
		if err != nil {
			t.Fatal(err)
		}
		mus = append(mus, mu)
	}
	mean, cov := moments(mus)
	const n = 20000
	size := len(mean)
	for _, name := range []string{"normal", "gaussian", "smoothed", "posterior"} {
		p, err := m.Sampler(context.Background(), s, name, 2)
		if err != nil {
			t.Fatal(err)
		}
		points, err := p.Points(context.Background(), n, 1)
		if err != nil {
			t.Fatal(err)
		}
		gotMean, got := moments(points)
		for i := range size {
			wantMean, sd := mean[i], math.Sqrt(cov.At(i, i))
			if name == "normal" {
				wantMean, sd = float64(m.prior.mean[i]), float64(m.prior.std[i])
			}
			// 5 standard errors of mean and of covariance.
			if !(math.Abs(gotMean[i]-wantMean) <= 5*math.Sqrt(got.At(i, i)/n)+1e-3) {
				t.Errorf("%s: mean %d is %v, want %v", name, i, gotMean[i], wantMean)
			}
			for j := i; j < size; j++ {
				want := cov.At(i, j)
				switch {
				case name == "normal" && i == j:
					want = sd * sd
				case name == "normal":
					want = 0
				case name == "posterior" && i == j:
					if got.At(i, i) <= want {
						t.Errorf("posterior: variance %d is %v, not above the training cells' %v", i, got.At(i, i), want)
					}
					continue
				}
				if tol := 6 * math.Sqrt(got.At(i, i)*got.At(j, j)*2/n); !(math.Abs(got.At(i, j)-want) <= tol+1e-5) {
					t.Errorf("%s: covariance %d, %d is %v, want %v ± %v", name, i, j, got.At(i, j), want, tol)
				}
			}
		}
	}
}

// The same seed gives the same cells for any number of threads, and the first
// ones do not depend on how many are drawn; another seed gives others.
func TestSamplers(t *testing.T) {
	s := smallSpace(t, 300)
	tr := newTestTrainer(t, s, smallConfigs()["default"])
	train(t, tr)
	m := tr.Model()
	ctx := context.Background()
	draw := func(name string, threads, n int, seed uint64) []cell.Cell {
		t.Helper()
		p, err := m.Sampler(ctx, s, name, threads)
		if err != nil {
			t.Fatal(err)
		}
		cells, err := p.Cells(ctx, n, seed)
		if err != nil || len(cells) != n {
			t.Fatalf("%d cells, %v", len(cells), err)
		}
		return cells
	}
	for _, name := range Samplers() {
		one, two := draw(name, 1, 100, 5), draw(name, 2, 77, 5)
		if !slices.Equal(one[:77], two) {
			t.Errorf("%s: two threads, or fewer draws, give other cells", name)
		}
		if slices.Equal(draw(name, 2, 100, 6), one) {
			t.Errorf("%s: another seed gives the same cells", name)
		}
		for _, c := range one {
			if err := s.Check(c); err != nil && strings.HasSuffix(name, "-legal") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	cells, err := m.Sample(ctx, s, 50, 5)
	if err != nil || !slices.Equal(cells, draw(DefaultSampler, 1, 50, 5)) {
		t.Errorf("Sample is not %s (%v)", DefaultSampler, err)
	}
	points := m.Draw(40, 5)
	for i, c := range draw("normal", 2, 40, 5) {
		if c != m.Decode(points[i]) {
			t.Fatalf(`"normal" is not the paper's: draw %d`, i)
		}
	}
	if _, err := m.Sampler(ctx, s, "uniform", 1); err == nil || !strings.Contains(err.Error(), "gaussian-legal") {
		t.Errorf("an unknown sampler: %v", err)
	}
	if _, err := m.Sampler(ctx, anySpaces(t)[0], "", 1); err == nil || !strings.Contains(err.Error(), "nasbench101") {
		t.Errorf("another space: %v", err)
	}
	p, err := m.Sampler(ctx, s, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Cells(ctx, -1, 1); err == nil {
		t.Error("-1 draws gave no error")
	}
	if _, err := p.Cells(&endsAfter{ctx, 0}, 100, 1); err == nil {
		t.Error("a cancelled draw gave no error")
	}
}

// The bound against simulation, and the numbers of the paper's three spaces.
func TestUniformUniqueness(t *testing.T) {
	classes := map[int]int{1: 50, 4: 20, 30: 3}
	const cells, draws, rounds = 50 + 80 + 90, 150, 2000
	var owner []int
	for size := 1; size <= 30; size++ {
		for range classes[size] {
			next := 0
			if len(owner) > 0 {
				next = owner[len(owner)-1] + 1
			}
			for range size {
				owner = append(owner, next)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	sum := 0
	for range rounds {
		seen := map[int]bool{}
		for range draws {
			seen[owner[r.IntN(cells)]] = true
		}
		sum += len(seen)
	}
	got, want := uniformUniqueness(classes, cells, draws), 100*float64(sum)/rounds/draws
	if !(math.Abs(got-want) < 0.2) {
		t.Errorf("bound %v, simulated %v", got, want)
	}
	// All 15,625 cells different, 423,624 classes: n(1-(1-1/n)^10000)/10000.
	for n, want := range map[int]float64{15625: 73.86, 423624: 98.83, 600000: 99.17} {
		if got := uniformUniqueness(map[int]int{1: n}, n, 10000); !(math.Abs(got-want) < 0.005) {
			t.Errorf("%d classes: %v, want %v", n, got, want)
		}
	}
	// NAS-Bench-201: drawn for real.
	s := nasbench201.New()
	got, err := UniformUniqueness(context.Background(), s, 10000)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 10000 {
		h, err := s.ClassHash(s.Cell(r.IntN(s.Len())))
		if err != nil {
			t.Fatal(err)
		}
		seen[h] = true
	}
	if want := float64(len(seen)) / 100; !(math.Abs(got-want) < 1) {
		t.Errorf("NAS-Bench-201: bound %v, drawn %v", got, want)
	}
}

// Training cells are known, whatever cell of their class is asked for; other
// classes are new. In a large space Index finds the class.
func TestKnownClasses(t *testing.T) {
	s := nasbench201.New()
	trained := []int32{7, 100, 3000}
	known, err := knownClasses(context.Background(), s, trained, 2)
	if err != nil {
		t.Fatal(err)
	}
	classes := map[string]bool{}
	for _, i := range trained {
		h, err := s.ClassHash(s.Cell(int(i)))
		if err != nil {
			t.Fatal(err)
		}
		classes[h] = true
	}
	v, err := judge(context.Background(), s, []cell.Cell{s.Cell(7), s.Cell(7), s.Cell(8), s.Cell(3000)}, 2, known)
	if err != nil {
		t.Fatal(err)
	}
	if want := (verdict{valid: 4, distinct: 3, strict: 4, classes: 3, novel: 1}); v != want {
		t.Errorf("%+v, want %+v", v, want)
	}
	d := repeated{anySpaces(t)[2]}
	known, err = knownClasses(context.Background(), d, trained[:1], 1)
	if err != nil {
		t.Fatal(err)
	}
	if !known(d.Cell(7), "") || known(d.Cell(8), "") {
		t.Error("in a large space Index is not believed")
	}
}

// repeated is a space that says it is large.
type repeated struct{ space.Space }

func (repeated) Len() int { return fewCells + 1 }

// Measuring after every epoch leaves training as it is.
func TestEvaluateDoesNotDisturb(t *testing.T) {
	s := smallSpace(t, 300)
	for name, c := range smallConfigs() {
		quiet, measured := newTestTrainer(t, s, c), newTestTrainer(t, s, c)
		train(t, quiet)
		var each []Metrics
		err := measured.Run(context.Background(), func(p Progress) {
			if !p.EpochEnd {
				return
			}
			r, err := Evaluate(context.Background(), measured, EvalOptions{Draws: 50})
			if err != nil {
				t.Error(err)
			}
			each = append(each, r)
		})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(saved(t, quiet), saved(t, measured)) {
			t.Errorf("%s: training went another way", name)
		}
		again, err := Evaluate(context.Background(), quiet, EvalOptions{Draws: 50, Threads: 1})
		if err != nil || len(each) != 3 || each[2] != again {
			t.Errorf("%s: measured %+v, afterwards %+v, %v", name, each, again, err)
		}
		if o := again.Ours; o.Sampler != DefaultSampler || o.ValidityStrict != 100 || !(o.UniquenessIso > 0) || !(o.Novelty >= 0 && o.Novelty <= 100) {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func BenchmarkLegal101(b *testing.B) {
	s := anySpaces(b)[0]
	n := sizeOf(s)
	logit, edges := outputs(n, rand.New(rand.NewPCG(1, 1)), 2, nil)
	logit = logit[:n.nodes*f32.Width]
	for b.Loop() {
		n.legal101(logit, edges)
	}
}
