package dngo

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/mat"
)

// evidence is the marginal likelihood of targets y under Bayesian linear regression
// on features H (n x D), as a function of alpha and beta. The smaller one of the Gram
// matrices HHᵀ and HᵀH is brought to tridiagonal form, Q T Qᵀ, once; then a value
// costs O(min(n, D)), since alpha + beta times it is tridiagonal in the basis Q for
// any alpha and beta.
//
// With u = (alpha + beta T)⁻¹ b, all that is wanted of the weights m = beta K⁻¹ Hᵀ y is
//
//	from HᵀH: b = QᵀHᵀy, m = beta Q u,   |m|² = beta² u·u,  |y - Hm|² = y·y - 2 beta u·b + beta² u·Tu
//	from HHᵀ: b = Qᵀy,   m = beta HᵀQ u, |m|² = beta² u·Tu, |y - Hm|² = alpha² u·u
type evidence struct {
	n, units  int
	wide      bool      // more units than targets: T is that of HHᵀ
	diag, off []float64 // T
	b         []float64
	yy        float64 // y·y
	published bool
	// Q is a product of Householder reflections H(0) ... H(d-2), the vector of H(i) in
	// column i below the subdiagonal, 1 on it.
	reflections, tau []float64

	pivot, u []float64 // of alpha + beta T = L diag(pivot) Lᵀ
}

// newEvidence takes the features of all targets.
func newEvidence(h *mat.Dense, y []float64, published bool) *evidence {
	n, units := h.Dims()
	d := min(n, units)
	e := &evidence{
		n: n, units: units, wide: n < units, published: published,
		diag: make([]float64, d), off: make([]float64, d-1), b: make([]float64, d),
		reflections: make([]float64, d*d), tau: make([]float64, d-1),
		pivot: make([]float64, d), u: make([]float64, d),
	}
	for _, v := range y {
		e.yy += v * v
	}
	side := blas.Trans
	if e.wide {
		side = blas.NoTrans
		copy(e.b, y)
	} else {
		mat.NewVecDense(d, e.b).MulVec(h.T(), mat.NewVecDense(n, y))
	}
	blas64.Syrk(side, 1, h.RawMatrix(), 0, blas64.Symmetric{N: d, Stride: d, Data: e.reflections, Uplo: blas.Lower})
	work := make([]float64, 64*d)
	gonum.Implementation{}.Dsytrd(blas.Lower, d, e.reflections, d, e.diag, e.off, e.tau, work, len(work))
	for i := range d - 1 {
		e.reflect(i, e.b)
	}
	return e
}

// reflect applies H(i) to x.
func (e *evidence) reflect(i int, x []float64) {
	d := len(e.diag)
	s := x[i+1]
	for r := i + 2; r < d; r++ {
		s += e.reflections[r*d+i] * x[r]
	}
	s *= e.tau[i]
	x[i+1] -= s
	for r := i + 2; r < d; r++ {
		x[r] -= s * e.reflections[r*d+i]
	}
}

// basis returns Q.
func (e *evidence) basis() []float64 {
	d := len(e.diag)
	q := append([]float64(nil), e.reflections...)
	work := make([]float64, 64*d)
	gonum.Implementation{}.Dorgtr(blas.Lower, d, q, d, e.tau, work, len(work))
	return q
}

// log returns the logarithm of the marginal likelihood (Bishop, equation 3.86),
//
//	D/2 log alpha + n/2 log beta - beta/2 |y - Hm|² - alpha/2 |m|² - 1/2 log|K| - n/2 log 2π
//
// or, where that cannot be computed, -Inf.
func (e *evidence) log(alpha, beta float64) float64 {
	d, n := float64(e.units), float64(e.n)
	det := e.solve(alpha, beta)
	uu, ub, utu := 0.0, 0.0, 0.0
	for i, u := range e.u {
		uu += u * u
		ub += u * e.b[i]
		utu += e.diag[i] * u * u
		if i > 0 {
			utu += 2 * e.off[i-1] * u * e.u[i-1]
		}
	}
	mm, residual := beta*beta*uu, max(e.yy-2*beta*ub+beta*beta*utu, 0)
	if e.wide {
		mm, residual = beta*beta*max(utu, 0), alpha*alpha*uu
		det += (d - n) * math.Log(alpha)
	}
	if e.published {
		residual = math.Sqrt(residual)
		det = math.Log(float64(float32(math.Exp(det))) + 1e-10)
	}
	l := d/2*math.Log(alpha) + n/2*math.Log(beta) - beta/2*residual - alpha/2*mm - det/2 - n/2*math.Log(2*math.Pi)
	if math.IsNaN(l) {
		return math.Inf(-1)
	}
	return l
}

// solve sets u and returns the logarithm of the determinant of alpha + beta T.
func (e *evidence) solve(alpha, beta float64) float64 {
	det, product := 0.0, 1.0
	for i, t := range e.diag {
		p, u := alpha+beta*t, e.b[i]
		if i > 0 {
			l := beta * e.off[i-1] / e.pivot[i-1]
			p -= l * beta * e.off[i-1]
			u -= l * e.u[i-1]
		}
		// The least eigenvalue is alpha or more; a pivot that is less is rounding.
		p = max(p, alpha)
		e.pivot[i], e.u[i] = p, u
		if product *= p; product > 1e200 || product < 1e-200 {
			det, product = det+math.Log(product), 1
		}
	}
	for i := len(e.u) - 1; i >= 0; i-- {
		u := e.u[i]
		if i+1 < len(e.u) {
			u -= beta * e.off[i] * e.u[i+1]
		}
		e.u[i] = u / e.pivot[i]
	}
	return det + math.Log(product)
}

// weights returns m.
func (e *evidence) weights(h *mat.Dense, alpha, beta float64) []float64 {
	e.solve(alpha, beta)
	m := append([]float64(nil), e.u...)
	for i := len(m) - 2; i >= 0; i-- {
		e.reflect(i, m)
	}
	for i := range m {
		m[i] *= beta
	}
	if !e.wide {
		return m
	}
	w := make([]float64, e.units)
	mat.NewVecDense(e.units, w).MulVec(h.T(), mat.NewVecDense(e.n, m))
	return w
}

// bound is the largest logarithm of alpha and of 1/beta that is looked at, its
// opposite the smallest.
const bound = 10

// maximise returns the alpha and beta of the largest likelihood that Nelder and
// Mead's simplex finds from a start, both in logarithms of alpha and of 1/beta.
func (e *evidence) maximise(start [2]float64) (alpha, beta float64) {
	at := minimise(func(p [2]float64) float64 {
		if math.Abs(p[0]) > bound || math.Abs(p[1]) > bound {
			return math.Inf(1)
		}
		return -e.log(math.Exp(p[0]), math.Exp(-p[1]))
	}, start, 0.05, 1e-4, 20, 400)
	return math.Exp(at[0]), math.Exp(-at[1])
}
