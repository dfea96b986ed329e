package figure

import (
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestScatterValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 1500
	points, values := mat.NewDense(n, 2, nil), make([]float64, n)
	for i := range n {
		angle, radius := 2*math.Pi*rng.Float64(), 1+0.15*rng.NormFloat64()
		points.Set(i, 0, radius*math.Cos(angle))
		points.Set(i, 1, radius*math.Sin(angle))
		values[i] = 90 + 4*math.Cos(angle)*radius
	}
	values[0], values[1] = math.NaN(), math.Inf(1)
	points.Set(2, 0, math.NaN())
	p, err := ScatterValues("Accuracy in latent space", "first component", "second component", "test accuracy (%)", points, values)
	goldenPlot(t, "scatter2d.png", p, err)
}

func TestScatterValuesErrors(t *testing.T) {
	for name, c := range map[string]struct {
		points *mat.Dense
		values []float64
	}{
		"one dimension":  {mat.NewDense(2, 1, nil), make([]float64, 2)},
		"too few values": {mat.NewDense(3, 2, nil), make([]float64, 2)},
		"nothing finite": {mat.NewDense(1, 2, []float64{math.NaN(), 0}), []float64{1}},
		"no points":      {&mat.Dense{}, nil},
	} {
		if _, err := ScatterValues("", "", "", "", c.points, c.values); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestScatterValuesFlat draws values that do not differ, or are not there.
func TestScatterValuesFlat(t *testing.T) {
	for name, values := range map[string][]float64{
		"equal": {7, 7}, "zero": {0, 0}, "none": {math.NaN(), math.NaN()},
	} {
		p, err := ScatterValues("", "", "", "", mat.NewDense(2, 2, []float64{0, 0, 1, 1}), values)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := PNG(p, 4, 3); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestColour(t *testing.T) {
	b := &colourBar{low: 10, high: 20, colours: sequence(shades)}
	ends := sequence(2)
	for v, want := range map[float64]color.Color{10: ends[0], 20: ends[1], -5: ends[0], math.Inf(1): ends[1]} {
		if got := b.colour(v); got != want {
			t.Errorf("%v has colour %v, want %v", v, got, want)
		}
	}
	if got := b.colour(math.NaN()); got != (color.Gray{0xb8}) {
		t.Errorf("no value has colour %v", got)
	}
}
