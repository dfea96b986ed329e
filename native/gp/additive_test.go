package gp

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The terms of the sum, written down with the other kernel of this package.
func TestAdditive(t *testing.T) {
	x, y := []float32{0, 1, 2, 3}, []float32{0.5, 1.5, 0, 3}
	rbf := RBF{[]float64{1.3}}
	got := Additive{1.3, []float64{0.25, 0.75}}.Cov(x, y)
	near(t, "two parts", got, 0.25*rbf.Cov(x[:2], y[:2])+0.75*rbf.Cov(x[2:], y[2:]), 1e-6)
	near(t, "one part", Additive{1.3, []float64{1}}.Cov(x, y), rbf.Cov(x, y), 1e-6)
}

// Covariance matrices are positive semidefinite, also of points that share parts.
func TestAdditivePSD(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 20 {
		const n, parts, size = 40, 3, 2
		k := Additive{0.2 + 2*r.Float64(), []float64{0.5, 0.2, 0.3}}
		var vectors [6][size]float32
		for i := range vectors {
			vectors[i] = [size]float32{float32(r.NormFloat64()), float32(r.NormFloat64())}
		}
		x := make([][]float32, n)
		for i := range x {
			for range parts {
				x[i] = append(x[i], vectors[r.IntN(len(vectors))][:]...)
			}
		}
		c := mat.NewSymDense(n, nil)
		for i := range n {
			for j := i; j < n; j++ {
				c.SetSym(i, j, k.Cov(x[i], x[j]))
			}
		}
		var e mat.EigenSym
		if !e.Factorize(c, false) {
			t.Fatal("no eigenvalues")
		}
		if least := e.Values(nil)[0]; least < -1e-9 {
			t.Errorf("an eigenvalue is %v", least)
		}
	}
}

// A function that is a sum over parts is known where the parts were seen, although
// their combination was not; a kernel on whole points knows little there.
func TestAdditiveGeneralises(t *testing.T) {
	f := func(x []float32) float64 { return math.Sin(float64(x[0])) + float64(x[1]) }
	predict := func(k Kernel) float64 {
		g, err := New(k, 2, 2, 1e-4)
		if err != nil {
			t.Fatal(err)
		}
		for v := range 7 {
			for _, x := range [][]float32{{float32(v) - 3, 0}, {0, float32(v) - 3}} {
				if err := g.Add(x, f(x)); err != nil {
					t.Fatal(err)
				}
			}
		}
		sum := 0.0
		for _, x := range [][]float32{{2, 2}, {-2, 2}, {3, -1}, {-1, -3}} {
			mean, _, err := g.Predict(x)
			if err != nil {
				t.Fatal(err)
			}
			sum += math.Abs(mean - f(x))
		}
		return sum / 4
	}
	if parts, whole := predict(Additive{1, []float64{0.5, 0.5}}), predict(RBF{[]float64{1}}); !(parts < 0.05 && whole > 5*parts) {
		t.Errorf("mean error %v, with a kernel on whole points %v", parts, whole)
	}
}
