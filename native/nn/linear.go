package nn

import (
	"math"

	"arch2vec/native/f32"
)

// Linear is y = x Wᵀ + b with W of shape (out, in), as PyTorch's nn.Linear.
//
// W is kept as ceil(out/32) panels, each with one row of 32 outputs per input,
// and once more transposed, for the gradient with respect to x.
type Linear struct {
	In, Out    int
	w, b       Slot
	transposed []float32
	rows       int // inputs a panel of W has room for
	kp, kin    int // panels of x, and columns used in each
}

// NewLinear reserves a layer's parameters. A layer without input gradient cannot
// pass a gradient on, and keeps no transposed copy. In is at most 32 or a
// multiple of 32.
func NewLinear(p *Params, name string, in, out int, inputGradient bool) *Linear {
	l := &Linear{In: in, Out: out, kp: f32.Panels(in), kin: f32.Width}
	if l.kp == 1 {
		l.kin = (in + 3) / 4 * 4
	}
	l.rows = l.kp * l.kin
	if inputGradient {
		l.rows = l.kp * f32.Width
		l.transposed = f32.Align(l.kp * f32.Panels(out) * f32.Width * f32.Width)
	}
	l.w = p.reserve(f32.Panels(out) * l.rows * f32.Width)
	l.b = p.reserve(f32.Panels(out) * f32.Width)
	if name != "" {
		l.Name(p, name, 0, out)
	}
	return l
}

// Name names outputs [first, first+n) of the layer as name.weight and name.bias.
// NewLinear does it for a whole layer; a layer that packs several gets "" there.
func (l *Linear) Name(p *Params, name string, first, n int) {
	p.name(name+".weight", func(i int) int {
		o, in := first+i/l.In, i%l.In
		return l.w.off + (o/f32.Width*l.rows+in)*f32.Width + o%f32.Width
	}, n, l.In)
	p.name(name+".bias", func(i int) int { return l.b.off + first + i }, n)
}

// Init draws the outputs [first, first+n) uniformly from ±1/sqrt(in), weights
// and biases, as PyTorch's default. Draws follow the row-major order of W.
func (l *Linear) Init(draw func() float64, first, n int) {
	bound := 1 / math.Sqrt(float64(l.In))
	w, b := l.w.Value(), l.b.Value()
	for o := first; o < first+n; o++ {
		for i := range l.In {
			w[(o/f32.Width*l.rows+i)*f32.Width+o%f32.Width] = float32(bound * (2*draw() - 1))
		}
	}
	for o := first; o < first+n; o++ {
		b[o] = float32(bound * (2*draw() - 1))
	}
}

// Panels is the number of output panels.
func (l *Linear) Panels() int { return f32.Panels(l.Out) }

func (l *Linear) panel(s []float32, p int) []float32 {
	n := l.rows * f32.Width
	return s[p*n : (p+1)*n]
}

// Forward computes output panel p into y. The panels of x are stride elements
// apart.
func (l *Linear) Forward(k *f32.Kernels, p, rows int, x []float32, stride int, y []float32) {
	k.Mul(rows, l.kp, l.kin, x, stride, l.panel(l.w.Value(), p), l.b.Value()[p*f32.Width:], y)
}

// BackInput computes panel q of the gradient with respect to x from all panels
// of dy, stride elements apart.
func (l *Linear) BackInput(k *f32.Kernels, q, rows int, dy []float32, stride int, dx, zero []float32) {
	kp := l.Panels()
	kin := f32.Width
	if kp == 1 {
		kin = min(f32.Width, (l.Out+3)/4*4)
	}
	n := kp * f32.Width * f32.Width
	k.Mul(rows, kp, kin, dy, stride, l.transposed[q*n:(q+1)*n], zero, dx)
}

// BackWeight computes the gradient of output panel p's weights from x and panel
// p of dy.
func (l *Linear) BackWeight(k *f32.Kernels, p, rows int, x []float32, stride int, dy []float32) {
	l.backWeightTo(k, p, rows, x, stride, dy, l.panel(l.w.Grad(), p))
}

func (l *Linear) backWeightTo(k *f32.Kernels, _, rows int, x []float32, stride int, dy, grad []float32) {
	for q := range l.kp {
		k.MulT(rows, l.kin, x[q*stride:], dy, grad[q*f32.Width*f32.Width:])
	}
}

// WeightDot is the inner product of output panel p's weights with xᵀ dy, that
// is of x Wᵀ (without bias) with dy; scratch has room for as many rows of 32 as
// the layer has inputs. It is the gradient of a factor on x.
func (l *Linear) WeightDot(k *f32.Kernels, p, rows int, x []float32, stride int, dy, scratch []float32) float32 {
	l.backWeightTo(k, p, rows, x, stride, dy, scratch)
	n := l.kp * l.kin * f32.Width
	return k.Dot(l.panel(l.w.Value(), p)[:n], scratch[:n])
}

// BiasGrad is the gradient of output panel p's bias, for the caller to set.
func (l *Linear) BiasGrad(p int) []float32 { return l.b.Grad()[p*f32.Width : (p+1)*f32.Width] }

// WeightGrad is the gradient of output panel p's weights: one row of 32 outputs
// per input.
func (l *Linear) WeightGrad(p int) []float32 { return l.panel(l.w.Grad(), p) }

// Blocks is the number of 32 x 32 blocks of the transposed copy.
func (l *Linear) Blocks() int { return len(l.transposed) / (f32.Width * f32.Width) }

// Refresh renews block i of the transposed copy after the weights changed.
func (l *Linear) Refresh(k *f32.Kernels, i int) {
	const block = f32.Width * f32.Width
	panels := l.Panels()
	p, q := i%panels, i/panels
	k.Transpose(l.panel(l.w.Value(), p)[q*block:], l.transposed[(q*panels+p)*block:])
}
