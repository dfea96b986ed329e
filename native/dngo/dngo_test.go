package dngo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"arch2vec/native/f32"
	"arch2vec/native/points"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*(1+math.Abs(want))) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// sample draws n points and a smooth function of them with a little noise.
func sample(n, dim int, seed uint64) ([]float32, []float64) {
	r := rand.New(rand.NewPCG(seed, 1))
	x, y := make([]float32, n*dim), make([]float64, n)
	for i := range x {
		x[i] = float32(2 + 3*r.NormFloat64())
	}
	for i := range y {
		y[i] = 90 + 2*math.Sin(float64(x[i*dim])/3) + float64(x[i*dim+dim-1])/5 + 0.05*r.NormFloat64()
	}
	return x, y
}

// The network's gradient is that of its loss, by finite differences of the loss
// in float64.
func TestGradient(t *testing.T) {
	for _, dim := range []int{3, 16, 40} {
		s := DefaultSettings()
		s.Hidden = 64
		k, err := f32.FromEnv()
		if err != nil {
			t.Fatal(err)
		}
		x, _ := sample(s.Batch, dim, 3)
		p, err := points.New(dim, x)
		if err != nil {
			t.Fatal(err)
		}
		kp, kin := p.Factor()
		rng := rand.New(rand.NewPCG(1, 1))
		n := newNetwork(k, s, dim, kp, kin, rng)
		y := make([]float32, s.Batch)
		for r := range y {
			y[r] = float32(rng.NormFloat64())
			for d, v := range append(slices.Clone(p.Row(r)), 1) {
				n.x[d/kin*n.stride+r*f32.Width+d%kin] = v / 4
			}
		}
		loss := func() float64 {
			sum := 0.0
			for r := range y {
				out := float64(*n.constant(n.param))
				for u := range n.hidden {
					a := 0.0
					for d := range dim + 1 {
						a += float64(n.units(n.param, u/f32.Width)[d*f32.Width+u%f32.Width]) * float64(n.x[d/kin*n.stride+r*f32.Width+d%kin])
					}
					out += float64(n.weights(n.param)[u]) * math.Tanh(a)
				}
				sum += (out - float64(y[r])) * (out - float64(y[r]))
			}
			return sum / float64(len(y))
		}
		near(t, "loss", n.gradient(len(y), y), loss(), 1e-5)
		for range 200 {
			i := rng.IntN(len(n.param))
			if unit := n.unitSize(); i/unit < f32.Panels(n.hidden) && i%unit/f32.Width > dim || i > len(n.param)-f32.Lane {
				if n.grad[i] != 0 {
					t.Fatalf("padding %d has gradient %v", i, n.grad[i])
				}
				continue
			}
			const h = 1e-3
			old := n.param[i]
			n.param[i] = old + h
			up, above := loss(), float64(n.param[i])
			n.param[i] = old - h
			down, below := loss(), float64(n.param[i])
			n.param[i] = old
			near(t, fmt.Sprintf("%d coordinates: derivative %d", dim, i), float64(n.grad[i]), (up-down)/(above-below), 2e-4)
		}
	}
}

// The evidence by the tridiagonal form is that of the marginal covariance of the
// targets: y ~ N(0, I/beta + H Hᵀ/alpha).
func TestEvidence(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{3, 20} {
		const d = 9
		h, y := mat.NewDense(n, d, nil), make([]float64, n)
		for i := range n {
			y[i] = r.NormFloat64()
			for j := range d {
				h.Set(i, j, math.Tanh(r.NormFloat64()))
			}
		}
		e := newEvidence(h, y, false)
		for _, alpha := range []float64{0.01, 1, 30} {
			for _, beta := range []float64{0.1, 5, 1000} {
				cov := mat.NewSymDense(n, nil)
				cov.SymOuterK(1/alpha, h)
				for i := range n {
					cov.SetSym(i, i, cov.At(i, i)+1/beta)
				}
				var chol mat.Cholesky
				if !chol.Factorize(cov) {
					t.Fatal("covariance")
				}
				v := mat.NewVecDense(n, y)
				var u mat.VecDense
				if err := chol.SolveVecTo(&u, v); err != nil {
					t.Fatal(err)
				}
				want := -mat.Dot(v, &u)/2 - chol.LogDet()/2 - float64(n)/2*math.Log(2*math.Pi)
				what := fmt.Sprintf("%d points, alpha %v, beta %v", n, alpha, beta)
				near(t, what, e.log(alpha, beta), want, 1e-8)
				// The weights are Hᵀ times the covariances' inverse times y, over alpha.
				var m mat.VecDense
				m.MulVec(h.T(), &u)
				for j, w := range e.weights(h, alpha, beta) {
					near(t, what+": weight", w, m.AtVec(j)/alpha, 1e-8)
				}
			}
		}
		// No neighbour of the maximum is better.
		alpha, beta := e.maximise([2]float64{0, -3})
		best := e.log(alpha, beta)
		for _, f := range []float64{0.8, 1.25} {
			if e.log(alpha*f, beta) > best+1e-3 || e.log(alpha, beta*f) > best+1e-3 {
				t.Errorf("%d points: alpha %v, beta %v is no maximum", n, alpha, beta)
			}
		}
	}
}

