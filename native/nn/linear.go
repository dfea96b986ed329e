package nn

import (
	"math"

	"arch2vec/native/f32"
)

// Linear is y = x Wᵀ + b with W of shape (out, in), as PyTorch's nn.Linear.
//
// W is kept as ceil(out/32) panels, each with one row of 32 outputs per input,
// and once more transposed, for the gradient with respect to x; [Params.Update] and
// [Params.Refresh] keep the two alike.
type Linear struct {
	In, Out    int
	w, b       []Slot // by panel of the output
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
		l.transposed = p.arena.Align(l.kp * f32.Panels(out) * f32.Width * f32.Width)
	}
	for panel, panels := 0, f32.Panels(out); panel < panels; panel++ {
		part := partOf(panel, panels)
		l.w = append(l.w, p.reserve(part, l.rows*f32.Width))
		l.b = append(l.b, p.reserve(part, f32.Width))
		if inputGradient {
			l.w[panel].derive(func(k *f32.Kernels) { l.transpose(k, panel) })
		}
	}
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
		return l.w[o/f32.Width].first() + in*f32.Width + o%f32.Width
	}, n, l.In)
	p.name(name+".bias", func(i int) int {
		o := first + i
		return l.b[o/f32.Width].first() + o%f32.Width
	}, n)
}

// Init draws the outputs [first, first+n) uniformly from ±1/sqrt(in), weights
// and biases, as PyTorch's default. Draws follow the row-major order of W.
func (l *Linear) Init(draw func() float64, first, n int) {
	bound := 1 / math.Sqrt(float64(l.In))
	for o := first; o < first+n; o++ {
		w := l.w[o/f32.Width].Value()
		for i := range l.In {
			w[i*f32.Width+o%f32.Width] = float32(bound * (2*draw() - 1))
		}
	}
	for o := first; o < first+n; o++ {
		l.b[o/f32.Width].Value()[o%f32.Width] = float32(bound * (2*draw() - 1))
	}
}

// Panels is the number of output panels.
func (l *Linear) Panels() int { return len(l.w) }

// Forward computes output panel p into y. The panels of x are stride elements
// apart. Here as below, ahead is memory that the caller uses next; see
// [f32.Kernels.Mul].
func (l *Linear) Forward(k *f32.Kernels, p, rows int, x []float32, stride int, y []float32, ahead ...[]float32) {
	k.Mul(rows, l.kp, l.kin, x, stride, l.w[p].Value(), l.b[p].Value(), y, ahead...)
}

// BackInput computes panel q of the gradient with respect to x from all panels
// of dy, stride elements apart.
func (l *Linear) BackInput(k *f32.Kernels, q, rows int, dy []float32, stride int, dx []float32, ahead ...[]float32) {
	kp := l.Panels()
	kin := f32.Width
	if kp == 1 {
		kin = min(f32.Width, (l.Out+3)/4*4)
	}
	k.Mul(rows, kp, kin, dy, stride, l.back(q), zero[:], dx, ahead...)
}

// Weights is what Forward reads of output panel p, WeightsBack what BackInput reads
// for panel q of its result: to be named as memory that is used next.
func (l *Linear) Weights(p int) []float32 { return l.w[p].Value() }

// WeightsBack is described with Weights.
func (l *Linear) WeightsBack(q int) []float32 { return l.back(q) }

// back is panel q of the transposed copy.
func (l *Linear) back(q int) []float32 {
	n := l.Panels() * f32.Width * f32.Width
	return l.transposed[q*n : (q+1)*n]
}

// zero is the bias of products that have none.
var zero [f32.Width]float32

// BackWeight computes the gradient of output panel p's weights from x and panel
// p of dy.
func (l *Linear) BackWeight(k *f32.Kernels, p, rows int, x []float32, stride int, dy []float32) {
	l.backWeightTo(k, rows, x, stride, dy, l.w[p].Grad())
}

func (l *Linear) backWeightTo(k *f32.Kernels, rows int, x []float32, stride int, dy, grad []float32) {
	k.MulT(rows, l.kp, l.kin, x, stride, dy, grad)
}

// WeightDot is the inner product of output panel p's weights with xᵀ dy, that
// is of x Wᵀ (without bias) with dy; scratch has room for as many rows of 32 as
// the layer has inputs. It is the gradient of a factor on x.
func (l *Linear) WeightDot(k *f32.Kernels, p, rows int, x []float32, stride int, dy, scratch []float32) float32 {
	l.backWeightTo(k, rows, x, stride, dy, scratch)
	n := l.kp * l.kin * f32.Width
	return k.Dot(l.w[p].Value()[:n], scratch[:n])
}

// BiasGrad is the gradient of output panel p's bias, for the caller to set.
func (l *Linear) BiasGrad(p int) []float32 { return l.b[p].Grad() }

// WeightGrad is the gradient of output panel p's weights: one row of 32 outputs
// per input.
func (l *Linear) WeightGrad(p int) []float32 { return l.w[p].Grad() }

// transpose renews what the transposed copy has of output panel p.
func (l *Linear) transpose(k *f32.Kernels, p int) {
	const block = f32.Width * f32.Width
	for q := range l.kp {
		k.Transpose(l.w[p].Value()[q*block:], l.transposed[(q*len(l.w)+p)*block:])
	}
}
