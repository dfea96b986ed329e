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
	p.Each(threads, func() func(panel int) {
		w := m.worker()
		return func(panel int) { w.predict(p, panel, mean, variance) }
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
		Model: m, h: f32.Align(d * f32.Width), out: f32.Align((d + 2) * f32.Width),
		sum: f32.Align(f32.Width), sq: f32.Align(f32.Width),
	}
}

// predict predicts at the points of one panel. The factor is triangular: a block of
// 32 rows needs no columns past its own, and the last has the weights of the mean.
func (w *worker) predict(p *points.Set, panel int, mean, variance []float32) {
	net, k := w.net, w.k
	d := net.hidden
	k.Mul(d, net.kp, net.kin, w.unitMap, d*f32.Width, p.Panel(panel), zeros[:], w.h, nil)
	k.Tanh(w.h, w.h)
	blocks, stride := f32.Panels(d), (d+1)*f32.Width
	for b := range blocks {
		rows := f32.Width
		if b == blocks-1 {
			rows++
		}
		at := b * f32.Width * f32.Width
		k.Mul(rows, b+1, f32.Width, w.factor[at:], stride, w.h, zeros[:], w.out[at:], nil)
	}
	for half := 0; half < f32.Width; half += f32.LatentWidth {
		k.NodeSums(d, 1, w.out[half:], w.sum[half:], w.sq[half:])
	}
	first := panel * f32.Width
	scale := float32(w.yStd * w.yStd)
	for j := range min(f32.Width, p.Len()-first) {
		mean[first+j] = float32(w.yMean + w.yStd*float64(w.out[d*f32.Width+j]))
		variance[first+j] = scale * w.sq[j]
	}
}
