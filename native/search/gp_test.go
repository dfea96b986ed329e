package search

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/gp"
	"arch2vec/native/space/nasbench201"
)

func kernels(t *testing.T) *f32.Kernels {
	t.Helper()
	k, err := f32.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The posterior that grows with each observation is that of package gp, also when
// targets are standardised afterwards.
func TestPosterior(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	s := nasbench201.New()
	g := geometryOf(s)
	weights := []float64{0.1, 0.5, 1, 0.3, 0.7, 0.2}
	const variance, noise, centre, scale = 1.7, 0.05, 85., 4.
	var all []feature
	for range 30 {
		all = append(all, g.feature(s.Random(r)))
	}
	ops := func(f *feature) []float32 {
		x := make([]float32, 6)
		for i := range x {
			x[i] = float32(f.ops[i+1])
		}
		return x
	}
	model, err := gp.New(gp.Hamming{Weights: weights}, 6, variance, noise)
	if err != nil {
		t.Fatal(err)
	}
	post := newPosterior(len(all), variance, noise)
	for i := range 12 {
		y := 80 + 10*r.Float64()
		observed, k := make([]float64, i), make([]float64, len(all))
		g.covariances(weights, &all[i], all[:i], observed)
		g.covariances(weights, &all[i], all, k)
		if err := post.add(y, observed, k); err != nil {
			t.Fatal(err)
		}
		if err := model.Add(ops(&all[i]), (y-centre)/scale); err != nil {
			t.Fatal(err)
		}
	}
	for i := range all {
		mean, sd := post.at(i, centre, scale)
		wantMean, wantVariance, err := model.Predict(ops(&all[i]))
		if err != nil || math.Abs(mean-wantMean) > 1e-9 || math.Abs(sd*sd-wantVariance) > 1e-9 {
			t.Errorf("candidate %d: %v, %v; want %v, %v (%v)", i, mean, sd*sd, wantMean, wantVariance, err)
		}
	}
	// Other targets for the same observations.
	y := make([]float64, 12)
	for i := range y {
		y[i] = r.NormFloat64()
	}
	post.retarget(y)
	if err := model.SetTargets(y); err != nil {
		t.Fatal(err)
	}
	for i := range all {
		mean, sd := post.at(i, 0, 1)
		wantMean, wantVariance, err := model.Predict(ops(&all[i]))
		if err != nil || math.Abs(mean-wantMean) > 1e-9 || math.Abs(sd*sd-wantVariance) > 1e-9 {
			t.Errorf("candidate %d with other targets: %v, %v; want %v, %v (%v)", i, mean, sd*sd, wantMean, wantVariance, err)
		}
	}
	if err := newPosterior(1, 1, -1).add(0, nil, []float64{0}); err == nil {
		t.Error("no variance is left, and no error")
	}
}

// Expected improvement is an integral.
func TestExpectedImprovement(t *testing.T) {
	for _, c := range [][3]float64{{0, 1, 0}, {0.5, 0.2, 0.7}, {-1, 2, 1}, {2, 0.5, 0}} {
		mean, sd, best := c[0], c[1], c[2]
		want := quad.Fixed(func(f float64) float64 {
			u := (f - mean) / sd
			return (f - best) * math.Exp(-u*u/2) / (sd * math.Sqrt(2*math.Pi))
		}, best, max(best, mean)+10*sd, 400, nil, 0)
		if got := expectedImprovement(mean, sd, best); math.Abs(got-want) > 1e-6 {
			t.Errorf("%v: %v, by integration %v", c, got, want)
		}
	}
	if expectedImprovement(1, 0, 3) != 0 || expectedImprovement(3, 0, 1) != 2 {
		t.Error("without deviation it is what is above the best")
	}
}

// Distances of Weisfeiler and Lehman do not depend on the order of nodes, see
// directions, and make a positive definite kernel.
func TestWeisfeilerLehman(t *testing.T) {
	w := weisfeilerLehman{depth: 3}
	at := func(ops []int, edges ...[2]int) feature {
		c, err := cell.New(ops, edges)
		if err != nil {
			t.Fatal(err)
		}
		return w.feature(c)
	}
	d := make([]float64, w.parts())
	a := at([]int{0, 1, 2, 4}, [2]int{0, 1}, [2]int{0, 2}, [2]int{1, 3}, [2]int{2, 3})
	b := at([]int{0, 2, 1, 4}, [2]int{0, 1}, [2]int{0, 2}, [2]int{1, 3}, [2]int{2, 3})
	w.distances(&a, &b, d)
	for _, v := range d {
		if v > 1e-12 {
			t.Errorf("the same graph, nodes in another order: %v", d)
		}
	}
	chain := at([]int{0, 1, 2, 4}, [2]int{0, 1}, [2]int{1, 2}, [2]int{2, 3})
	back := at([]int{0, 2, 1, 4}, [2]int{0, 1}, [2]int{1, 2}, [2]int{2, 3})
	w.distances(&chain, &back, d)
	if d[0] > 1e-12 || d[1] < 0.1 {
		t.Errorf("the same operations in another order: %v", d)
	}

	r := rand.New(rand.NewPCG(7, 7))
	s := nasbench201.New()
	var features []feature
	for range 25 {
		features = append(features, w.feature(s.Random(r)))
	}
	k := mat.NewSymDense(len(features), nil)
	row := make([]float64, len(features))
	for i := range features {
		w.covariances([]float64{0.5, 1, 0.2, 2}, &features[i], features, row)
		for j := i; j < len(row); j++ {
			k.SetSym(i, j, row[j])
		}
		k.SetSym(i, i, row[i]+1e-9)
	}
	var chol mat.Cholesky
	if !chol.Factorize(k) {
		t.Error("the kernel is not positive definite")
	}
}

// The kernel's gradient against finite differences.
func TestKernelGradient(t *testing.T) {
	k := kernel{[]float64{0.5, 2}, func(i, j int) []float64 { return []float64{0.3, 0.7 * float64(i+j)} }}
	grad := make([]float64, 2)
	x, y := []float32{1}, []float32{0}
	if k.Grad(x, y, grad) != k.Cov(x, y) {
		t.Error("Grad and Cov differ")
	}
	for i := range grad {
		const h = 1e-6
		p := k.Params()
		p[i] += h
		up := k.With(p).Cov(x, y)
		p[i] -= 2 * h
		down := k.With(p).Cov(x, y)
		if d := (up - down) / (2 * h); math.Abs(d-grad[i]) > 1e-8 {
			t.Errorf("parameter %d: %v, by difference %v", i, grad[i], d)
		}
	}
}
