package analysis_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"arch2vec/native/analysis"
)

func compare(t *testing.T, a, b []float64) analysis.Comparison {
	t.Helper()
	c, err := analysis.Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Two samples of six with equal variances have 10 degrees of freedom, for which
// tables give t = 2.228 at 5 %.
func TestWelchTable(t *testing.T) {
	a := []float64{-1, 1, -1, 1, -1, 1}
	s := math.Sqrt(2 * (6. / 5) / 6) // of the difference of means
	b := make([]float64, 6)
	for i := range b {
		b[i] = a[i] + 2.228139*s
	}
	c := compare(t, a, b)
	if math.Abs(c.Welch-0.05) > 1e-6 || math.Abs(c.Difference+2.228139*s) > 1e-12 {
		t.Errorf("%+v, want p = 0.05", c)
	}
}

// Of all 70 ways to deal 1 to 8 to two hands of four, 2 are as extreme as {1..4}: the
// exact p is 0.0286. The normal approximation is near it.
func TestMannWhitneyExact(t *testing.T) {
	c := compare(t, []float64{1, 2, 3, 4}, []float64{5, 6, 7, 8})
	if math.Abs(c.MannWhitney-2./70) > 0.003 {
		t.Errorf("p = %v, exactly 0.0286", c.MannWhitney)
	}
	if c = compare(t, []float64{5, 6, 7, 8}, []float64{1, 2, 3, 4}); math.Abs(c.MannWhitney-2./70) > 0.003 {
		t.Errorf("the other way round: p = %v", c.MannWhitney)
	}
	if c = compare(t, []float64{3, 3, 3}, []float64{3, 3, 3, 3}); c.MannWhitney != 1 || c.Welch != 1 {
		t.Errorf("equal constants: %+v", c)
	}
	if c = compare(t, []float64{3, 3}, []float64{4, 4}); c.Welch != 0 {
		t.Errorf("different constants: %+v", c)
	}
}

// Where nothing differs, p is below 5 % in 5 % of cases, with ties too; where the
// means do, nearly always.
func TestCompareCalibrated(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const n = 4000
	var welch, mannWhitney, power int
	for range n {
		a, b, shifted := make([]float64, 30), make([]float64, 50), make([]float64, 50)
		for i := range a {
			a[i] = math.Round(3 * r.NormFloat64())
		}
		for i := range b {
			b[i] = math.Round(3 * r.NormFloat64())
			shifted[i] = b[i] + 4
		}
		c := compare(t, a, b)
		if c.Welch < 0.05 {
			welch++
		}
		if c.MannWhitney < 0.05 {
			mannWhitney++
		}
		if c = compare(t, a, shifted); c.Welch < 0.01 && c.MannWhitney < 0.01 {
			power++
		}
	}
	for name, count := range map[string]int{"Welch": welch, "Mann-Whitney": mannWhitney} {
		if share := float64(count) / n; share < 0.038 || share > 0.062 {
			t.Errorf("%s: p < 0.05 in %.3f of cases", name, share)
		}
	}
	if power < n*95/100 {
		t.Errorf("a difference is seen in %d of %d cases", power, n)
	}
}

func TestCompareRefuses(t *testing.T) {
	for _, a := range [][]float64{nil, {1}, {1, math.NaN()}, {1, math.Inf(1)}} {
		if _, err := analysis.Compare(a, []float64{1, 2}); err == nil {
			t.Errorf("compared %v", a)
		}
	}
}
