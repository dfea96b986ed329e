package graphae

import (
	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// stepper runs training steps of one network.
type stepper struct {
	net  *network
	ws   *workspace
	data *dataset
	cfg  Config
	adam nn.Adam
	team *nn.Team
	run  func(worker int) // s.step, bound once so that a step allocates nothing

	// objective runs a part of the batch from the encoder's output through the loss
	// and back to the gradient of the heads: heads, or regress when supervised.
	objective func(p *part, i int)
	targets   []float32 // by cell of the data set, when supervised

	noiseKey, dropKey f32.Key

	// Of the step at hand.
	cells    []int32
	training bool // noise, dropout, batch statistics
	update   bool // apply the gradients; false in gradient checks
	count    int  // steps taken, the counter of all randomness
	rate     float64
	ramp     float64 // factor on the weight of edges
	drop     float64 // probability of dropout
	loss     float64
}

func newStepper(n *network, d *dataset, c Config) *stepper {
	s := &stepper{
		net: n, ws: newWorkspace(n.shape, c.BatchSize), data: d, cfg: c, update: true,
		rate: c.LearningRate, ramp: 1, drop: c.Dropout,
		adam:     nn.Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Clip: c.ClipNorm},
		noiseKey: f32.NewKey(c.Seed, streamNoise), dropKey: f32.NewKey(c.Seed, streamDropout),
	}
	s.run, s.objective = s.step, s.heads
	return s
}

// take runs one step over the given cells of the data set and returns its loss.
func (s *stepper) take(cells []int32, training bool) float64 {
	s.cells, s.training = cells, training
	s.ws.begin(s.net.shape, len(cells))
	s.team.Run(s.run)
	s.count++
	return s.loss
}

// step is one thread's share of a step. A thread owns some panels of every
// layer: of its activations, their gradients, its weights and their moments. Only
// products read what others wrote, after a barrier.
func (s *stepper) step(worker int) {
	n, w, t := s.net, s.ws, s.team
	k := n.k
	p0, p1 := t.Panels(worker, f32.Panels(n.hidden))
	b0, b1 := t.Share(worker, nn.Parts)

	for i := b0; i < b1; i++ {
		w.fill(i, n, s.data, s.cells)
	}
	t.Wait()
	n.encoder.forward(s, worker, p0, p1)
	for i := b0; i < b1; i++ {
		s.objective(&w.parts[i], i)
	}
	t.Wait()
	if worker == 0 {
		s.collect()
	}
	n.encoder.backward(s, worker, p0, p1)
	if worker == 0 {
		n.encoder.collect(w)
	}
	for i := b0; i < b1; i++ {
		w.parts[i].norm2 = n.params.Norm2(k, i)
	}
	t.Wait()
	if !s.update {
		return
	}
	norm2 := 0.0
	for i := range w.parts {
		norm2 += w.parts[i].norm2
	}
	a := s.adam.Step(s.count+1, s.rate, norm2)
	for i := b0; i < b1; i++ {
		n.params.Update(k, a, i)
	}
}

// panel is panel p of an activation.
func (w *workspace) panel(x []float32, p int) []float32 {
	return x[p*w.stride:][:w.rows*f32.Width]
}

// headsBack sets d to panel p of the gradient of the encoder's output, and
// computes the gradient of the heads' weights that read it.
func (s *stepper) headsBack(p int, d []float32, ahead ...[]float32) {
	n, w, k := s.net, s.ws, s.net.k
	k.MulT(w.rows, 1, f32.Width, w.panel(w.h, p), 0, w.dhead, n.heads.WeightGrad(0)[p*f32.Width*f32.Width:])
	n.heads.BackInput(k, p, w.rows, w.dhead, w.stride, d, ahead...)
}
