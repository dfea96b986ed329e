package reinforce

import (
	"fmt"
	"math"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// Learn takes one step on the advantages of the episode's actions, one each, and
// begins a new episode.
func (p *Policy) Learn(advantages []float64) error {
	if len(advantages) != p.t || p.t == 0 {
		return fmt.Errorf("reinforce: %d advantages for an episode of %d actions", len(advantages), p.t)
	}
	for i, a := range advantages {
		if math.IsNaN(a) || math.IsInf(a, 0) {
			return fmt.Errorf("reinforce: advantage %d is %v: it must be finite", i, a)
		}
	}
	p.gradient(advantages)
	p.updates++
	step := p.adam.Step(p.updates, p.s.Rate, 0)
	for part := range nn.Parts {
		p.params.Update(p.k, step, part)
	}
	p.t = 0
	return nil
}

// gradient computes the gradient of the loss with respect to all parameters.
func (p *Policy) gradient(advantages []float64) {
	k, n, steps, dim := p.k, p.s.Episode, p.t, p.s.Dim
	// d/dmean of -A/T log N(a; mean, I) is -A/T (a - mean).
	for t, a := range advantages {
		scale := float32(-a / float64(steps))
		for d := range dim {
			i := d / f32.Width
			at(p.dmean, i, n, t)[d%f32.Width] = scale * (p.actions[t*dim+d] - at(p.mean, i, n, t)[d%f32.Width])
		}
	}
	after := p.h[f32.Width:] // h_t of every step, without the row before the first
	for i := range p.output.Panels() {
		p.output.BackWeight(k, i, steps, after, p.long(), p.dmean[i*p.stride():])
		p.sumRows(p.dmean[i*p.stride():], p.output.BiasGrad(i))
	}
	hidden := f32.Panels(p.s.Hidden)
	for q := range hidden {
		p.output.BackInput(k, q, steps, p.dmean, p.stride(), p.dh[q*p.stride():])
	}
	p.throughTime()
	for i := range 4 * hidden {
		dy := p.dgates[i*p.stride():]
		p.input.BackWeight(k, i, steps, p.x, p.stride(), dy)
		p.recurrent.BackWeight(k, i, steps, p.h, p.long(), dy)
		p.sumRows(dy, p.input.BiasGrad(i))
		copy(p.recurrent.BiasGrad(i), p.input.BiasGrad(i))
	}
}

// throughTime computes dgates, from the last step to the first. On the way dh, of
// the output at first, gets what comes back from the next step:
//
//	dc_t = dh_t o (1 - tanh² c_t) + f_{t+1} dc_{t+1}
//	di = dc g i (1-i),  df = dc c_{t-1} f (1-f),  dg = dc i (1-g²),  do = dh tanh c o (1-o)
func (p *Policy) throughTime() {
	k, n := p.k, p.s.Episode
	hidden := f32.Panels(p.s.Hidden)
	clear(p.dc)
	for t := p.t - 1; t >= 0; t-- {
		for q := range hidden {
			dh := at(p.dh, q, n, t)
			if t+1 < p.t {
				p.recurrent.BackInput(k, q, 1, p.dgates[(t+1)*f32.Width:], p.stride(), p.rest)
				for j, v := range p.rest {
					dh[j] += v
				}
			}
			gi, gf, gg, o := at(p.gates, q, n, t), at(p.gates, hidden+q, n, t), at(p.gates, 2*hidden+q, n, t), at(p.gates, 3*hidden+q, n, t)
			di, df, dg, do := at(p.dgates, q, n, t), at(p.dgates, hidden+q, n, t), at(p.dgates, 2*hidden+q, n, t), at(p.dgates, 3*hidden+q, n, t)
			before, tc := at(p.c, q, n+1, t), at(p.tanhC, q, n, t)
			dc := p.dc[q*f32.Width:][:f32.Width]
			for j := range dc {
				c := dc[j] + dh[j]*o[j]*(1-tc[j]*tc[j])
				di[j] = c * gg[j] * gi[j] * (1 - gi[j])
				df[j] = c * before[j] * gf[j] * (1 - gf[j])
				dg[j] = c * gi[j] * (1 - gg[j]*gg[j])
				do[j] = dh[j] * tc[j] * o[j] * (1 - o[j])
				dc[j] = c * gf[j]
			}
		}
	}
}

// sumRows sets sum to the sum of the episode's rows of a panel.
func (p *Policy) sumRows(panel, sum []float32) {
	clear(sum)
	for t := range p.t {
		for j, v := range panel[t*f32.Width:][:f32.Width] {
			sum[j] += v
		}
	}
}

// Returns are the discounted returns of an episode's rewards, r_t + gamma r_{t+1} +
// gamma² r_{t+2} + ...
func Returns(rewards []float64, gamma float64) []float64 {
	r := make([]float64, len(rewards))
	sum := 0.0
	for t := len(rewards) - 1; t >= 0; t-- {
		sum = rewards[t] + gamma*sum
		r[t] = sum
	}
	return r
}
