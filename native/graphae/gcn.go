package graphae

import (
	"fmt"
	"math"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// gcn is the encoder of GAE and VGAE: graph convolutions (Kipf, Welling:
// Variational Graph Auto-Encoders, 2016),
//
//	H' = ReLU(BN(Ã H W + b)),  Ã = D^-1/2 (A + Aᵀ + s I) D^-1/2
//
// with D the row sums of A + Aᵀ + s I, and linear heads on Ã H: the heads are
// graph convolutions too. A node that is absent has only its self loop, and is
// its own average.
//
// Two things are not in the paper of 2016. Without batch normalisation, which
// arch2vec's encoder has as well, four layers do not learn to tell nodes apart.
// And at s = 1 adjacent nodes with the same neighbours get the same features,
// whatever they are: the weight s of self loops, which Kipf and Welling's paper
// on graph convolutional networks (2017, section 7.2) proposes to choose, lifts
// that.
//
// The graphs of a batch are so small that Ã is kept whole, N x N for each: one
// small product propagates a panel of a graph.
type gcn struct {
	self   float64 // s
	layers []*nn.Linear
	norms  []*nn.BatchNorm
	zero   []float32
}

func newGCN(p *nn.Params, s shape) *gcn {
	c := &gcn{self: s.selfLoop, zero: f32.Align(f32.Width)}
	in := s.ops
	for i := range s.layers {
		name := fmt.Sprintf("encoder.gcn.%d.", i)
		c.layers = append(c.layers, nn.NewLinear(p, name+"linear", in, s.hidden, i > 0))
		c.norms = append(c.norms, nn.NewBatchNorm(p, name+"norm", s.hidden))
		in = s.hidden
	}
	return c
}

func (c *gcn) init(draw func() float64) {
	for i, l := range c.layers {
		l.Init(draw, 0, l.Out)
		c.norms[i].Init()
	}
}

// fold prepares evaluation, as network.refreshAll says.
func (c *gcn) fold() {
	for i, l := range c.layers {
		for p := range l.Panels() {
			c.norms[i].Fold(p)
		}
	}
}

// state lists what network.state does.
func (c *gcn) state(each func(name string, data []float32)) {
	for i, norm := range c.norms {
		name := fmt.Sprintf("encoder.gcn.%d.norm.", i)
		each(name+"running_mean", norm.RunningMean)
		each(name+"running_var", norm.RunningVar)
	}
}

// fill computes Ã of the graphs of part i, and the input of the first layer, Ã X.
func (c *gcn) fill(k *f32.Kernels, w *workspace, i, nodes int) {
	p := &w.parts[i]
	for g := p.g0; g < p.g1; g++ {
		for r := g * nodes; r < (g+1)*nodes; r++ {
			row := w.adj[r*f32.Width:][:nodes]
			clear(row)
			degree := c.self + float64(w.count[r])
			row[r-g*nodes] = float32(c.self / degree)
			for _, at := range w.near[f32.Near*r:][:w.count[r]] {
				j := int(at) / (4 * f32.Width)
				row[j-g*nodes] = float32(1 / math.Sqrt(degree*(c.self+float64(w.count[j]))))
			}
		}
		c.mix(k, w, g, nodes, w.x0, w.agg[0])
	}
}

// mix computes Ã x of graph g, x and out panels.
func (c *gcn) mix(k *f32.Kernels, w *workspace, g, nodes int, x, out []float32) {
	o := g * nodes * f32.Width
	k.Mul(nodes, 1, nodes, w.adj[o:], 0, x[o:], c.zero, out[o:])
}

// propagate computes Ã x for a panel of the whole batch.
func (c *gcn) propagate(k *f32.Kernels, w *workspace, x, out []float32) {
	nodes := w.rows / w.graphs
	for g := range w.graphs {
		c.mix(k, w, g, nodes, x, out)
	}
}

func (c *gcn) forward(s *stepper, p0, p1 int) {
	w, k := s.ws, s.net.k
	for i, l := range c.layers {
		out := w.h[i+1]
		if i+1 < len(c.layers) {
			out = w.agg[i+1]
		}
		for p := p0; p < p1; p++ {
			y, a := w.panel(w.y1[i], p), w.panel(w.a1[i], p)
			l.Forward(k, p, w.rows, w.agg[i], w.stride, y)
			c.norms[i].Forward(k, p, w.rows, y, a, s.training)
			c.propagate(k, w, a, w.panel(out, p))
		}
		s.team.Wait()
	}
}

// infer encodes like forward, but keeps nothing, and returns the input of the
// heads.
func (c *gcn) infer(k *f32.Kernels, w *workspace, panels int) []float32 {
	x, out := w.agg[0], w.dh
	for i, l := range c.layers {
		for p := range panels {
			y := w.panel(w.dy1, p)
			l.Forward(k, p, w.rows, x, w.stride, y)
			c.norms[i].Infer(k, p, w.rows, y, y)
			c.propagate(k, w, y, w.panel(out, p))
		}
		x, out = out, x
	}
	return x
}

// backward starts from the gradient of the heads' input in dh. Ã is symmetric,
// so the gradient of a propagation is the propagation of the gradient.
func (c *gcn) backward(s *stepper, p0, p1 int) {
	w, k := s.ws, s.net.k
	// In d is the gradient of a layer's output, then of what its ReLU read. The
	// layer below writes another one, for threads may still read this.
	d, next, dx := w.dy2, w.dy1, w.dh
	for i := len(c.layers) - 1; i >= 0; i-- {
		l := c.layers[i]
		for p := p0; p < p1; p++ {
			a := w.panel(w.a1[i], p) // read no more
			c.propagate(k, w, w.panel(dx, p), a)
			c.norms[i].Backward(k, p, w.rows, w.panel(w.y1[i], p), a, w.panel(d, p), l.BiasGrad(p), s.training)
			l.BackWeight(k, p, w.rows, w.agg[i], w.stride, w.panel(d, p))
		}
		s.team.Wait()
		if i == 0 {
			return
		}
		for p := p0; p < p1; p++ {
			l.BackInput(k, p, w.rows, d, w.stride, w.panel(dx, p), c.zero)
		}
		d, next = next, d
	}
}