// The published likelihood: norm of the residuals not squared, determinant in float32 with
// 1e-10 added; where it overflows, nothing is likely.
func TestPublishedEvidence(t *testing.T) {
	const alpha, beta = 2.0, 0.7
	for _, h := range []*mat.Dense{
		mat.NewDense(3, 2, []float64{1, 0.5, -0.3, 0.8, 0.2, -1}),
		mat.NewDense(2, 3, []float64{1, 0.5, -0.3, 0.8, 0.2, -1}),
	} {
		n, d := h.Dims()
		y := []float64{1, 1, -0.5}[:n]
		k, hy, m := mat.NewDense(d, d, nil), mat.NewVecDense(d, nil), mat.NewVecDense(d, nil)
		k.Mul(h.T(), h)
		k.Scale(beta, k)
		for i := range d {
			k.Set(i, i, k.At(i, i)+alpha)
		}
		hy.MulVec(h.T(), mat.NewVecDense(n, y))
		hy.ScaleVec(beta, hy)
		if err := m.SolveVec(k, hy); err != nil {
			t.Fatal(err)
		}
		residual := mat.NewVecDense(n, nil)
		residual.MulVec(h, m)
		residual.SubVec(residual, mat.NewVecDense(n, y))
		want := float64(d)/2*math.Log(alpha) + float64(n)/2*math.Log(beta) - float64(n)/2*math.Log(2*math.Pi) -
			beta/2*mat.Norm(residual, 2) - alpha/2*mat.Dot(m, m) - math.Log(mat.Det(k)+1e-10)/2
		near(t, fmt.Sprintf("published likelihood, %d targets", n), newEvidence(h, y, true).log(alpha, beta), want, 1e-6)
	}
	large := newEvidence(mat.NewDense(1, 128, nil), []float64{1}, true)
	if l := large.log(math.Exp(9), 1); !math.IsInf(l, -1) {
		t.Errorf("a determinant that overflows: likelihood %v", l)
	}
}

