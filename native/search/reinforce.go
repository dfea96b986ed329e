package search

import (
	"fmt"
	"math"
	"math/rand/v2"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
)

// Reinforce are the settings of REINFORCE (Williams: Simple statistical
// gradient-following algorithms for connectionist reinforcement learning, 1992) on
// the discrete encoding, as NAS-Bench-101's and NAS-Bench-201's experiments have it:
// each variable is drawn from a softmax of its own, and after every query Adam
// follows the gradient of
//
//	-log p(x) (r - b)
//
// with the validation accuracy r and its moving average b.
type Reinforce struct {
	LearningRate float64 `json:"learning_rate"`
	Momentum     float64 `json:"momentum"` // of the moving average
	// Repeat asks, and pays for, again what was asked before, as the published code
	// does. Otherwise draws are repeated until they are new.
	Repeat bool `json:"repeat"`
}

// Method returns "reinforce".
func (Reinforce) Method() string { return "reinforce" }

// New returns a strategy.
func (r Reinforce) New(p Problem) (Strategy, error) {
	if !(r.LearningRate > 0) || !(r.Momentum >= 0 && r.Momentum < 1) {
		return nil, fmt.Errorf("search: reinforce: learning rate %v, momentum %v: want above 0, and in [0, 1)", r.LearningRate, r.Momentum)
	}
	e, err := newEncoding(p.Space)
	if err != nil {
		return nil, err
	}
	s := &reinforce{settings: r, encoding: e, draw: newDraws(p, "reinforce", r.Repeat)}
	for _, n := range e.levels {
		logits := make([]float64, n)
		for k := range logits {
			logits[k] = 1e-3 * s.draw.rng.NormFloat64()
		}
		s.logits = append(s.logits, logits)
	}
	s.adam = newAdam(r.LearningRate, s.logits)
	return s, nil
}

type reinforce struct {
	settings Reinforce
	encoding *encoding
	draw     *draws
	logits   [][]float64 // one row a variable
	adam     *adam
	asked    [][]int
	// The moving average is average/weight: unbiased from the first reward on.
	average, weight float64
}

func (r *reinforce) Ask(n int) ([]cell.Cell, error) {
	var cells []cell.Cell
	for range n {
		c, err := r.next()
		if err == ErrExhausted && len(cells) > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		cells = append(cells, c)
	}
	return cells, nil
}

func (r *reinforce) next() (cell.Cell, error) {
	x := make([]int, len(r.logits))
	for range 10 * tries {
		for i, logits := range r.logits {
			x[i] = categorical(r.draw.rng, softmax(logits))
		}
		if c, ok := r.encoding.cell(x); ok && r.draw.take(c) {
			r.asked = append(r.asked, x)
			return c, nil
		}
	}
	// The policy has settled on what is known; a random cell teaches it nothing.
	c, err := r.draw.cell()
	if err == nil {
		r.asked = append(r.asked, nil)
	}
	return c, err
}

func (r *reinforce) Tell(c cell.Cell, s benchmark.Score) error {
	if len(r.asked) == 0 {
		return fmt.Errorf("search: reinforce: told of a cell that was not asked: %v", c)
	}
	x := r.asked[0]
	r.asked = r.asked[1:]
	m := r.settings.Momentum
	r.average = m*r.average + (1-m)*s.Validation
	r.weight = m*r.weight + (1 - m)
	advantage := s.Validation - r.average/r.weight
	if x == nil {
		return nil
	}
	gradient := make([][]float64, len(r.logits))
	for i, logits := range r.logits {
		gradient[i] = softmax(logits) // d log p / d logit_k = [k = x_i] - p_k
		for k, p := range gradient[i] {
			if k == x[i] {
				p--
			}
			gradient[i][k] = p * advantage
		}
	}
	r.adam.step(r.logits, gradient)
	return nil
}

func softmax(logits []float64) []float64 {
	top := math.Inf(-1)
	for _, l := range logits {
		top = max(top, l)
	}
	p := make([]float64, len(logits))
	sum := 0.0
	for i, l := range logits {
		p[i] = math.Exp(l - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// categorical draws an index with these probabilities.
func categorical(rng *rand.Rand, p []float64) int {
	u := rng.Float64()
	for i, q := range p {
		if u -= q; u < 0 {
			return i
		}
	}
	return len(p) - 1
}

// adam is Adam (Kingma, Ba 2015) on a small table of float64 numbers, with its
// usual settings.
type adam struct {
	rate float64
	t    int
	m, v [][]float64
}

func newAdam(rate float64, shape [][]float64) *adam {
	a := &adam{rate: rate}
	for _, row := range shape {
		a.m, a.v = append(a.m, make([]float64, len(row))), append(a.v, make([]float64, len(row)))
	}
	return a
}

func (a *adam) step(x, gradient [][]float64) {
	const beta1, beta2, eps = 0.9, 0.999, 1e-8
	a.t++
	c1, c2 := 1-math.Pow(beta1, float64(a.t)), 1-math.Pow(beta2, float64(a.t))
	for i, row := range gradient {
		for k, g := range row {
			a.m[i][k] = beta1*a.m[i][k] + (1-beta1)*g
			a.v[i][k] = beta2*a.v[i][k] + (1-beta2)*g*g
			x[i][k] -= a.rate * (a.m[i][k] / c1) / (math.Sqrt(a.v[i][k]/c2) + eps)
		}
	}
}
