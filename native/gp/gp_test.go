package gp

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

const dim = 3

func kernels() map[string]Kernel {
	return map[string]Kernel{
		"rbf": RBF{[]float64{0.9}}, "rbf ard": RBF{[]float64{0.5, 1.3, 2}},
		"matern": Matern52{[]float64{1.1}}, "matern ard": Matern52{[]float64{0.8, 1.7, 3}},
		"additive": Additive{0.7, []float64{0.5, 0.3, 0.2}}, "additive, whole": Additive{0.7, []float64{1}},
		"hamming": Hamming{[]float64{0.4}}, "hamming ard": Hamming{[]float64{0.4, 0.1, 0.9}},
	}
}

func sample(n int, seed uint64) ([]float32, []float64) {
	r := rand.New(rand.NewPCG(seed, 1))
	x, y := make([]float32, n*dim), make([]float64, n)
	for i := range x {
		x[i] = float32(r.IntN(9)) / 3
	}
	for i := range y {
		y[i] = math.Sin(float64(x[i*dim])) + float64(x[i*dim+1]) - 1 + 0.1*r.NormFloat64()
	}
	return x, y
}

func observed(t *testing.T, k Kernel, n int) *GP {
	t.Helper()
	g, err := New(k, dim, 1.5, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	x, y := sample(n, 7)
	for i, v := range y {
		if err := g.Add(x[i*dim:(i+1)*dim], v); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*(1+math.Abs(want))) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// With one observation the posterior can be written down.
func TestOneObservation(t *testing.T) {
	const variance, noise, y = 2.0, 0.3, 0.7
	g, _ := New(RBF{[]float64{1}}, 1, variance, noise)
	if err := g.Add([]float32{0.5}, y); err != nil {
		t.Fatal(err)
	}
	c := variance * math.Exp(-0.5)
	mean, v, err := g.Predict([]float32{1.5})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", mean, c/(variance+noise)*y, 1e-12)
	near(t, "variance", v, variance-c*c/(variance+noise), 1e-12)
	l, _ := g.LogLikelihood(nil)
	near(t, "likelihood", l, -y*y/2/(variance+noise)-math.Log(2*math.Pi*(variance+noise))/2, 1e-12)
}

// A process with a linear kernel, given as a table, is Bayesian linear regression.
func TestLinearRegression(t *testing.T) {
	const variance, noise = 1.7, 0.2
	a, b := []float64{-1, 0.5, 2, 1}, []float64{-0.8, 0.7, 1.9} // the last a is predicted
	table := Table{N: 4, Values: make([]float64, 16)}
	for i := range 4 {
		for j := range 4 {
			table.Values[i*4+j] = a[i] * a[j]
		}
	}
	g, _ := New(table, 1, variance, noise)
	aa, ab := 0.0, 0.0
	for i, y := range b {
		if err := g.Add([]float32{float32(i)}, y); err != nil {
			t.Fatal(err)
		}
		aa, ab = aa+a[i]*a[i], ab+a[i]*y
	}
	precision := aa/noise + 1/variance
	mean, v, _ := g.Predict([]float32{3})
	near(t, "mean", mean, ab/noise/precision, 1e-10)
	near(t, "variance", v, 1/precision, 1e-9)
}

// Extending the factor by one observation after the other must equal factorising
// the whole matrix, and both the formula with the inverse.
func TestIncremental(t *testing.T) {
	for name, k := range kernels() {
		g := observed(t, k, 25)
		whole := observed(t, k, 0)
		whole.x, whole.y, whole.apart = g.x, g.y, g.apart
		if err := whole.SetParams(whole.Params()); err != nil {
			t.Fatal(err)
		}
		var inverse mat.Dense
		if err := inverse.Inverse(g.covariance()); err != nil {
			t.Fatal(err)
		}
		x, _ := sample(10, 8)
		for i := range 10 {
			p := x[i*dim : (i+1)*dim]
			mean, v, _ := g.Predict(p)
			mean2, v2, _ := whole.Predict(p)
			near(t, name+": mean", mean, mean2, 1e-10)
			near(t, name+": variance", v, v2, 1e-10)
			c := mat.NewVecDense(25, nil)
			for j := range 25 {
				c.SetVec(j, g.variance*k.Cov(g.row(j), p))
			}
			near(t, name+": mean by the inverse", mean, mat.Inner(c, &inverse, mat.NewVecDense(25, g.y)), 1e-9)
			near(t, name+": variance by the inverse", v, g.variance*k.Cov(p, p)-mat.Inner(c, &inverse, c), 1e-9)
		}
	}
}

func TestLikelihoodGradient(t *testing.T) {
	for name, k := range kernels() {
		g := observed(t, k, 20)
		at := g.Params()
		grad := make([]float64, len(at))
		if _, err := g.LogLikelihood(grad); err != nil {
			t.Fatal(err)
		}
		const h = 1e-5
		for i := range at {
			var l [2]float64
			for s, step := range []float64{-h, h} {
				p := append([]float64(nil), at...)
				p[i] += step
				if err := g.SetParams(p); err != nil {
					t.Fatal(err)
				}
				l[s], _ = g.LogLikelihood(nil)
			}
			near(t, fmt.Sprintf("%s: derivative %d", name, i), grad[i], (l[1]-l[0])/(2*h), 1e-6)
		}
	}
}

func TestFit(t *testing.T) {
	for name, k := range kernels() {
		g := observed(t, k, 40)
		before, _ := g.LogLikelihood(nil)
		if err := g.Fit(context.Background(), FitOptions{}); err != nil {
			t.Fatal(err)
		}
		grad := make([]float64, len(g.Params()))
		after, _ := g.LogLikelihood(grad)
		if after <= before {
			t.Errorf("%s: the likelihood went from %v to %v", name, before, after)
		}
	}
	// A prior as narrow as this holds its hyperparameter.
	g := observed(t, RBF{[]float64{1}}, 40)
	if err := g.Fit(context.Background(), FitOptions{Priors: []Prior{{}, {}, {math.Log(0.3), 1e-3}}}); err != nil {
		t.Fatal(err)
	}
	near(t, "noise", g.Noise(), 0.3, 0.01)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	before := g.Params()
	if err := g.Fit(ctx, FitOptions{}); err == nil || !equal(before, g.Params()) {
		t.Errorf("a cancelled fit: %v, hyperparameters %v, were %v", err, g.Params(), before)
	}
}

func TestBadInput(t *testing.T) {
	nan, inf := float32(math.NaN()), math.Inf(1)
	for what, err := range map[string]error{
		"no kernel":       second(New(nil, 1, 1, 1)),
		"no coordinate":   second(New(RBF{[]float64{1}}, 0, 1, 1)),
		"no noise":        second(New(RBF{[]float64{1}}, 2, 1, 0)),
		"negative":        second(New(RBF{[]float64{-1}}, 2, 1, 1)),
		"parts":           second(New(Additive{1, []float64{0.5, 0.5}}, 3, 1, 1)),
		"no parts":        second(New(Additive{1, nil}, 3, 1, 1)),
		"too few lengths": second(New(RBF{[]float64{1, 1}}, 3, 1, 1)),
		"no lengths":      second(New(Matern52{}, 3, 1, 1)),
		"short point":     observed(t, RBF{[]float64{1}}, 3).Add([]float32{1}, 1),
		"NaN point":       observed(t, RBF{[]float64{1}}, 3).Add([]float32{1, nan, 0}, 1),
		"infinite target": observed(t, RBF{[]float64{1}}, 3).Add([]float32{1, 0, 0}, inf),
		"targets":         observed(t, RBF{[]float64{1}}, 3).SetTargets([]float64{1}),
		"priors":          observed(t, RBF{[]float64{1}}, 3).Fit(context.Background(), FitOptions{Priors: make([]Prior, 1)}),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	// The same point twice, without noise to speak of, is refused and forgotten.
	g, _ := New(RBF{[]float64{1}}, 1, 1, 1e-300)
	if err := g.Add([]float32{1}, 1); err != nil {
		t.Fatal(err)
	}
	if err := g.Add([]float32{1}, 2); err == nil || g.Len() != 1 {
		t.Errorf("singular: error %v, %d observations", err, g.Len())
	}
	if mean, _, err := g.Predict([]float32{1}); err != nil || math.Abs(mean-1) > 1e-12 {
		t.Errorf("after a refused observation: %v, %v", mean, err)
	}
}

func second(_ *GP, err error) error { return err }