// What Scan computes is the regression's formula, on every instruction set and for
// every number of threads.
func TestScan(t *testing.T) {
	for _, dim := range []int{2, 16, 40} {
		for _, set := range f32.Supported() {
			t.Setenv(f32.EnvVar, set)
			x, y := sample(60, dim, 3)
			s := DefaultSettings()
			s.Epochs = 20
			m, err := Train(s, dim, x, y, 1)
			if err != nil {
				t.Fatal(err)
			}
			other, _ := sample(333, dim, 4)
			p, err := points.New(dim, other)
			if err != nil {
				t.Fatal(err)
			}
			mean, variance := make([]float32, 333), make([]float32, 333)
			if err := m.Scan(p, mean, variance, 1); err != nil {
				t.Fatal(err)
			}
			train, _ := points.New(dim, x)
			h, _ := m.features(m.inputs(train), 60)
			kk := mat.NewSymDense(s.Hidden, nil)
			kk.SymOuterK(m.beta, h.T())
			for i := range s.Hidden {
				kk.SetSym(i, i, kk.At(i, i)+m.alpha)
			}
			var chol mat.Cholesky
			chol.Factorize(kk)
			phi, _ := m.features(m.inputs(p), 333)
			for i := range 333 {
				row := phi.RowView(i)
				var u mat.VecDense
				_ = chol.SolveVecTo(&u, row)
				what := fmt.Sprintf("%d coordinates, %s, point %d: ", dim, set, i)
				near(t, what+"mean", float64(mean[i]), m.yMean+m.yStd*mat.Dot(row, mat.NewVecDense(s.Hidden, m.weights)), 1e-4)
				near(t, what+"variance", float64(variance[i]), m.yStd*m.yStd*mat.Dot(row, &u), 1e-3)
			}
			mean3, variance3 := make([]float32, 333), make([]float32, 333)
			again, err := Train(s, dim, x, y, 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := again.Scan(p, mean3, variance3, 3); err != nil || !slices.Equal(mean, mean3) || !slices.Equal(variance, variance3) {
				t.Fatalf("%s: trained again, three threads: error %v, or another result", set, err)
			}
		}
	}
}

// A function that the network can learn is learned, and predicted with an error of
// the size it says.
func TestLearns(t *testing.T) {
	const dim, n = 2, 100
	x, y := sample(n, dim, 3)
	m, err := Train(DefaultSettings(), dim, x, y, 1)
	if err != nil {
		t.Fatal(err)
	}
	other, want := sample(300, dim, 4)
	sum, within := 0.0, 0
	for i, v := range want {
		mean, variance, err := m.Predict(other[i*dim : (i+1)*dim])
		if err != nil {
			t.Fatal(err)
		}
		sum += (mean - v) * (mean - v)
		if math.Abs(mean-v) < 2*math.Sqrt(variance+m.Noise()) {
			within++
		}
	}
	if rmse := math.Sqrt(sum / 300); !(rmse < 0.4) { // of a standard deviation of 1.6
		t.Errorf("root mean squared error %v", rmse)
	}
	if within < 240 {
		t.Errorf("%d of 300 points are within two standard deviations", within)
	}
}

func TestBadInput(t *testing.T) {
	x, y := sample(20, 2, 1)
	for what, f := range map[string]func(s *Settings, x []float32, y []float64){
		"hidden":     func(s *Settings, _ []float32, _ []float64) { s.Hidden = 50 },
		"epochs":     func(s *Settings, _ []float32, _ []float64) { s.Epochs = 0 },
		"batch":      func(s *Settings, _ []float32, _ []float64) { s.Batch = 0 },
		"rate":       func(s *Settings, _ []float32, _ []float64) { s.Rate = math.NaN() },
		"NaN point":  func(_ *Settings, x []float32, _ []float64) { x[3] = float32(math.NaN()) },
		"NaN target": func(_ *Settings, _ []float32, y []float64) { y[3] = math.NaN() },
	} {
		s, x, y := DefaultSettings(), slices.Clone(x), slices.Clone(y)
		f(&s, x, y)
		if _, err := Train(s, 2, x, y, 1); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	if _, err := Train(DefaultSettings(), 2, x, y[:3], 1); err == nil {
		t.Error("lengths: no error")
	}
	if _, err := Train(DefaultSettings(), 2, nil, nil, 1); err == nil {
		t.Error("no points: no error")
	}
	// One point, or equal points and targets, are no error.
	if _, err := Train(DefaultSettings(), 2, x[:2], y[:1], 1); err != nil {
		t.Error(err)
	}
	if _, err := Train(ReferenceSettings(), 2, make([]float32, 20), make([]float64, 10), 1); err != nil {
		t.Error(err)
	}
	m, _ := Train(DefaultSettings(), 2, x, y, 1)
	if _, _, err := m.Predict(x[:3]); err == nil {
		t.Error("a point of three coordinates: no error")
	}
}

// A round of the search: the network is trained on n targets, and the five cells of
// highest expected improvement are found among as many as NAS-Bench-201 and
// NAS-Bench-101 have.
func BenchmarkRound(b *testing.B) {
	for _, c := range []struct{ cells, n, threads int }{{15_625, 50, 1}, {15_625, 100, 1}, {423_624, 100, 1}, {423_624, 100, 2}, {423_624, 400, 2}} {
		const dim = 16
		pool, truth := sample(c.cells, dim, 1)
		p, err := points.New(dim, pool)
		if err != nil {
			b.Fatal(err)
		}
		x, y := pool[:c.n*dim], truth[:c.n]
		skip := make([]bool, c.cells)
		for i := range c.n {
			skip[i] = true
		}
		b.Run(fmt.Sprintf("%d cells, n %d, %d threads", c.cells, c.n, c.threads), func(b *testing.B) {
			for b.Loop() {
				m, err := Train(DefaultSettings(), dim, x, y, 1)
				if err != nil {
					b.Fatal(err)
				}
				if _, _, err := m.Top(p, 5, slices.Max(y), skip, c.threads); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkTrain(b *testing.B) {
	x, y := sample(100, 16, 2)
	for b.Loop() {
		if _, err := Train(DefaultSettings(), 16, x, y, 1); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScan is a prediction at every cell of NAS-Bench-101.
func BenchmarkScan(b *testing.B) {
	const cells, dim, n = 423_624, 16, 100
	pool, truth := sample(cells, dim, 1)
	p, err := points.New(dim, pool)
	if err != nil {
		b.Fatal(err)
	}
	m, err := Train(DefaultSettings(), dim, pool[:n*dim], truth[:n], 1)
	if err != nil {
		b.Fatal(err)
	}
	mean, variance := make([]float32, cells), make([]float32, cells)
	for b.Loop() {
		if err := m.Scan(p, mean, variance, 0); err != nil {
			b.Fatal(err)
		}
	}
}
