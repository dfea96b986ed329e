package dngo

import (
	"math"
	"math/rand/v2"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// network is y = w·tanh(W x + b) + c. Its parameters lie in one array, so that Adam
// is one call: for each panel of 32 units the rows of W, kp pieces of kin of which
// row dim is b (inputs end in 1); then w; then c.
type network struct {
	k       *f32.Kernels
	hidden  int
	kp, kin int

	param, grad, m, v []float32
	steps             int

	// A batch, rows of 32: inputs, units, and the gradient with respect to their
	// sums. Panels are stride elements apart.
	batch  int
	stride int
	x, h   []float32
	dh     []float32
	errs   []float32
}

// newNetwork makes a network of inputs with dim coordinates and a 1, in kp pieces of
// kin, with PyTorch's initial weights: uniform in ±1/sqrt(fan-in).
func newNetwork(k *f32.Kernels, s Settings, dim, kp, kin int, rng *rand.Rand) *network {
	n := &network{k: k, hidden: s.Hidden, kp: kp, kin: kin, batch: s.Batch, stride: s.Batch * f32.Width}
	size := n.unitSize()*f32.Panels(s.Hidden) + s.Hidden + f32.Lane
	n.param, n.grad, n.m, n.v = f32.Align(size), f32.Align(size), f32.Align(size), f32.Align(size)
	uniform := func(fan int) float32 { return float32((2*rng.Float64() - 1) / math.Sqrt(float64(fan))) }
	for u := range s.Hidden {
		for d := range dim + 1 {
			n.units(n.param, u/f32.Width)[d*f32.Width+u%f32.Width] = uniform(dim)
		}
	}
	for u := range s.Hidden {
		n.weights(n.param)[u] = uniform(s.Hidden)
	}
	*n.constant(n.param) = uniform(s.Hidden)
	n.x, n.errs = f32.Align(kp*n.stride), make([]float32, s.Batch)
	n.h, n.dh = f32.Align(f32.Panels(s.Hidden)*n.stride), f32.Align(n.stride)
	return n
}

// unitSize is the number of elements of a panel of W.
func (n *network) unitSize() int { return n.kp * n.kin * f32.Width }

func (n *network) units(store []float32, panel int) []float32 {
	return store[panel*n.unitSize() : (panel+1)*n.unitSize()]
}

func (n *network) weights(store []float32) []float32 {
	at := n.unitSize() * f32.Panels(n.hidden)
	return store[at : at+n.hidden]
}

func (n *network) constant(store []float32) *float32 { return &store[len(store)-f32.Lane] }

// forward computes the units of rows points in x, whose panels are stride elements
// apart, into h, whose panels are likewise.
func (n *network) forward(rows int, x []float32, stride int, h []float32) {
	panels := f32.Panels(n.hidden)
	for p := range panels {
		n.k.Mul(rows, n.kp, n.kin, x, stride, n.units(n.param, p), zeros[:], h[p*stride:], nil)
	}
	all := h[:(panels-1)*stride+rows*f32.Width]
	n.k.Tanh(all, all)
}

// zeros is the bias of a product that has none.
var zeros [f32.Width]float32

// gradient computes the mean squared error of the batch's rows in x and its
// gradient with respect to all parameters.
func (n *network) gradient(rows int, y []float32) float64 {
	n.forward(rows, n.x, n.stride, n.h)
	w, dw := n.weights(n.param), n.weights(n.grad)
	n.k.Readout(rows, f32.Panels(n.hidden), n.stride, n.h, w, n.errs)
	loss, dc := 0.0, float32(0)
	for r := range rows {
		e := n.errs[r] + *n.constant(n.param) - y[r]
		loss += float64(e) * float64(e)
		n.errs[r] = 2 * e / float32(rows)
		dc += n.errs[r]
	}
	*n.constant(n.grad) = dc
	for p := range f32.Panels(n.hidden) {
		n.k.ReadoutBack(rows, n.errs, w[p*f32.Width:], n.h[p*n.stride:], n.dh, dw[p*f32.Width:])
		n.k.MulT(rows, n.kp, n.kin, n.x, n.stride, n.dh, n.units(n.grad, p))
	}
	return loss / float64(rows)
}

// adam are the published settings.
var adam = nn.Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}

func (n *network) update(rate float64) {
	n.steps++
	n.k.Adam(adam.Step(n.steps, rate, 0), n.param, n.grad, n.m, n.v)
}

// train fits the network to points, rows of kp*kin numbers, and their targets.
func (n *network) train(s Settings, points, y []float32, rng *rand.Rand) {
	order := make([]int, len(y))
	for i := range order {
		order[i] = i
	}
	size := min(s.Batch, len(y))
	height := n.kp * n.kin
	targets := make([]float32, size)
	for range s.Epochs {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for first := 0; first+size <= len(order); first += size {
			for r, i := range order[first : first+size] {
				targets[r] = y[i]
				for q := range n.kp {
					copy(n.x[q*n.stride+r*f32.Width:][:n.kin], points[i*height+q*n.kin:])
				}
			}
			n.gradient(size, targets)
			n.update(s.Rate)
		}
	}
}
