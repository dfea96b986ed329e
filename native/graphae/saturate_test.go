package graphae

import (
	"math"
	"testing"

	"arch2vec/native/f32"
)

// The published code's loss and gradient: PyTorch's BCELoss on a float32 sigmoid.
// Loss -log clamped at -100; gradient (p-t)/max(p(1-p), 1e-12) * p(1-p).
func TestPublishedBCE(t *testing.T) {
	k, err := f32.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	s := &stepper{net: &network{k: k}, cfg: Config{PublishedBCE: true}}
	logits := []float32{-120, -80, -40, -30, -27, -20, -10, -1, 0, 1, 5, 9, 16, 17, 25, 120}
	for target := float32(0); target <= 1; target++ {
		n := len(logits)
		y, w, g := make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range y {
			y[i], w[i] = target, 0.5
		}
		p := &part{wrong: make([]wrongEntry, 0, n)}
		x := append([]float32(nil), logits...)
		got := s.crossEntropy(p, n, x, y, w, g)
		want := 0.0
		for i, v := range logits {
			prob := 1 / (1 + float32(math.Exp(-float64(v)))) // all in float32, as there
			loss := min(100, -math.Log(float64(prob)))
			if target == 0 {
				loss = min(100, -math.Log(float64(1-prob)))
			}
			want += 0.5 * loss
			spread := prob * (1 - prob)
			grad := float64(0.5 * (prob - target) / max(spread, 1e-12) * spread)
			// Near saturation the rounded 1-p is coarse; the exact one is meant.
			if !(math.Abs(float64(g[i])-grad) <= 2e-3*math.Abs(grad)+1e-6) {
				t.Errorf("logit %v, target %v: gradient %v, want %v", v, target, g[i], grad)
			}
		}
		if !(math.Abs(got-want) <= 0.02*want) {
			t.Errorf("target %v: loss %v, want %v", target, got, want)
		}
	}
}
