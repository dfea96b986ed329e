package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestPCAPlane hides a plane with known axes and spreads in five dimensions.
func TestPCAPlane(t *testing.T) {
	u := []float64{0.6, 0, 0.8, 0, 0}
	v := []float64{0, -1, 0, 0, 0} // its sign must be turned
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 500
	x := mat.NewDense(n, 5, nil)
	var varA, varB float64
	for i := 0; i < n; i += 2 { // pairs of opposite signs: uncorrelated, mean zero
		a, b := 3*rng.NormFloat64(), rng.NormFloat64()
		for j := range 5 {
			x.Set(i, j, 10+a*u[j]+b*v[j])
			x.Set(i+1, j, 10-a*u[j]-b*v[j])
		}
		varA, varB = varA+a*a, varB+b*b
	}
	p, err := PCA(x, 2)
	if err != nil {
		t.Fatal(err)
	}
	if share := p.Explained[0] + p.Explained[1]; math.Abs(share-1) > 1e-9 {
		t.Errorf("two axes explain %v of a plane", share)
	}
	if want := varA / (varA + varB); math.Abs(p.Explained[0]-want) > 0.01 {
		t.Errorf("the first axis explains %v, want about %v", p.Explained[0], want)
	}
	for j, axis := range [][]float64{u, {0, 1, 0, 0, 0}} {
		for i := range axis {
			if math.Abs(p.Axes.At(i, j)-axis[i]) > 0.05 {
				t.Errorf("axis %d: %v, want %v", j, mat.Col(nil, j, p.Axes), axis)
				break
			}
		}
	}
	// Distances in the plane are those in space.
	for range 20 {
		a, b := rng.IntN(n), rng.IntN(n)
		var d2, e2 float64
		for j := range 5 {
			d2 += math.Pow(x.At(a, j)-x.At(b, j), 2)
		}
		for j := range 2 {
			e2 += math.Pow(p.Points.At(a, j)-p.Points.At(b, j), 2)
		}
		if math.Abs(d2-e2) > 1e-9*(1+d2) {
			t.Fatalf("distance² %v became %v", d2, e2)
		}
	}
}

func TestPCAErrors(t *testing.T) {
	bad := mat.NewDense(3, 2, nil)
	bad.Set(1, 1, math.NaN())
	for _, c := range []struct {
		x *mat.Dense
		k int
	}{{mat.NewDense(1, 2, nil), 1}, {mat.NewDense(3, 2, nil), 0}, {mat.NewDense(3, 2, nil), 3}, {bad, 1}} {
		if _, err := PCA(c.x, c.k); err == nil {
			t.Errorf("PCA of %v to %d: no error", mat.Formatted(c.x), c.k)
		}
	}
}

func TestSummarize(t *testing.T) {
	if s := Summarize([]float64{1, 2, 3, 4}); s.Mean != 2.5 || math.Abs(s.Std-math.Sqrt(5.0/3)) > 1e-15 {
		t.Errorf("%+v", s)
	}
	if s := Summarize([]float64{7}); s.String() != "7.0" {
		t.Errorf("%v", s)
	}
}

func Example() {
	// Points on a line through space have one principal component.
	p, err := PCA(mat.NewDense(3, 3, []float64{0, 0, 0, 1, 2, 2, 2, 4, 4}), 1)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f %.2f\n", mat.Col(nil, 0, p.Points), p.Explained)
	fmt.Println(Summarize([]float64{70, 75, 80}))
	// Output:
	// [-3.00 0.00 3.00] [1.00]
	// 75.0 ± 5.0
}
