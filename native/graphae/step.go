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
// activation and some parts of the batch; only products read what others wrote.
func (s *stepper) step(worker int) {
	n, w, t := s.net, s.ws, s.team
	k := n.k
	p0, p1 := t.Share(worker, f32.Panels(n.hidden))
	b0, b1 := t.Share(worker, nn.Parts)

	for i := b0; i < b1; i++ {
		w.fill(i, n, s.data, s.cells)
	}
	t.Wait()
	if n.gcn != nil {
		n.gcn.forward(s, p0, p1)
	} else {
		s.forward(worker, p0, p1)
	}
	for i := b0; i < b1; i++ {
		s.objective(&w.parts[i], i)
	}
	t.Wait()
	if worker == 0 {
		s.collect()
	}
	s.headsBack(p0, p1)
	if n.gcn != nil {
		n.gcn.backward(s, p0, p1)
	} else {
		s.backward(worker, p0, p1)
	}
	if worker == 0 {
		s.collectEps()
	}
	t.Wait()
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
	t.Wait()
	n.refresh(worker, t.Size())
}

// panel is panel p of an activation.
func (w *workspace) panel(x []float32, p int) []float32 { return x[p*w.stride : (p+1)*w.stride] }

func (s *stepper) forward(worker, p0, p1 int) {
	n, w, k := s.net, s.ws, s.net.k
	for i, l := range n.gin {
		for p := p0; p < p1; p++ {
			l.first.Forward(k, p, w.rows, w.agg[i], w.stride, w.panel(w.y1[i], p))
			l.norm1.Forward(k, p, w.rows, w.panel(w.y1[i], p), w.panel(w.a1[i], p), s.training)
		}
		s.team.Wait()
		for p := p0; p < p1; p++ {
			l.last.Forward(k, p, w.rows, w.a1[i], w.stride, w.panel(w.y2[i], p))
			l.norm2.Forward(k, p, w.rows, w.panel(w.y2[i], p), w.panel(w.h[i+1], p), s.training)
			if i+1 < n.layers {
				k.Aggregate(w.rows, 1+n.gin[i+1].eps.Value()[0], w.count, w.near, w.panel(w.h[i+1], p), w.panel(w.agg[i+1], p))
			}
		}
		s.team.Wait()
	}
}

// headsBack leaves the gradient of the encoder's output in dh.
func (s *stepper) headsBack(p0, p1 int) {
	n, w, k := s.net, s.ws, s.net.k
	for p := p0; p < p1; p++ {
		k.MulT(w.rows, f32.Width, w.panel(w.h[n.layers], p), w.dhead, n.heads.WeightGrad(0)[p*f32.Width*f32.Width:])
		n.heads.BackInput(k, p, w.rows, w.dhead, w.stride, w.panel(w.dh, p), w.zero)
	}
}

func (s *stepper) backward(worker, p0, p1 int) {
	n, w, k := s.net, s.ws, s.net.k
	rows, panels := w.rows, f32.Panels(n.hidden)
	for i := n.layers - 1; i >= 0; i-- {
		l := n.gin[i]
		for p := p0; p < p1; p++ {
			l.norm2.Backward(k, p, rows, w.panel(w.y2[i], p), w.panel(w.dh, p), w.panel(w.dy2, p), l.last.BiasGrad(p), s.training)
			l.last.BackWeight(k, p, rows, w.a1[i], w.stride, w.panel(w.dy2, p))
		}
		s.team.Wait()
		for p := p0; p < p1; p++ {
			d := w.panel(w.dh, p) // free until the layer below writes it
			l.last.BackInput(k, p, rows, w.dy2, w.stride, d, w.zero)
			l.norm1.Backward(k, p, rows, w.panel(w.y1[i], p), d, w.panel(w.dy1, p), l.first.BiasGrad(p), s.training)
			l.first.BackWeight(k, p, rows, w.agg[i], w.stride, w.panel(w.dy1, p))
			if i == 0 { // the gradient of eps without the one of the input
				w.epsDot[p] = l.first.WeightDot(k, p, rows, w.x0, w.stride, w.panel(w.dy1, p), w.scratch[worker])
			}
		}
		s.team.Wait()
		if i == 0 {
			return
		}
		for p := p0; p < p1; p++ {
			// dy2 is free now; the adjacency is symmetric, so the gradient of the
			// aggregation is the aggregation of the gradient.
			dagg := w.panel(w.dy2, p)
			l.first.BackInput(k, p, rows, w.dy1, w.stride, dagg, w.zero)
			w.epsDot[i*panels+p] = k.Dot(dagg[:rows*f32.Width], w.panel(w.h[i], p)[:rows*f32.Width])
			k.Aggregate(rows, 1+l.eps.Value()[0], w.count, w.near, dagg, w.panel(w.dh, p))
		}
	}
}

// collectEps adds up the gradients of eps.
func (s *stepper) collectEps() {
	panels := f32.Panels(s.net.hidden)
	for i, l := range s.net.gin {
		var sum float32
		for _, v := range s.ws.epsDot[i*panels : (i+1)*panels] {
			sum += v
		}
		l.eps.Grad()[0] = sum
	}
}
