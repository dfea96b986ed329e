package graphae

import "math"

// The published code computes the sigmoid in float32 and then the binary
// cross-entropy of what it rounded to (PyTorch's BCELoss): a probability above
// 1 - 2^-25 is 1, logarithms are cut at -100, and the gradient's denominator
// p(1-p) is at least 1e-12. So an entry that is wrong beyond any doubt costs
// much but has hardly any gradient, where the exact formula gives it the largest
// of all. Late in training, when Adam has come to trust small gradients, this is
// what keeps one badly encoded cell from throwing the weights about.
const (
	saturation = 16.635532 // the sigmoid of a larger logit rounds to 1 in float32
	vanishing  = -27.631021
	mostLoss   = 100
)

// crossEntropy is the sum of w times the binary cross-entropies of logits x and
// targets y, and leaves its derivatives in g, which may be x. When the settings
// ask for it, both are those of the published code.
func (s *stepper) crossEntropy(p *part, size int, x, y, w, g []float32) float64 {
	if !s.cfg.PublishedBCE {
		return float64(s.net.k.CrossEntropy(x[:size], y[:size], w[:size], g[:size]))
	}
	p.wrong = p.wrong[:0]
	extra := 0.0
	for i, v := range x[:size] {
		switch {
		case v > saturation && y[i] == 0:
			p.wrong = append(p.wrong, wrongEntry{i, 0})
			extra += float64(w[i]) * (mostLoss - float64(v))
		case v < vanishing && y[i] == 1:
			p.wrong = append(p.wrong, wrongEntry{i, float32(math.Exp(float64(v) - vanishing))})
			extra += float64(w[i]) * min(0, mostLoss+float64(v))
		}
	}
	sum := float64(s.net.k.CrossEntropy(x[:size], y[:size], w[:size], g[:size]))
	for _, e := range p.wrong {
		g[e.at] *= e.keep
	}
	return sum + extra
}

// wrongEntry is one whose gradient the published code loses, but for a share.
type wrongEntry struct {
	at   int
	keep float32
}
