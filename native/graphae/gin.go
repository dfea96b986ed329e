package graphae

import (
	"fmt"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// gin is arch2vec's encoder: layers of a Graph Isomorphism Network (Xu, Hu,
// Leskovec, Jegelka 2019),
//
//	H' = MLP((1+eps) H + (A+Aᵀ) H)
//
// where the MLP is Linear, BatchNorm, ReLU, Linear, BatchNorm, ReLU.
type gin struct {
	k      *f32.Kernels
	ops    int
	panels int // of a hidden activation
	layers []ginLayer
}

type ginLayer struct {
	eps          nn.Slot
	first, last  *nn.Linear
	norm1, norm2 *nn.BatchNorm
}

func newGIN(p *nn.Params, k *f32.Kernels, s shape) *gin {
	e := &gin{k: k, ops: s.ops, panels: f32.Panels(s.hidden)}
	in := s.inputs()
	for i := range s.layers {
		name := fmt.Sprintf("encoder.gin.%d.", i)
		l := ginLayer{eps: p.Scalar(name + "eps")}
		l.first = nn.NewLinear(p, name+"linear1", in, s.hidden, i > 0)
		l.norm1 = nn.NewBatchNorm(p, name+"norm1", s.hidden)
		l.last = nn.NewLinear(p, name+"linear2", s.hidden, s.hidden, true)
		l.norm2 = nn.NewBatchNorm(p, name+"norm2", s.hidden)
		e.layers = append(e.layers, l)
		in = s.hidden
	}
	return e
}

func (e *gin) init(draw func() float64) {
	for _, l := range e.layers {
		l.first.Init(draw, 0, l.first.Out)
		l.last.Init(draw, 0, l.last.Out)
		l.norm1.Init()
		l.norm2.Init()
	}
}

func (e *gin) fold() {
	for _, l := range e.layers {
		for p := range e.panels {
			l.norm1.Fold(p)
			l.norm2.Fold(p)
		}
	}
}

func (e *gin) state(each func(name string, data []float32)) {
	for i, l := range e.layers {
		name := fmt.Sprintf("encoder.gin.%d.", i)
		each(name+"norm1.running_mean", l.norm1.RunningMean)
		each(name+"norm1.running_var", l.norm1.RunningVar)
		each(name+"norm2.running_mean", l.norm2.RunningMean)
		each(name+"norm2.running_var", l.norm2.RunningVar)
	}
}

// neighbours is the aggregation in front of layer l.
func (l *ginLayer) neighbours(w *workspace) nn.Neighbours {
	return nn.Neighbours{Self: 1 + l.eps.Value()[0], Count: w.count, Near: w.near}
}

// input is (1+eps) X + (A+Aᵀ) X of one-hot rows X: counts of operations.
func (e *gin) input(w *workspace, i int) {
	self, width := 1+e.layers[0].eps.Value()[0], up(e.layers[0].first.In, 4)
	for r := w.parts[i].g0 * w.nodes; r < w.parts[i].g1*w.nodes; r++ {
		agg := w.agg[0][r*f32.Width:][:width]
		clear(agg)
		e.add(agg, w, r, self)
		for _, at := range w.near[f32.Near*r:][:w.count[r]] {
			e.add(agg, w, int(at)/(4*f32.Width), 1)
		}
	}
}

// add adds weight times the input features of node r.
func (e *gin) add(agg []float32, w *workspace, r int, weight float32) {
	if o := w.op[r]; o >= 0 {
		agg[o] += weight
	}
	if t := w.twin[r]; t > 0 {
		agg[e.ops+int(t)-1] += weight
	}
}

func (e *gin) forward(s *stepper, worker, p0, p1 int) {
	w, k := s.ws, e.k
	for i, l := range e.layers {
		for p := p0; p < p1; p++ {
			y, a := w.panel(w.y1[i], p), w.panel(w.a1[i], p)
			next, to := l.last.Weights(p0), w.panel(w.y2[i], p0)
			if p+1 < p1 {
				next, to = l.first.Weights(p+1), w.panel(w.y1[i], p+1)
			}
			l.first.Forward(k, p, w.rows, w.agg[i], w.stride, y, a, next, to)
			l.norm1.Forward(k, p, w.rows, y, a, s.training)
		}
		s.team.Wait()
		for p := p0; p < p1; p++ {
			y := w.panel(w.y2[i], p)
			above := min(i+1, len(e.layers)-1)
			next, to := e.layers[above].first.Weights(p0), w.panel(w.y1[above], p0)
			if p+1 < p1 {
				next, to = l.last.Weights(p+1), w.panel(w.y2[i], p+1)
			}
			if i+1 == len(e.layers) {
				h := w.panel(w.h, p)
				l.last.Forward(k, p, w.rows, w.a1[i], w.stride, y, h, next, to)
				l.norm2.Forward(k, p, w.rows, y, h, s.training)
				continue
			}
			h, agg, near := w.panel(w.own[worker], 0), w.panel(w.agg[i+1], p), e.layers[i+1].neighbours(w)
			l.last.Forward(k, p, w.rows, w.a1[i], w.stride, y, agg, next, to)
			l.norm2.Forward(k, p, w.rows, y, h, s.training)
			k.Aggregate(w.rows, near.Self, near.Count, near.Near, h, agg)
		}
		s.team.Wait()
	}
}

// backward of a linear layer needs first the gradient of its output, panel by panel,
// and then, for its weights, all panels of its input. These come from the further
// cache while the gradients are computed.
func (e *gin) backward(s *stepper, worker, p0, p1 int) {
	w, k := s.ws, e.k
	for i := len(e.layers) - 1; i >= 0; i-- {
		l := e.layers[i]
		for p := p0; p < p1; p++ {
			y, dy, x := w.panel(w.y2[i], p), w.panel(w.dy2, p), w.panel(w.a1[i], p)
			if i+1 == len(e.layers) {
				s.headsBack(p, dy, y, x)
				l.norm2.Backward(k, p, w.rows, y, dy, l.last.BiasGrad(p), s.training)
				continue
			}
			above, dagg, next := &e.layers[i+1], w.panel(w.own[worker], 0), l.last.WeightsBack(p0)
			if p+1 < p1 {
				next = above.first.WeightsBack(p + 1)
			}
			above.first.BackInput(k, p, w.rows, w.dy1, w.stride, dagg, y, x, next, l.last.WeightGrad(p))
			w.epsDot[(i+1)*e.panels+p] = l.norm2.BackwardThrough(k, p, w.rows, above.neighbours(w), dagg, y, dy, l.last.BiasGrad(p), s.training)
		}
		for p := p0; p < p1; p++ {
			l.last.BackWeight(k, p, w.rows, w.a1[i], w.stride, w.panel(w.dy2, p))
		}
		s.team.Wait()
		for p := p0; p < p1; p++ {
			y, dy, x := w.panel(w.y1[i], p), w.panel(w.dy1, p), w.panel(w.agg[i], min(p, len(w.agg[i])/w.stride-1))
			next := l.last.WeightsBack(min(p+1, p1-1))
			if p+1 == p1 && i > 0 {
				next = l.first.WeightsBack(p0)
			}
			l.last.BackInput(k, p, w.rows, w.dy2, w.stride, dy, y, x, next, l.first.WeightGrad(p))
			l.norm1.Backward(k, p, w.rows, y, dy, l.first.BiasGrad(p), s.training)
		}
		for p := p0; p < p1; p++ {
			dy := w.panel(w.dy1, p)
			l.first.BackWeight(k, p, w.rows, w.agg[i], w.stride, dy)
			if i == 0 { // the gradient of eps without the one of the input
				w.epsDot[p] = l.first.WeightDot(k, p, w.rows, w.x0, w.stride, dy, w.scratch[worker])
			}
		}
		s.team.Wait()
	}
}

// collect adds up the gradients of eps.
func (e *gin) collect(w *workspace) {
	for i, l := range e.layers {
		var sum float32
		for _, v := range w.epsDot[i*e.panels : (i+1)*e.panels] {
			sum += v
		}
		l.eps.Grad()[0] = sum
	}
}

func (e *gin) infer(f *inference) {
	w := f.ws
	agg, a, h := w.agg[0], w.dy1, w.h
	f.first.forward(e, f.data, w, agg, a, h)
	for i := range e.layers[1:] {
		l := &e.layers[i+1]
		near := l.neighbours(w)
		for p := range e.panels {
			e.k.Aggregate(w.rows, near.Self, near.Count, near.Near, w.panel(h, p), w.panel(agg, p))
		}
		e.inferLayer(l, w, w.rows, agg, a, h)
	}
}

// inferLayer computes h, the layer's output, for rows rows of its aggregated
// input; a is scratch.
func (e *gin) inferLayer(l *ginLayer, w *workspace, rows int, agg, a, h []float32) {
	for p := range e.panels {
		l.first.Forward(e.k, p, rows, agg, w.stride, w.panel(a, p))
		l.norm1.Infer(e.k, p, rows, w.panel(a, p), w.panel(a, p))
	}
	for p := range e.panels {
		l.last.Forward(e.k, p, rows, a, w.stride, w.panel(h, p))
		l.norm2.Infer(e.k, p, rows, w.panel(h, p), w.panel(h, p))
	}
}
