package graphae

import (
	"fmt"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// Random streams of a run. Each is a key of its own, so that no draw depends on
// how many another stream has taken.
const (
	streamInit = iota
	streamSplit
	streamOrder
	streamNoise
	streamDropout
	streamDraw
	streamPick
)

// shape is what determines a network's parameters.
type shape struct {
	nodes, ops, layers, hidden, latent int
}

// network is the model: parameters and layers, without activations.
type network struct {
	shape
	k       *f32.Kernels
	params  *nn.Params
	gin     []ginLayer
	heads   *nn.Linear // mu in columns 0..15, log sigma in 16..31
	decoder *nn.Linear
}

// ginLayer is one layer of a Graph Isomorphism Network (Xu, Hu, Leskovec,
// Jegelka 2019) with learnable eps.
type ginLayer struct {
	eps          nn.Slot
	first, last  *nn.Linear
	norm1, norm2 *nn.BatchNorm
}

// newNetwork returns a network with all parameters zero. Without gradients it
// is for inference.
func newNetwork(s shape, k *f32.Kernels, gradients bool) *network {
	n := &network{shape: s, k: k, params: &nn.Params{}}
	in := s.ops
	for i := range s.layers {
		name := fmt.Sprintf("encoder.gin.%d.", i)
		l := ginLayer{eps: n.params.Scalar(name + "eps")}
		l.first = nn.NewLinear(n.params, name+"linear1", in, s.hidden, i > 0)
		l.norm1 = nn.NewBatchNorm(n.params, name+"norm1", s.hidden)
		l.last = nn.NewLinear(n.params, name+"linear2", s.hidden, s.hidden, true)
		l.norm2 = nn.NewBatchNorm(n.params, name+"norm2", s.hidden)
		n.gin = append(n.gin, l)
		in = s.hidden
	}
	n.heads = nn.NewLinear(n.params, "", s.hidden, 2*maxLatent, true)
	n.heads.Name(n.params, "encoder.mu", 0, s.latent)
	n.heads.Name(n.params, "encoder.log_sigma", maxLatent, s.latent)
	n.decoder = nn.NewLinear(n.params, "decoder.ops", s.latent, s.ops, true)
	n.params.Allocate(gradients)
	return n
}

// init draws the initial weights.
func (n *network) init(seed uint64) {
	src := &f32.Source{Key: f32.NewKey(seed, streamInit)}
	draw := func() float64 { return float64(src.Uint64()>>11) / (1 << 53) }
	for _, l := range n.gin {
		l.first.Init(draw, 0, n.hidden)
		l.last.Init(draw, 0, n.hidden)
		l.norm1.Init()
		l.norm2.Init()
	}
	n.heads.Init(draw, 0, n.latent)
	n.heads.Init(draw, maxLatent, n.latent)
	n.decoder.Init(draw, 0, n.ops)
	n.refreshAll()
}

// refreshAll brings everything that is derived from parameters up to date.
func (n *network) refreshAll() {
	n.refresh(0, 1)
	for _, l := range n.gin {
		for p := range f32.Panels(n.hidden) {
			l.norm1.Fold(p)
			l.norm2.Fold(p)
		}
	}
}

// refresh renews every of-th block, from the first-th, of the transposed weights.
func (n *network) refresh(first, of int) {
	i := first
	each := func(l *nn.Linear) {
		for ; i < l.Blocks(); i += of {
			l.Refresh(n.k, i)
		}
		i -= l.Blocks()
	}
	for _, l := range n.gin {
		each(l.first)
		each(l.last)
	}
	each(n.heads)
	each(n.decoder)
}

// state lists the named arrays that are part of the model but not parameters.
func (n *network) state(each func(name string, data []float32)) {
	for i, l := range n.gin {
		name := fmt.Sprintf("encoder.gin.%d.", i)
		each(name+"norm1.running_mean", l.norm1.RunningMean)
		each(name+"norm1.running_var", l.norm1.RunningVar)
		each(name+"norm2.running_mean", l.norm2.RunningMean)
		each(name+"norm2.running_var", l.norm2.RunningVar)
	}
}

// copyFrom makes n, of the same shape, the same model as m.
func (n *network) copyFrom(m *network) {
	copy(n.params.Value, m.params.Value)
	for i, l := range n.gin {
		copy(l.norm1.RunningMean, m.gin[i].norm1.RunningMean)
		copy(l.norm1.RunningVar, m.gin[i].norm1.RunningVar)
		copy(l.norm2.RunningMean, m.gin[i].norm2.RunningMean)
		copy(l.norm2.RunningVar, m.gin[i].norm2.RunningVar)
	}
	n.refreshAll()
}

// flops is the number of floating-point operations in the matrix products of
// one training step, forward and backward, over rows rows and graphs graphs.
func (s shape) flops(rows, graphs int) float64 {
	first := 2 * s.ops * s.hidden // no gradient with respect to the input
	square := 3 * (2*s.layers - 1) * s.hidden * s.hidden
	heads := 3*2*s.hidden*s.latent + 3*s.latent*s.ops
	edges := 3 * s.nodes * s.nodes * s.latent
	return 2 * (float64(rows)*float64(first+square+heads) + float64(graphs)*float64(edges))
}
