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
//	H' = ReLU(Ã H W + b),  Ã = D^-1/2 (A + Aᵀ + I) D^-1/2
//
// with D the degrees of A + Aᵀ + I, and linear heads on Ã H: the heads are
// graph convolutions too. A node that is absent has degree 1, by its self loop.
//
// The graphs of a batch are so small that Ã is kept whole, N x N for each: one
// small product propagates a panel of a graph.
type gcn struct {
	layers    []*nn.Linear
	one, zero []float32 // a row each: the scale and shift of a plain ReLU
}

func newGCN(p *nn.Params, s shape) *gcn {
	c := &gcn{one: f32.Align(f32.Width), zero: f32.Align(f32.Width)}
	for i := range c.one {
		c.one[i] = 1
	}
	in := s.ops
	for i := range s.layers {
		c.layers = append(c.layers, nn.NewLinear(p, fmt.Sprintf("encoder.gcn.%d", i), in, s.hidden, i > 0))
		in = s.hidden
	}
	return c
}

// convolutions are the layers of a gcn, if the encoder is one.
func (n *network) convolutions() []*nn.Linear {
	if n.gcn == nil {
		return nil
	}
	return n.gcn.layers
}

// fill computes Ã of the graphs of part i, and the input of the first layer, Ã X.
func (c *gcn) fill(k *f32.Kernels, w *workspace, i, nodes int) {
	p := &w.parts[i]
	for g := p.g0; g < p.g1; g++ {
		for r := g * nodes; r < (g+1)*nodes; r++ {
			row := w.adj[r*f32.Width:][:nodes]
			clear(row)
			self := math.Sqrt(float64(w.count[r] + 1))
			row[r-g*nodes] = float32(1 / (self * self))
			for _, at := range w.near[f32.Near*r:][:w.count[r]] {
				j := int(at) / (4 * f32.Width)
				row[j-g*nodes] = float32(1 / (self * math.Sqrt(float64(w.count[j]+1))))
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

// layer runs panel p of layer l: y gets what the ReLU reads, a its output, and
// out that output propagated.
func (c *gcn) layer(k *f32.Kernels, l *nn.Linear, p int, w *workspace, x, y, a, out []float32) {
	l.Forward(k, p, w.rows, x, w.stride, w.panel(y, p))
	k.AffineReLU(w.rows, w.panel(y, p), c.one, c.zero, w.panel(a, p))
	c.propagate(k, w, w.panel(a, p), w.panel(out, p))
}

func (c *gcn) forward(s *stepper, p0, p1 int) {
	w := s.ws
	for i, l := range c.layers {
		out := w.h[i+1]
		if i+1 < len(c.layers) {
			out = w.agg[i+1]
		}
		for p := p0; p < p1; p++ {
			c.layer(s.net.k, l, p, w, w.agg[i], w.y1[i], w.a1[i], out)
		}
		s.team.Wait()
	}
}

// infer encodes like forward, but keeps nothing, and returns the input of the
// heads.
func (c *gcn) infer(k *f32.Kernels, w *workspace, panels int) []float32 {
	x, out := w.agg[0], w.dh
	for _, l := range c.layers {
		for p := range panels {
			c.layer(k, l, p, w, x, w.dy1, w.dy1, out)
		}
		x, out = out, x
	}
	return x
}

// backward starts from the gradient of the heads' input in dh. Ã is symmetric,
// so the gradient of a propagation is the propagation of the gradient.
func (c *gcn) backward(s *stepper, worker, p0, p1 int) {
	w, k := s.ws, s.net.k
	// In d is the gradient of a layer's output, then of what its ReLU read. The
	// layer below writes another one, for threads may still read this.
	d, next, dx := w.dy2, w.dy1, w.dh
	for i := len(c.layers) - 1; i >= 0; i-- {
		l := c.layers[i]
		for p := p0; p < p1; p++ {
			c.propagate(k, w, w.panel(dx, p), w.panel(d, p))
			k.ReLUBack(w.rows, w.panel(w.y1[i], p), c.one, c.zero, c.zero, w.panel(d, p), l.BiasGrad(p), w.scratch[worker])
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
