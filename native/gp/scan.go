package gp

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"arch2vec/native/f32"
	"arch2vec/native/points"
)

// Scan predicts at every point of p on this many threads (0: all); the
// result does not depend on them. Mean and variance have room for its points. It computes in float32, 32 points at a time,
//
//	mean      aᵀ k*,  a = K⁻¹ y
//	variance  k(x*, x*) - |L⁻¹ k*|²,  K = L Lᵀ
//
// so that a variance is off by some 1e-6 of the function's. [RBF] and [Matern52]
// are fast: k* is a matrix product and an exponential. Other kernels are asked
// for every pair.
func (g *GP) Scan(p *points.Set, mean, variance []float32, threads int) error {
	if p.Dim() != g.dim {
		return fmt.Errorf("gp: the pool's points have %d coordinates, the process's %d", p.Dim(), g.dim)
	}
	if len(mean) < p.Len() || len(variance) < p.Len() {
		return fmt.Errorf("gp: room for %d means and %d variances, there are %d points", len(mean), len(variance), p.Len())
	}
	k, err := f32.FromEnv()
	if err != nil {
		return fmt.Errorf("gp: %w", err)
	}
	s := newScan(g, p, k)
	p.Each(threads, func() func(panel int) {
		w := s.worker()
		return func(panel int) { w.predict(panel, mean, variance) }
	})
	return nil
}

// scan is what all threads of a scan read.
type scan struct {
	k      *f32.Kernels
	gp     *GP
	pool   *points.Set
	n      int       // observations
	factor []float32 // variance * L⁻¹ (n x n) and below it variance * a, in panels

	// For kernels of a distance: with x the pool's point, y an observed one, c the
	// mean of those, and <.,.> the inner product weighted with 1/length²,
	//
	//	-1/2 |x-y|² = <x, y-c> - <c, y-c> - 1/2 |y-c|² - 1/2 |x-c|²
	//
	// The first three terms are a product of the pool's columns, which end in 1,
	// with points; the last is added as its bias.
	shape   func(w *worker) // turns -1/2 |x-y|² into covariances; nil: ask the kernel
	kp, kin int
	points  []float32 // n x kp*kin, in panels
	weights []float64 // 1/length²
	centre  []float64
}

func newScan(g *GP, p *points.Set, k *f32.Kernels) *scan {
	n := g.Len()
	s := &scan{k: k, gp: g, pool: p, n: n}
	s.kp, s.kin = p.Factor()
	if n == 0 {
		return s
	}
	var l, inverse mat.TriDense
	g.chol.LTo(&l)
	_ = inverse.InverseTri(&l) // an error would only say that the matrix is badly conditioned
	stride := s.stride()
	s.factor = f32.Align(f32.Panels(n) * stride)
	for j := range n {
		column := s.factor[j/f32.Width*stride+j%f32.Width:]
		for i := j; i < n; i++ {
			column[i*f32.Width] = float32(g.variance * inverse.At(i, j))
		}
		column[n*f32.Width] = float32(g.variance * g.alpha[j])
	}
	switch kernel := g.kernel.(type) {
	case RBF:
		s.shape = (*worker).rbf
		s.distances(kernel.Lengths)
	case Matern52:
		s.shape = (*worker).matern
		s.distances(kernel.Lengths)
	}
	return s
}

// stride is the number of elements of a panel of the factor.
func (s *scan) stride() int { return (s.n + 1) * f32.Width }

// distances prepares products that give distances.
func (s *scan) distances(lengths []float64) {
	g := s.gp
	s.weights, s.centre = make([]float64, g.dim), make([]float64, g.dim)
	for d := range g.dim {
		length := lengths[min(d, len(lengths)-1)]
		s.weights[d] = 1 / (length * length)
		for i := range s.n {
			s.centre[d] += float64(g.row(i)[d]) / float64(s.n)
		}
	}
	s.points = f32.Align(s.kp * s.n * f32.Width)
	set := func(i, d int, v float64) {
		s.points[d/s.kin*s.n*f32.Width+i*f32.Width+d%s.kin] = float32(v)
	}
	for i := range s.n {
		rest := 0.0
		for d, y := range g.row(i) {
			e := float64(y) - s.centre[d]
			set(i, d, e*s.weights[d])
			rest -= e * s.weights[d] * (s.centre[d] + e/2)
		}
		set(i, g.dim, rest)
	}
}

