package dngo

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// evidence is the marginal likelihood of targets y under Bayesian linear regression
// on features H (n x D), as a function of alpha and beta. HᵀH = Q T Qᵀ with T
// tridiagonal is computed once; K = alpha + beta HᵀH is then tridiagonal in the
// basis Q for any alpha and beta, and a value costs O(D).
type evidence struct {
	n         int
	diag, off []float64 // T
	b         []float64 // Qᵀ Hᵀ y
	yy        float64   // y·y
	published bool

	pivot, u []float64 // of K = L diag(pivot) Lᵀ; K⁻¹ b
}

// newEvidence wants HᵀH, which it keeps, Hᵀy and y.
func newEvidence(gram *mat.SymDense, hy, y []float64, published bool) *evidence {
	d := len(hy)
	e := &evidence{
		n: len(y), diag: make([]float64, d), off: make([]float64, d-1), b: make([]float64, d),
		published: published, pivot: make([]float64, d), u: make([]float64, d),
	}
	for _, v := range y {
		e.yy += v * v
	}
	q := mat.NewSymDense(d, nil)
	q.CopySym(gram)
	raw, lapack := q.RawSymmetric(), gonum.Implementation{}
	tau, size := make([]float64, d-1), make([]float64, 1)
	lapack.Dsytrd(blas.Upper, d, raw.Data, raw.Stride, e.diag, e.off, tau, size, -1)
	work := make([]float64, max(int(size[0]), 64*d))
	lapack.Dsytrd(blas.Upper, d, raw.Data, raw.Stride, e.diag, e.off, tau, work, len(work))
	// Q is a product of Householder reflections H(d-2) ... H(0), the vector of H(i) in
	// column i+1 above the superdiagonal, 1 on it.
	copy(e.b, hy)
	for i := d - 2; i >= 0; i-- {
		s := e.b[i]
		for r := range i {
			s += raw.Data[r*raw.Stride+i+1] * e.b[r]
		}
		s *= tau[i]
		e.b[i] -= s
		for r := range i {
			e.b[r] -= s * raw.Data[r*raw.Stride+i+1]
		}
	}
	return e
}

// log returns the logarithm of the marginal likelihood (Bishop, equation 3.86),
//
//	D/2 log alpha + n/2 log beta - beta/2 |y - Hm|² - alpha/2 |m|² - 1/2 log|K| - n/2 log 2π
//
// or, where that cannot be computed, -Inf.
func (e *evidence) log(alpha, beta float64) float64 {
	d, n := float64(len(e.diag)), float64(e.n)
	det := e.solve(alpha, beta)
	mm, mb, mgm := 0.0, 0.0, 0.0 // m·m, m·Hᵀy, |Hm|², with m = beta u
	for i, u := range e.u {
		mm += u * u
		mb += u * e.b[i]
		mgm += e.diag[i] * u * u
		if i > 0 {
			mgm += 2 * e.off[i-1] * u * e.u[i-1]
		}
	}
	residual := max(e.yy-2*beta*mb+beta*beta*mgm, 0)
	if e.published {
		residual = math.Sqrt(residual)
		det = math.Log(float64(float32(math.Exp(det))) + 1e-10)
	}
	l := d/2*math.Log(alpha) + n/2*math.Log(beta) - beta/2*residual - alpha/2*beta*beta*mm - det/2 - n/2*math.Log(2*math.Pi)
	if math.IsNaN(l) {
		return math.Inf(-1)
	}
	return l
}

// solve sets u to K⁻¹ b and returns log|K|.
func (e *evidence) solve(alpha, beta float64) float64 {
	det := 0.0
	for i, t := range e.diag {
		e.pivot[i], e.u[i] = alpha+beta*t, e.b[i]
		if i > 0 {
			l := beta * e.off[i-1] / e.pivot[i-1]
			e.pivot[i] -= l * beta * e.off[i-1]
			e.u[i] -= l * e.u[i-1]
		}
		// K is at least alpha; what is less is rounding.
		e.pivot[i] = max(e.pivot[i], alpha)
		det += math.Log(e.pivot[i])
	}
	for i := len(e.u) - 1; i >= 0; i-- {
		e.u[i] /= e.pivot[i]
		if i+1 < len(e.u) {
			e.u[i] -= beta * e.off[i] / e.pivot[i] * e.u[i+1]
		}
	}
	return det
}

// bound is the largest logarithm of alpha and of 1/beta that is looked at, its
// opposite the smallest.
const bound = 10

// maximise returns the alpha and beta of the largest likelihood that Nelder and
// Mead's simplex finds from a start, both in logarithms of alpha and of 1/beta.
func (e *evidence) maximise(start [2]float64) (alpha, beta float64) {
	loss := func(p []float64) float64 {
		if math.Abs(p[0]) > bound || math.Abs(p[1]) > bound {
			return math.Inf(1)
		}
		return -e.log(math.Exp(p[0]), math.Exp(-p[1]))
	}
	best, at := math.Inf(1), start
	problem := optimize.Problem{Func: func(p []float64) float64 {
		f := loss(p)
		if f < best {
			best, at = f, [2]float64(p)
		}
		return f
	}}
	settings := &optimize.Settings{FuncEvaluations: 400, Converger: &optimize.FunctionConverge{Absolute: 1e-4, Iterations: 20}}
	// Whatever ends the search, the best point seen is what it found.
	_, _ = optimize.Minimize(problem, start[:], settings, &optimize.NelderMead{})
	return math.Exp(at[0]), math.Exp(-at[1])
}
