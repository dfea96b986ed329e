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
	k      *f32.Kernels
	self   float64 // s
	layers []*nn.Linear
	norms  []*nn.BatchNorm
}

func newGCN(p *nn.Params, k *f32.Kernels, s shape) *gcn {
	c := &gcn{k: k, self: s.selfLoop}
	in := s.inputs()
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

func (c *gcn) fold() {
	for i, l := range c.layers {
		for p := range l.Panels() {
			c.norms[i].Fold(p)
		}
	}
}

func (c *gcn) state(each func(name string, data []float32)) {
	for i, norm := range c.norms {
		name := fmt.Sprintf("encoder.gcn.%d.norm.", i)
		each(name+"running_mean", norm.RunningMean)
		each(name+"running_var", norm.RunningVar)
	}
}

// input computes Ã of the graphs of part i, and Ã X.
func (c *gcn) input(w *workspace, i int) {
	p := &w.parts[i]
	for g := p.g0; g < p.g1; g++ {
		for r := g * w.nodes; r < (g+1)*w.nodes; r++ {
			row := w.adj[r*f32.Width:][:w.nodes]
			clear(row)
			degree := c.self + float64(w.count[r])
			row[r-g*w.nodes] = float32(c.self / degree)
			for _, at := range w.near[f32.Near*r:][:w.count[r]] {
				j := int(at) / (4 * f32.Width)
				row[j-g*w.nodes] = float32(1 / math.Sqrt(degree*(c.self+float64(w.count[j]))))
			}
		}
		c.mix(w, g, w.x0, w.agg[0])
	}
}

// none is the bias of a product that has none.
var none [f32.Width]float32

// mix computes Ã x of graph g, x and out panels.
func (c *gcn) mix(w *workspace, g int, x, out []float32) {
	o := g * w.nodes * f32.Width
	c.k.Mul(w.nodes, 1, w.nodes, w.adj[o:], 0, x[o:], none[:], out[o:], nil)
}

// propagate computes Ã x for a panel of the whole batch.
func (c *gcn) propagate(w *workspace, x, out []float32) {
	for g := range w.graphs {
		c.mix(w, g, x, out)
	}
}

func (c *gcn) forward(s *stepper, worker, p0, p1 int) {
	w := s.ws
	for i, l := range c.layers {
		out := w.h
		if i+1 < len(c.layers) {
			out = w.agg[i+1]
		}
		for p := p0; p < p1; p++ {
			y, a := w.panel(w.y1[i], p), w.panel(w.own[worker], 0)
			l.Forward(c.k, p, w.rows, w.agg[i], w.stride, y, w.panel(out, p))
			c.norms[i].Forward(c.k, p, w.rows, y, a, s.training)
			c.propagate(w, a, w.panel(out, p))
		}
		s.team.Wait()
	}
}

// backward: Ã is symmetric, so the gradient of a propagation is the propagation of
// the gradient.
func (c *gcn) backward(s *stepper, worker, p0, p1 int) {
	w := s.ws
	// The layer below writes another gradient, for threads may still read this.
	above, d := w.dy1, w.dy2
	for i := len(c.layers) - 1; i >= 0; i-- {
		l := c.layers[i]
		for p := p0; p < p1; p++ {
			y, dx, dy := w.panel(w.y1[i], p), w.panel(w.own[worker], 0), w.panel(d, p)
			if i+1 == len(c.layers) {
				s.headsBack(p, dx, y)
			} else {
				c.layers[i+1].BackInput(c.k, p, w.rows, above, w.stride, dx, y)
			}
			c.propagate(w, dx, dy)
			c.norms[i].Backward(c.k, p, w.rows, y, dy, l.BiasGrad(p), s.training)
			l.BackWeight(c.k, p, w.rows, w.agg[i], w.stride, dy)
		}
		s.team.Wait()
		above, d = d, above
	}
}

func (c *gcn) collect(*workspace) {}

func (c *gcn) infer(f *inference) {
	w := f.ws
	x, y, out := w.agg[0], w.dy1, w.h
	for i, l := range c.layers {
		for p := range l.Panels() {
			a := w.panel(y, p)
			l.Forward(c.k, p, w.rows, x, w.stride, a)
			c.norms[i].Infer(c.k, p, w.rows, a, a)
		}
		for p := range l.Panels() {
			c.propagate(w, w.panel(y, p), w.panel(out, p))
		}
		if i+1 < len(c.layers) { // the next layer may overwrite what it does not read
			x, out = out, x
		}
	}
	w.h, w.agg[0] = out, x
}
