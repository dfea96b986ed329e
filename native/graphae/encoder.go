package graphae

import (
	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// encoder turns the graphs of a batch into features: a row of hidden numbers for
// every node, from which the heads make latent vectors. There are two: gin and
// gcn. Each has its own layers; activations are in the workspace, in panels.
//
// In forward and backward a thread computes the panels p0 to p1-1 of every
// activation, and waits for the others where a product reads all panels.
type encoder interface {
	// init draws the initial weights, fold prepares evaluation.
	init(draw func() float64)
	fold()
	// state lists the named arrays that are part of the model but not parameters.
	state(each func(name string, data []float32))

	// input makes the input of the first layer, agg[0], for part i of a batch that
	// workspace.fill has read.
	input(w *workspace, i int)
	// forward leaves the features in h.
	forward(s *stepper, worker, p0, p1 int)
	// backward computes the gradients of all parameters of panels p0 to p1-1, from
	// what headsBack gives, and collect those that have a share in each panel.
	backward(s *stepper, worker, p0, p1 int)
	collect(w *workspace)
	// infer leaves the features in h by evaluation mode, keeping nothing else. It
	// does not change the encoder and may run concurrently.
	infer(f *inference)
}

func newEncoder(p *nn.Params, k *f32.Kernels, s shape) encoder {
	if s.convolves() {
		return newGCN(p, k, s)
	}
	return newGIN(p, k, s)
}
