package dngo

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"arch2vec/native/f32"
	"arch2vec/native/points"
)

// Model is a trained network with Bayesian linear regression on its units. Its
// methods may be called concurrently.
type Model struct {
	k    *f32.Kernels
	net  *network
	dim  int
	mean []float64 // of the inputs
	std  []float64

	regression
	yMean, yStd float64
	unitMap     []float32 // W for inputs as given, D x kp*kin, in panels
}

// Train trains on points, rows of dim coordinates, and their targets, seed
// determining initial weights, order and the start of the simplex.
func Train(s Settings, dim int, x []float32, y []float64, seed uint64) (*Model, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if dim < 1 || len(y) == 0 || len(x) != len(y)*dim {
		return nil, fmt.Errorf("dngo: %d coordinates are not %d points of %d, at least one", len(x), len(y), dim)
	}
	for i, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("dngo: target %d is %v: it must be finite", i, v)
		}
	}
	all, err := points.New(dim, x)
	if err != nil {
		return nil, fmt.Errorf("dngo: %w", err)
	}
	k, err := f32.FromEnv()
	if err != nil {
		return nil, fmt.Errorf("dngo: %w", err)
	}
	m := &Model{k: k, dim: dim, yStd: 1}
	m.standardise(all)
	inputs := m.inputs(all)
	targets := make([]float64, len(y))
	if s.Standardise {
		m.yMean, m.yStd = moments(y)
	}
	short := make([]float32, len(y))
	for i, v := range y {
		targets[i] = (v - m.yMean) / m.yStd
		short[i] = float32(targets[i])
	}
	rng := rand.New(rand.NewPCG(seed, 0xd1905))
	kp, kin := all.Factor()
	m.net = newNetwork(k, s, dim, kp, kin, rng)
	m.net.train(s, inputs, short, rng)
	h, panels := m.features(inputs, len(y))
	m.regress(h, panels, targets, s.PublishedLikelihood, [2]float64{rng.NormFloat64(), -3 + rng.NormFloat64()})
	m.fold(kp, kin)
	return m, nil
}

// moments returns mean and standard deviation, 1 when all are equal.
func moments(y []float64) (mean, std float64) {
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for _, v := range y {
		std += (v - mean) * (v - mean) / float64(len(y))
	}
	if std = math.Sqrt(std); !(std > 0) {
		std = 1
	}
	return mean, std
}

// standardise sets mean and std of the inputs.
func (m *Model) standardise(all *points.Set) {
	m.mean, m.std = make([]float64, m.dim), make([]float64, m.dim)
	column := make([]float64, all.Len())
	for d := range m.dim {
		for i := range column {
			column[i] = float64(all.Row(i)[d])
		}
		m.mean[d], m.std[d] = moments(column)
	}
}

// inputs returns points standardised, rows of kp*kin that end in 1 as a panel's
// columns do.
func (m *Model) inputs(all *points.Set) []float32 {
	height := all.Height()
	inputs := make([]float32, all.Len()*height)
	for i := range all.Len() {
		row := inputs[i*height:]
		for d, v := range all.Row(i) {
			row[d] = float32((float64(v) - m.mean[d]) / m.std[d])
		}
		row[m.dim] = 1
	}
	return inputs
}

// features returns the units at n inputs, n x D, and as panels, whose rows are made up
// to a multiple of 32 with zeros.
func (m *Model) features(inputs []float32, n int) (*mat.Dense, []float32) {
	net := m.net
	height, stride := net.kp*net.kin, f32.Panels(n)*f32.Width*f32.Width
	x, h := f32.Align(net.kp*stride), f32.Align(f32.Panels(net.hidden)*stride)
	for i := range n {
		for q := range net.kp {
			copy(x[q*stride+i*f32.Width:][:net.kin], inputs[i*height+q*net.kin:])
		}
	}
	net.forward(n, x, stride, h)
	out := mat.NewDense(n, net.hidden, nil)
	for i := range n {
		for j, row := 0, out.RawRowView(i); j < net.hidden; j++ {
			row[j] = float64(h[j/f32.Width*stride+i*f32.Width+j%f32.Width])
		}
	}
	return out, h
}

// fold makes unitMap of W and the standardisation of inputs.
func (m *Model) fold(kp, kin int) {
	net := m.net
	m.unitMap = f32.Align(kp * net.hidden * f32.Width)
	set := func(u, d int, v float64) {
		m.unitMap[d/kin*net.hidden*f32.Width+u*f32.Width+d%kin] = float32(v)
	}
	for u := range net.hidden {
		w := net.units(net.param, u/f32.Width)[u%f32.Width:]
		b := float64(w[m.dim*f32.Width])
		for d := range m.dim {
			v := float64(w[d*f32.Width]) / m.std[d]
			set(u, d, v)
			b -= v * m.mean[d]
		}
		set(u, m.dim, b)
	}
}

// Alpha is the precision of the regression's weights, Beta that of the noise, both
// for standardised targets where they are.
func (m *Model) Alpha() float64 { return m.alpha }

// Beta is the precision of the noise.
func (m *Model) Beta() float64 { return m.beta }

// Noise is the variance of the noise, in units of the targets.
func (m *Model) Noise() float64 { return m.yStd * m.yStd / m.beta }

// Predict returns mean and variance of the regression, without noise, at x.
func (m *Model) Predict(x []float32) (mean, variance float64, err error) {
	p, err := points.New(m.dim, x)
	if err != nil {
		return 0, 0, fmt.Errorf("dngo: %w", err)
	}
	if p.Len() != 1 {
		return 0, 0, fmt.Errorf("dngo: a point has %d coordinates, not %d", m.dim, len(x))
	}
	var means, variances [1]float32
	if err := m.Scan(p, means[:], variances[:], 1); err != nil {
		return 0, 0, err
	}
	return float64(means[0]), float64(variances[0]), nil
}
