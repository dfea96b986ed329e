package graphae

import (
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
	model                              string
	nodes, ops, layers, hidden, latent int
	selfLoop                           float64 // of a gcn
	twins                              bool
}

// inputs is the number of features of a vertex that the encoder reads.
func (s shape) inputs() int {
	if s.twins {
		return s.ops + twinColumns
	}
	return s.ops
}

// convolves says whether the encoder is a gcn, samples whether z has noise and a
// divergence.
func (s shape) convolves() bool { return s.model == modelGAE || s.model == modelVGAE }

func (s shape) samples() bool { return s.model != modelGAE && s.model != modelSupervised }

// network is the model: parameters and layers, without activations.
type network struct {
	shape
	k       *f32.Kernels
	params  *nn.Params
	encoder encoder
	heads   *nn.Linear // mu in columns 0..15, log sigma in 16..31
	decoder *nn.Linear // of operations; or the regression when supervised
}

// newNetwork returns a network with all parameters zero. Without gradients it
// is for inference.
func newNetwork(s shape, k *f32.Kernels, gradients bool) *network {
	n := &network{shape: s, k: k, params: &nn.Params{}}
	n.encoder = newEncoder(n.params, k, s)
	n.heads = nn.NewLinear(n.params, "", s.hidden, 2*maxLatent, true)
	if s.model == modelSupervised {
		n.heads.Name(n.params, "encoder.code", 0, s.latent)
		n.decoder = nn.NewLinear(n.params, "regression", s.latent, 1, true)
	} else {
		n.heads.Name(n.params, "encoder.mu", 0, s.latent)
		if s.samples() {
			n.heads.Name(n.params, "encoder.log_sigma", maxLatent, s.latent)
		}
		n.decoder = nn.NewLinear(n.params, "decoder.ops", s.latent, s.ops, true)
	}
	n.params.Allocate(gradients)
	return n
}

// init draws the initial weights.
func (n *network) init(seed uint64) {
	src := &f32.Source{Key: f32.NewKey(seed, streamInit)}
	draw := func() float64 { return float64(src.Uint64()>>11) / (1 << 53) }
	n.encoder.init(draw)
	n.heads.Init(draw, 0, n.latent)
	if n.samples() {
		n.heads.Init(draw, maxLatent, n.latent)
	}
	n.decoder.Init(draw, 0, n.decoder.Out)
	n.refreshAll()
}

// refreshAll brings everything that is derived from parameters up to date.
func (n *network) refreshAll() {
	n.params.Refresh(n.k)
	n.encoder.fold()
}

// copyFrom makes n, of the same shape, the same model as m.
func (n *network) copyFrom(m *network) {
	copy(n.params.Value, m.params.Value)
	var from [][]float32
	m.encoder.state(func(_ string, data []float32) { from = append(from, data) })
	n.encoder.state(func(_ string, data []float32) {
		copy(data, from[0])
		from = from[1:]
	})
	n.refreshAll()
}

// square is the number of weights between hidden layers.
func (s shape) square() int {
	if s.convolves() {
		return (s.layers - 1) * s.hidden * s.hidden
	}
	return (2*s.layers - 1) * s.hidden * s.hidden
}

// flops is the number of floating-point operations in the matrix products of
// one training step, forward and backward, over rows rows and graphs graphs.
func (s shape) flops(rows, graphs int) float64 {
	first := 2 * s.ops * s.hidden // no gradient with respect to the input
	square := 3 * s.square()
	heads := 3*2*s.hidden*s.latent + 3*s.latent*s.ops
	edges := 3 * s.nodes * s.nodes * s.latent
	return 2 * (float64(rows)*float64(first+square+heads) + float64(graphs)*float64(edges))
}
