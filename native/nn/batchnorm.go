package nn

import (
	"math"

	"arch2vec/native/f32"
)

// BatchNorm is batch normalisation (Ioffe, Szegedy 2015) followed by ReLU:
//
//	out = max(0, gamma * (y - mean) / sqrt(var + eps) + beta)
//
// While training, mean and var are those of the batch, and running averages
// follow them with momentum 0.1 (the variance unbiased, as PyTorch's). In
// evaluation the running averages stand in their place, as constants.
type BatchNorm struct {
	RunningMean, RunningVar []float32

	gamma, beta []Slot     // by panel
	norm        []f32.Norm // by panel
	self        []float32  // scratch: the gradient of a factor, by column
}

const (
	normEps      = 1e-5
	normMomentum = 0.1
)

// NewBatchNorm reserves the parameters of n channels, n a multiple of 32.
func NewBatchNorm(p *Params, name string, n int) *BatchNorm {
	bn := &BatchNorm{RunningMean: f32.Align(n), RunningVar: f32.Align(n), self: f32.Align(n)}
	panels := f32.Panels(n)
	rows := f32.Align(4 * n)
	row := func(s []float32, p int) []float32 { return s[p*f32.Width:][:f32.Width:f32.Width] }
	for panel := range panels {
		part := partOf(panel, panels)
		bn.gamma, bn.beta = append(bn.gamma, p.reserve(part, f32.Width)), append(bn.beta, p.reserve(part, f32.Width))
		bn.norm = append(bn.norm, f32.Norm{
			RunMean: row(bn.RunningMean, panel), RunVar: row(bn.RunningVar, panel),
			Mean: row(rows, 4*panel), Invstd: row(rows, 4*panel+1), Scale: row(rows, 4*panel+2), Shift: row(rows, 4*panel+3),
		})
	}
	p.name(name+".weight", func(i int) int { return bn.gamma[i/f32.Width].first() + i%f32.Width }, n)
	p.name(name+".bias", func(i int) int { return bn.beta[i/f32.Width].first() + i%f32.Width }, n)
	return bn
}

// Init sets gamma to 1, beta to 0, the running mean to 0 and variance to 1.
func (bn *BatchNorm) Init() {
	clear(bn.RunningMean)
	for i := range bn.RunningVar {
		p, c := i/f32.Width, i%f32.Width
		bn.gamma[p].Value()[c], bn.beta[p].Value()[c], bn.RunningVar[i] = 1, 0, 1
	}
}

// Fold prepares panel p for [BatchNorm.Infer] and evaluation.
func (bn *BatchNorm) Fold(p int) {
	n, gamma, beta := &bn.norm[p], bn.gamma[p].Value(), bn.beta[p].Value()
	for c := range f32.Width {
		n.Mean[c] = n.RunMean[c]
		n.Invstd[c] = float32(1 / math.Sqrt(float64(n.RunVar[c])+normEps))
		n.Scale[c] = gamma[c] * n.Invstd[c]
		n.Shift[c] = beta[c] - n.Mean[c]*n.Scale[c]
	}
}

// Infer normalises and rectifies panel p with what Fold prepared. It changes
// nothing in the layer and may run concurrently. y and out may be the same.
func (bn *BatchNorm) Infer(k *f32.Kernels, p, rows int, y, out []float32) {
	k.AffineReLU(rows, y, bn.norm[p].Scale, bn.norm[p].Shift, out)
}

// Forward normalises and rectifies panel p.
func (bn *BatchNorm) Forward(k *f32.Kernels, p, rows int, y, out []float32, training bool) {
	if training {
		k.NormForward(rows, normMomentum, normEps, &bn.norm[p], y, bn.gamma[p].Value(), bn.beta[p].Value(), out)
		return
	}
	bn.Fold(p)
	bn.Infer(k, p, rows, y, out)
}

// Backward turns the gradient d with respect to the output into the one with
// respect to y, in place, and computes the gradients of gamma, beta and of the
// bias of the Linear layer before. With g = d where the output is positive,
// y^ = (y - mean)*invstd, and M rows,
//
//	dbeta = sum g,  dgamma = sum g y^
//	dy = gamma*invstd * (g - dbeta/M - y^ dgamma/M)    training
//	dy = gamma*invstd * g                              evaluation
//
// In training a bias before the layer has no effect: its gradient is 0.
func (bn *BatchNorm) Backward(k *f32.Kernels, p, rows int, y, d, bias []float32, training bool) {
	k.NormBack(rows, inverse(rows, training), &bn.norm[p], y, d, bn.gamma[p].Grad(), bn.beta[p].Grad())
	bn.biasGrad(p, bias, training)
}

// Neighbours says what an aggregation out[r] = Self*x[r] + sum of x[j] adds up;
// see [f32.Kernels.Aggregate]. The relation is symmetric.
type Neighbours struct {
	Self        float32
	Count, Near []int32
}

// BackwardThrough is Backward when the output went through an aggregation, whose
// gradient is dagg: d is set to Self*dagg + the sum over neighbours of dagg, since
// the relation is symmetric, and from there on as in Backward. It returns the
// gradient of Self.
func (bn *BatchNorm) BackwardThrough(k *f32.Kernels, p, rows int, n Neighbours, dagg, y, d, bias []float32, training bool) float32 {
	self := bn.self[p*f32.Width:][:f32.Width]
	k.NormBackNear(rows, n.Self, n.Count, n.Near, dagg, inverse(rows, training), &bn.norm[p], y, d, bn.gamma[p].Grad(), bn.beta[p].Grad(), self)
	bn.biasGrad(p, bias, training)
	var sum float32
	for _, v := range self {
		sum += v
	}
	return sum
}

// inverse is 1/rows, or 0 where statistics are constants.
func inverse(rows int, training bool) float32 {
	if training {
		return 1 / float32(rows)
	}
	return 0
}

// biasGrad is the gradient of a bias before the layer: the column sums of dy.
func (bn *BatchNorm) biasGrad(p int, bias []float32, training bool) {
	if training {
		clear(bias)
		return
	}
	dbeta := bn.beta[p].Grad()
	for c, s := range bn.norm[p].Scale {
		bias[c] = s * dbeta[c]
	}
}
