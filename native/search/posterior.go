package search

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"

	"arch2vec/native/internal/improvement"
)

// posterior is a Gaussian process over a fixed list of candidates that takes in one
// observation after the other, in time proportional to their numbers' product. With
// K = L Lᵀ the covariances of n observations and k* those of a candidate,
//
//	v = L⁻¹ k*,  variance = k** - vᵀv,  mean = vᵀ L⁻¹ y
//
// and a further observation adds one row to L and one number to every v. The mean is
// linear in y, so that standardising y, which every observation changes, is done
// afterwards.
type posterior struct {
	variance, noise float64
	factor          [][]float64 // L, rows
	v               [][]float64 // by observation, then candidate
	target, one     []float64   // L⁻¹y and L⁻¹1
	means, ones     []float64   // vᵀL⁻¹y and vᵀL⁻¹1, by candidate
	left            []float64   // variances, by candidate
}

func newPosterior(candidates int, variance, noise float64) *posterior {
	p := &posterior{variance: variance, noise: noise,
		means: make([]float64, candidates), ones: make([]float64, candidates), left: make([]float64, candidates)}
	for i := range p.left {
		p.left[i] = variance
	}
	return p
}

var errSingular = errors.New("search: covariance matrix not positive definite")

// add takes in an observation: its covariances (without the factor variance) with
// the observations before it, and those with all candidates, which it keeps.
func (p *posterior) add(y float64, observed, candidates []float64) error {
	n := len(p.factor)
	row := make([]float64, n+1)
	rest := p.variance + p.noise
	for i := range n {
		row[i] = (p.variance*observed[i] - floats.Dot(p.factor[i][:i], row[:i])) / p.factor[i][i]
		rest -= row[i] * row[i]
	}
	if !(rest > 0) {
		return errSingular
	}
	d := math.Sqrt(rest)
	row[n] = d
	v := candidates
	floats.Scale(p.variance/d, v)
	target, one := y, 1.0
	for i := range n {
		floats.AddScaled(v, -row[i]/d, p.v[i])
		target -= row[i] * p.target[i]
		one -= row[i] * p.one[i]
	}
	target, one = target/d, one/d
	floats.AddScaled(p.means, target, v)
	floats.AddScaled(p.ones, one, v)
	for i, x := range v {
		p.left[i] -= x * x
	}
	p.factor, p.v = append(p.factor, row), append(p.v, v)
	p.target, p.one = append(p.target, target), append(p.one, one)
	return nil
}

// retarget replaces the targets of all observations, in the time that adding one
// takes.
func (p *posterior) retarget(y []float64) {
	clear(p.means)
	for i, row := range p.factor {
		p.target[i] = (y[i] - floats.Dot(row[:i], p.target[:i])) / row[i]
		floats.AddScaled(p.means, p.target[i], p.v[i])
	}
}

// at returns mean and standard deviation of the standardised function, (f - centre)
// / scale, at a candidate.
func (p *posterior) at(i int, centre, scale float64) (mean, sd float64) {
	return (p.means[i] - centre*p.ones[i]) / scale, math.Sqrt(max(p.left[i], 0))
}

// expectedImprovement is the expectation of max(0, f - best) for a normal f.
func expectedImprovement(mean, sd, best float64) float64 {
	return improvement.Expected(mean, sd, best)
}
