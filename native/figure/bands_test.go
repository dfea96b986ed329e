package figure

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestRegret(t *testing.T) {
	var bands []Band
	for k, name := range []string{"random", "evolution", "REINFORCE", "BOHB", "BANANAS", "local", "GP", "arch2vec-RL", "arch2vec-BO"} {
		b := Band{Name: name}
		for i := range 60 {
			x := 1000 * math.Pow(1.12, float64(i))
			y := 0.02*math.Pow(float64(i+1), -0.2-0.1*float64(k)) + 0.001*float64(k%3)
			b.X, b.Y = append(b.X, x), append(b.Y, y)
			b.Low, b.High = append(b.Low, y-0.0004), append(b.High, y+0.0004)
		}
		bands = append(bands, b)
	}
	bands[0].Y[3], bands[1].Low[5] = math.NaN(), math.Inf(-1)
	p, err := Regret("Regret over time", "simulated seconds", "test regret", bands, true, true)
	goldenPlot(t, "regret.png", p, err)
}

func TestDistribution(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var samples []Sample
	for k, name := range []string{"random", "evolution", "arch2vec-BO"} {
		s := Sample{Name: name, Values: []float64{math.NaN()}}
		for range 200 {
			s.Values = append(s.Values, math.Abs(r.NormFloat64())*0.002+0.004-0.0015*float64(k))
		}
		samples = append(samples, s)
	}
	p, err := Distribution("Final regret of 200 runs", "test regret", append(samples, Sample{Name: "none"}))
	goldenPlot(t, "distribution.png", p, err)
}

func TestBandErrors(t *testing.T) {
	for name, bands := range map[string][]Band{
		"none":            nil,
		"unequal lengths": {{X: []float64{1, 2}, Y: []float64{1}}},
		"half a band":     {{X: []float64{1}, Y: []float64{1}, Low: []float64{0}}},
		"nothing finite":  {{X: []float64{1, 2}, Y: []float64{math.NaN(), -1}}},
	} {
		if _, err := Regret("", "", "", bands, true, true); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Distribution("", "", []Sample{{Values: []float64{math.NaN()}}}); err == nil {
		t.Error("a distribution of nothing")
	}
}

func TestLogTicks(t *testing.T) {
	labels := func(low, high float64) (n int) {
		for _, tick := range (logTicks{}).Ticks(low, high) {
			if tick.Value < low*(1-1e-6) || tick.Value > high*(1+1e-6) {
				t.Errorf("tick %v is not in [%v, %v]", tick.Value, low, high)
			}
			if tick.Label != "" {
				n++
			}
		}
		return n
	}
	if n := labels(0.003, 0.03); n != 3 { // 0.005, 0.01, 0.02
		t.Errorf("%d labels in one decade", n)
	}
	if n := labels(1, 1e6); n != 7 {
		t.Errorf("%d labels in six decades", n)
	}
	if len((logTicks{}).Ticks(-1, 1)) == 0 {
		t.Error("no ticks where there is no logarithm")
	}
}
