package dngo

import (
	"errors"
	"math"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"

	"arch2vec/native/f32"
)

// regression is Bayesian linear regression on features H (n x D).
type regression struct {
	alpha, beta float64
	weights     []float64 // m
	evidence    *evidence
	h           *mat.Dense
	panels      []float32 // H

	// What follows is made when it is first needed.
	factored, bounded sync.Once
	factor            []float32 // L⁻¹ with K = L Lᵀ (D x D) and below it m, in panels
	singular          error
	bounds            []float32 // m and below it B of known, in panels
	rows              int       // of bounds
}

// regress fits the regression to the targets y. Panels are H too.
func (g *regression) regress(h *mat.Dense, panels []float32, y []float64, published bool, start [2]float64) {
	g.h, g.panels = h, panels
	g.evidence = newEvidence(h, y, published)
	g.alpha, g.beta = g.evidence.maximise(start)
	g.weights = g.evidence.weights(h, g.alpha, g.beta)
}

var errSingular = errors.New("dngo: the features' covariance is not positive definite to working precision")

// invert makes factor, by which variances are computed without cancellation.
func (g *regression) invert() error {
	g.factored.Do(func() {
		_, d := g.h.Dims()
		kk := blas64.Symmetric{N: d, Stride: d, Data: make([]float64, d*d), Uplo: blas.Lower}
		blas64.Syrk(blas.Trans, g.beta, g.h.RawMatrix(), 0, kk)
		for i := range d {
			kk.Data[i*d+i] += g.alpha
		}
		l, ok := lapack64.Potrf(kk)
		if !ok || !lapack64.Trtri(l) {
			g.singular = errSingular
			return
		}
		stride := (d + 1) * f32.Width
		g.factor = f32.Align(f32.Panels(d) * stride)
		for j := range d {
			column := g.factor[j/f32.Width*stride+j%f32.Width:]
			for i := j; i < d; i++ {
				column[i*f32.Width] = float32(l.Data[i*d+j])
			}
			column[d*f32.Width] = float32(g.weights[j])
		}
	})
	return g.singular
}

// known makes bounds, by which a variance is bounded from above the more closely the
// more rows are used. With F = QᵀH, whose rows are orthogonal but for neighbours, and
// C = alpha/beta + FFᵀ = L Lᵀ,
//
//	K⁻¹ = (1 - Bᵀ B) / alpha,  B = L⁻¹ F
//
// (Woodbury's identity): each row is one combination of targets the more that is
// known, and can only lessen the variance. Householder's reflections make Q a basis of
// the Krylov space of a target and the Gram matrix, so that the first rows are those
// that lessen it most.
//
// Where there are no more units than targets, Q T Qᵀ = HᵀH = FᵀF with F = RᵀQᵀ and T =
// R Rᵀ.
func (g *regression) known(k *f32.Kernels) {
	g.bounded.Do(func() {
		e := g.evidence
		d := len(e.diag)
		q, diag, off := e.basis(), e.diag, e.off
		mix := make([]float64, d) // row i of F is scale q_i + mix q_(i+1)
		scale := make([]float64, d)
		for i := range scale {
			scale[i] = 1
		}
		if !e.wide {
			scale, mix = bidiagonal(e.diag, e.off)
			diag, off = make([]float64, d), make([]float64, d-1)
			for i := range d {
				diag[i] = scale[i]*scale[i] + mix[i]*mix[i]
				if i+1 < d {
					off[i] = mix[i] * scale[i+1]
				}
			}
		}
		shifted := make([]float64, d)
		for i, v := range diag {
			shifted[i] = v + g.alpha/g.beta
		}
		l, below := bidiagonal(shifted, off)

		// Rows of L⁻¹ times those of F before H.
		left := panelled(d, d)
		row := make([]float64, d)
		for i := range d {
			for c := range row {
				v := scale[i] * q[c*d+i]
				if mix[i] != 0 {
					v += mix[i] * q[c*d+i+1]
				}
				if i > 0 {
					v -= below[i-1] * row[c]
				}
				row[c] = v / l[i]
				left[c/f32.Width*d*f32.Width+i*f32.Width+c%f32.Width] = float32(row[c])
			}
		}
		units := e.units
		g.rows = d + 1
		g.bounds = panelled(g.rows, units)
		stride := g.rows * f32.Width
		for j, w := range g.weights {
			g.bounds[j/f32.Width*stride+j%f32.Width] = float32(w)
		}
		for p := range f32.Panels(units) {
			to := g.bounds[p*stride+f32.Width:][:d*f32.Width]
			if e.wide {
				padded := f32.Panels(d) * f32.Width * f32.Width
				k.Mul(d, f32.Panels(d), f32.Width, left, d*f32.Width, g.panels[p*padded:], zeros[:], to, nil)
			} else {
				copy(to, left[p*d*f32.Width:])
			}
		}
	})
}

// panelled is a zero matrix in panels.
func panelled(rows, columns int) []float32 {
	return f32.Align(f32.Panels(columns) * rows * f32.Width)
}

// bidiagonal returns the diagonal of L and what is below it, with a 0 at the end, of
// a tridiagonal matrix L Lᵀ, which may be singular.
func bidiagonal(diag, off []float64) (l, below []float64) {
	l, below = make([]float64, len(diag)), make([]float64, len(diag))
	largest := 0.0
	for _, v := range diag {
		largest = max(largest, v)
	}
	least := math.Sqrt(largest) * 1e-10
	for i, v := range diag {
		if i > 0 {
			v -= below[i-1] * below[i-1]
		}
		l[i] = max(math.Sqrt(max(v, 0)), least)
		if i < len(off) {
			below[i] = off[i] / l[i]
		}
	}
	return l, below
}