// worker is one thread's memory.
type worker struct {
	*scan
	cov       []float32 // covariances with 32 points of the pool: observations, rounded up to panels, x 32
	out       []float32 // the factor times that
	own, bias []float32 // of the 32 points: k(x, x), -1/2 |x-c|²
	sum, sq   []float32
	root      []float32
}

func (s *scan) worker() *worker {
	rows := f32.Panels(s.n) * f32.Width
	w := &worker{
		scan: s, cov: f32.Align(rows * f32.Width), out: f32.Align((s.n + 2) * f32.Width),
		own: f32.Align(f32.Width), bias: f32.Align(f32.Width), sum: f32.Align(f32.Width), sq: f32.Align(f32.Width),
	}
	if s.shape != nil {
		w.root = f32.Align(s.n * f32.Width)
	}
	return w
}

// predict predicts at the points of one panel of the pool.
func (w *worker) predict(panel int, mean, variance []float32) {
	p, g, n := w.pool, w.gp, w.n
	first := panel * f32.Width
	count := min(f32.Width, p.Len()-first)
	for j := range count {
		w.own[j] = 1
		if w.shape == nil {
			x := p.Row(first + j)
			w.own[j] = float32(g.kernel.Cov(x, x))
			for i := range n {
				w.cov[i*f32.Width+j] = float32(g.kernel.Cov(g.row(i), x))
			}
		}
	}
	if n > 0 {
		if w.shape != nil {
			w.distance(panel, count)
			w.shape(w)
		}
		w.multiply()
	}
	for j := range count {
		mean[first+j] = w.out[n*f32.Width+j]
		variance[first+j] = max(float32(g.variance)*w.own[j]-w.sq[j], 0)
	}
}

// distance leaves -1/2 |x-y|² in cov.
func (w *worker) distance(panel, count int) {
	p := w.pool
	for j := range count {
		sum := 0.0
		for d, v := range p.Row(panel*f32.Width + j) {
			e := float64(v) - w.centre[d]
			sum -= e * e * w.weights[d]
		}
		w.bias[j] = float32(sum / 2)
	}
	w.k.Mul(w.n, w.kp, w.kin, w.points, w.n*f32.Width, p.Panel(panel), w.bias, w.cov, nil)
}

// multiply leaves variance*a·k* in the last row of out and the sums of squares of
// the columns above it in sq. The factor is triangular: a block of 32 rows needs no
// columns past its own.
func (w *worker) multiply() {
	n := w.n
	blocks := f32.Panels(n)
	for b := range blocks {
		rows := f32.Width
		if b == blocks-1 {
			rows = n + 1 - b*f32.Width
		}
		at := b * f32.Width * f32.Width
		w.k.Mul(rows, b+1, f32.Width, w.factor[at:], w.stride(), w.cov, zeros[:], w.out[at:], nil)
	}
	for half := 0; half < f32.Width; half += f32.LatentWidth {
		w.k.NodeSums(n, 1, w.out[half:], w.sum[half:], w.sq[half:])
	}
}

// zeros is the bias of a product that has none.
var zeros [f32.Width]float32

func (w *worker) rbf() { w.k.Exp(w.cov[:w.n*f32.Width], w.cov[:w.n*f32.Width]) }

func (w *worker) matern() {
	cov := w.cov[:w.n*f32.Width]
	for i, v := range cov {
		r2 := max(-2*v, 0)
		s := float32(math.Sqrt(float64(5 * r2)))
		cov[i], w.root[i] = 1+s+float32(5./3)*r2, -s
	}
	w.k.Exp(w.root, w.root)
	for i, v := range w.root {
		cov[i] *= v
	}
}
