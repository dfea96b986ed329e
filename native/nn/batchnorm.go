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

	gamma, beta        Slot
	mean, invstd       []float32 // of the last forward pass
	scale, shift       []float32 // out = max(0, scale*y + shift)
	m2, sum, dot       []float32 // scratch
	kd, ky, kc, colsum []float32
}

const (
	normEps      = 1e-5
	normMomentum = 0.1
)

// NewBatchNorm reserves the parameters of n channels, n a multiple of 32.
func NewBatchNorm(p *Params, name string, n int) *BatchNorm {
	bn := &BatchNorm{gamma: p.reserve(n), beta: p.reserve(n)}
	p.name(name+".weight", func(i int) int { return bn.gamma.off + i }, n)
	p.name(name+".bias", func(i int) int { return bn.beta.off + i }, n)
	for _, s := range []*[]float32{&bn.RunningMean, &bn.RunningVar, &bn.mean, &bn.invstd, &bn.scale, &bn.shift,
		&bn.m2, &bn.sum, &bn.dot, &bn.kd, &bn.ky, &bn.kc, &bn.colsum} {
		*s = f32.Align(n)
	}
	return bn
}

// Init sets gamma to 1, beta to 0, the running mean to 0 and variance to 1.
func (bn *BatchNorm) Init() {
	clear(bn.beta.Value())
	clear(bn.RunningMean)
	for i := range bn.RunningVar {
		bn.gamma.Value()[i], bn.RunningVar[i] = 1, 1
	}
}

// Fold prepares panel p for [BatchNorm.Infer] and evaluation.
func (bn *BatchNorm) Fold(p int) {
	for c := p * f32.Width; c < (p+1)*f32.Width; c++ {
		bn.mean[c] = bn.RunningMean[c]
		bn.invstd[c] = float32(1 / math.Sqrt(float64(bn.RunningVar[c])+normEps))
	}
	bn.affine(p)
}

func (bn *BatchNorm) affine(p int) {
	gamma, beta := bn.gamma.Value(), bn.beta.Value()
	for c := p * f32.Width; c < (p+1)*f32.Width; c++ {
		bn.scale[c] = gamma[c] * bn.invstd[c]
		bn.shift[c] = beta[c] - bn.mean[c]*bn.scale[c]
	}
}

// Infer normalises and rectifies panel p with what Fold prepared. It changes
// nothing in the layer and may run concurrently. y and out may be the same.
func (bn *BatchNorm) Infer(k *f32.Kernels, p, rows int, y, out []float32) {
	o := p * f32.Width
	k.AffineReLU(rows, y, bn.scale[o:], bn.shift[o:], out)
}

// Forward normalises and rectifies panel p.
func (bn *BatchNorm) Forward(k *f32.Kernels, p, rows int, y, out []float32, training bool) {
	if !training {
		bn.Fold(p)
		bn.Infer(k, p, rows, y, out)
		return
	}
	o := p * f32.Width
	k.ColStats(rows, y, bn.mean[o:], bn.m2[o:])
	for c := o; c < o+f32.Width; c++ {
		m2 := bn.m2[c]
		bn.invstd[c] = float32(1 / math.Sqrt(float64(m2)/float64(rows)+normEps))
		bn.RunningMean[c] += normMomentum * (bn.mean[c] - bn.RunningMean[c])
		bn.RunningVar[c] += normMomentum * (m2/float32(max(rows-1, 1)) - bn.RunningVar[c])
	}
	bn.affine(p)
	bn.Infer(k, p, rows, y, out)
}

// Backward computes the gradient dy with respect to y from the gradient d with
// respect to the output, which it overwrites, and the gradients of gamma, beta
// and of the bias of the Linear layer before. With g = d where the output is
// positive, y^ = (y - mean)*invstd, and M rows,
//
//	dbeta = sum g,  dgamma = sum g y^
//	dy = gamma*invstd * (g - dbeta/M - y^ dgamma/M)    training
//	dy = gamma*invstd * g                              evaluation
//
// In training a bias before the layer has no effect: its gradient is 0.
func (bn *BatchNorm) Backward(k *f32.Kernels, p, rows int, y, d, dy, bias []float32, training bool) {
	o, end := p*f32.Width, (p+1)*f32.Width
	k.ReLUBack(rows, y, bn.scale[o:end], bn.shift[o:end], bn.mean[o:end], d, bn.sum[o:end], bn.dot[o:end])
	dgamma, dbeta := bn.gamma.Grad(), bn.beta.Grad()
	inv := 1 / float32(rows)
	for c := o; c < end; c++ {
		dgamma[c], dbeta[c] = bn.dot[c]*bn.invstd[c], bn.sum[c]
		bn.kd[c], bn.ky[c], bn.kc[c] = bn.scale[c], 0, 0
		if training {
			bn.ky[c] = -bn.scale[c] * bn.invstd[c] * dgamma[c] * inv
			bn.kc[c] = -bn.ky[c]*bn.mean[c] - bn.scale[c]*dbeta[c]*inv
		}
	}
	k.NormBack(rows, d, y, bn.kd[o:end], bn.ky[o:end], bn.kc[o:end], dy, bn.colsum[o:end])
	if training {
		clear(bias)
	} else {
		copy(bias, bn.colsum[o:end])
	}
}
