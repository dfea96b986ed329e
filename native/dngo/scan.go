package dngo

import (
	"fmt"

	"arch2vec/native/f32"
	"arch2vec/native/points"
)

// Scan predicts at every point of p on this many threads (0: all); the result does
// not depend on them. Mean and variance, without noise, have room for its points.
func (m *Model) Scan(p *points.Set, mean, variance []float32, threads int) error {
	if p.Dim() != m.dim {
		return fmt.Errorf("dngo: the points have %d coordinates, the model's %d", p.Dim(), m.dim)
	}
	if len(mean) < p.Len() || len(variance) < p.Len() {
		return fmt.Errorf("dngo: room for %d means and %d variances, there are %d points", len(mean), len(variance), p.Len())
	}
	if err := m.invert(); err != nil {
		return err
	}
	p.Each(threads, func() func(panel int) {
		w := m.worker()
		return func(panel int) {
			w.units(p.Panel(panel))
			first := panel * f32.Width
			last := min(first+f32.Width, p.Len())
			w.predict(mean[first:last], variance[first:last])
		}
	})
	return nil
}

// worker is one thread's memory.
type worker struct {
	*Model
	h, out  []float32 // units of 32 points, D x 32; the factor times those
	sum, sq []float32
}

func (m *Model) worker() *worker {
	d := m.net.hidden
	return &worker{
		Model: m, h: m.unitsRoom(), out: f32.Align((d + 2) * f32.Width),
		sum: f32.Align(f32.Width), sq: f32.Align(f32.Width),
	}
}

// unitsRoom is room for the units of 32 points, and for half a row more, which a
// kernel over halves of rows wants to see.
func (m *Model) unitsRoom() []float32 { return f32.Align(m.net.hidden*f32.Width + f32.LatentWidth) }

// units computes the units at the points of a panel.
func (w *worker) units(panel []float32) {
	net := w.net
	w.k.Mul(net.hidden, net.kp, net.kin, w.unitMap, net.hidden*f32.Width, panel, zeros[:], w.h, nil)
	h := w.h[:net.hidden*f32.Width]
	w.k.Tanh(h, h)
}

// squares sets sq to the sums of squares of the columns of rows.
func (w *worker) squares(rows int, x []float32) {
	for half := 0; half < f32.Width; half += f32.LatentWidth {
		w.k.NodeSums(rows, 1, x[half:], w.sum[half:], w.sq[half:])
	}
}

// predict predicts where the units are h, at up to 32 points. The factor is
// triangular: a block of 32 rows needs no columns past its own, and the last has the
// weights of the mean.
func (w *worker) predict(mean, variance []float32) {
	d := w.net.hidden
	blocks, stride := f32.Panels(d), (d+1)*f32.Width
	for b := range blocks {
		rows := f32.Width
		if b == blocks-1 {
			rows++
		}
		at := b * f32.Width * f32.Width
		w.k.Mul(rows, b+1, f32.Width, w.factor[at:], stride, w.h, zeros[:], w.out[at:], nil)
	}
	w.squares(d, w.out)
	scale := float32(w.yStd * w.yStd)
	for j := range mean {
		mean[j] = w.mean32(w.out[d*f32.Width+j])
		variance[j] = scale * w.sq[j]
	}
}

// mean32 brings the mean of a standardised target back to the targets' units.
func (m *Model) mean32(standard float32) float32 { return float32(m.yMean + m.yStd*float64(standard)) }
