package gp

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// GP is a Gaussian process and what it has observed. It is for one goroutine at a
// time, but for [GP.Predict] and [GP.Scan], which several may call while nobody
// changes it.
type GP struct {
	kernel          Kernel
	dim             int
	variance, noise float64

	x     []float32 // observed points, rows of dim
	y     []float64
	chol  mat.Cholesky // of variance*k + noise on the diagonal
	alpha []float64    // that, inverted, times y

	// apart[i(i-1)/2+j], j < i, is the distance of points i and j as an isotropic kernel
	// measures it, which does not depend on hyperparameters; empty for other kernels.
	apart []float64
}

var errFinite = errors.New("must be finite")

// New returns a Gaussian process on points of dim coordinates that has observed
// nothing. The variance of the function and that of the noise are above 0.
func New(k Kernel, dim int, variance, noise float64) (*GP, error) {
	if k == nil || dim < 1 {
		return nil, fmt.Errorf("gp: a process needs a kernel and at least one coordinate, not kernel %v and %d", k, dim)
	}
	_, rbf := k.(RBF)
	_, matern := k.(Matern52)
	if n := len(k.Params()); n > 1 && n != dim || n == 0 && (rbf || matern) {
		return nil, fmt.Errorf("gp: the kernel has %d hyperparameters for points of %d coordinates: use one, or one for each", n, dim)
	}
	if a, ok := k.(Additive); ok && (len(a.Weights) == 0 || dim%len(a.Weights) != 0) {
		return nil, fmt.Errorf("gp: %d coordinates are not %d parts of equal length", dim, len(a.Weights))
	}
	g := &GP{kernel: k, dim: dim}
	if err := g.SetParams(append(k.Params(), math.Log(variance), math.Log(noise))); err != nil {
		return nil, err
	}
	return g, nil
}

// Len is the number of observations, Dim that of coordinates of a point.
func (g *GP) Len() int { return len(g.y) }

// Dim is the number of coordinates of a point.
func (g *GP) Dim() int { return g.dim }

// Kernel returns the kernel with its present hyperparameters.
func (g *GP) Kernel() Kernel { return g.kernel }

// Variance is the variance of the function, the factor on the kernel.
func (g *GP) Variance() float64 { return g.variance }

// Noise is the variance of the noise.
func (g *GP) Noise() float64 { return g.noise }

// Point returns observed point i, to be read only, and its target.
func (g *GP) Point(i int) (x []float32, y float64) { return g.row(i), g.y[i] }

func (g *GP) row(i int) []float32 { return g.x[i*g.dim : (i+1)*g.dim : (i+1)*g.dim] }

// Add takes in the observation y at x, in O(n²): the Cholesky factor gets one
// row more. If the covariance matrix is then no longer positive definite, which
// the noise normally prevents, it fails and the observation is not taken.
func (g *GP) Add(x []float32, y float64) error {
	if len(x) != g.dim {
		return fmt.Errorf("gp: a point has %d coordinates, not %d", g.dim, len(x))
	}
	for d, v := range x {
		if e := float64(v); math.IsNaN(e) || math.IsInf(e, 0) {
			return fmt.Errorf("gp: coordinate %d is %v: %w", d, v, errFinite)
		}
	}
	if math.IsNaN(y) || math.IsInf(y, 0) {
		return fmt.Errorf("gp: target %v: %w", y, errFinite)
	}
	n := g.Len()
	g.x, g.y = append(g.x, x...), append(g.y, y)
	if iso := g.isotropic(); iso != nil {
		for i := range n {
			g.apart = append(g.apart, iso.distance(g.row(i), x))
		}
	}
	k := mat.NewVecDense(n+1, nil)
	for j := range n + 1 {
		k.SetVec(j, g.variance*g.pair(n, j, nil))
	}
	k.SetVec(n, k.AtVec(n)+g.noise)
	var longer mat.Cholesky
	ok := false
	if n == 0 {
		ok = longer.Factorize(mat.NewSymDense(1, []float64{k.AtVec(0)}))
	} else {
		ok = longer.ExtendVecSym(&g.chol, k)
	}
	if !ok {
		g.x, g.y, g.apart = g.x[:n*g.dim], g.y[:n], g.apart[:min(len(g.apart), n*(n-1)/2)]
		return errSingular
	}
	g.chol = longer
	g.solve()
	return nil
}

var errSingular = errors.New("gp: the covariance matrix is not positive definite to working precision: raise the noise")

// SetTargets replaces the targets of all observations, in O(n²).
func (g *GP) SetTargets(y []float64) error {
	if len(y) != g.Len() {
		return fmt.Errorf("gp: %d targets for %d observations", len(y), g.Len())
	}
	for i, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("gp: target %d is %v: %w", i, v, errFinite)
		}
	}
	copy(g.y, y)
	g.solve()
	return nil
}

func (g *GP) solve() {
	g.alpha = make([]float64, g.Len())
	if len(g.alpha) > 0 {
		// An error would only say that the matrix is badly conditioned.
		_ = g.chol.SolveVecTo(mat.NewVecDense(len(g.alpha), g.alpha), mat.NewVecDense(len(g.y), g.y))
	}
}

// Params returns the logarithms of all hyperparameters: the kernel's, the
// function's variance, the noise's.
func (g *GP) Params() []float64 {
	return append(g.kernel.Params(), math.Log(g.variance), math.Log(g.noise))
}

// SetParams sets the hyperparameters that Params returns, in O(n³). If the
// covariance matrix is not positive definite with them, it fails and nothing is
// changed.
func (g *GP) SetParams(p []float64) error {
	n := len(p) - 2
	if n != len(g.kernel.Params()) {
		return fmt.Errorf("gp: %d hyperparameters, the kernel's and two more are %d", len(p), len(g.kernel.Params())+2)
	}
	for i, v := range p {
		if e := math.Exp(v); !(e > 0) || math.IsInf(e, 0) {
			return fmt.Errorf("gp: hyperparameter %d is %v: it must be above 0 and finite", i, e)
		}
	}
	next := *g
	if n > 0 {
		next.kernel = g.kernel.With(p[:n])
	}
	next.variance, next.noise = math.Exp(p[n]), math.Exp(p[n+1])
	if g.Len() > 0 {
		next.chol = mat.Cholesky{}
		if !next.chol.Factorize(next.covariance()) {
			return errSingular
		}
		next.solve()
	}
	*g = next
	return nil
}

// covariance is that of the observations, noise included.
func (g *GP) covariance() *mat.SymDense {
	n := g.Len()
	k := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			k.SetSym(i, j, g.variance*g.pair(j, i, nil))
		}
		k.SetSym(i, i, k.At(i, i)+g.noise)
	}
	return k
}

// isotropic returns the kernel if it is isotropic, nil otherwise.
func (g *GP) isotropic() isotropic {
	if iso, ok := g.kernel.(isotropic); ok && len(g.kernel.Params()) == 1 {
		return iso
	}
	return nil
}

// pair is the kernel of the observed points i and j, j <= i, and its derivatives in
// grad, unless nil.
func (g *GP) pair(i, j int, grad []float64) float64 {
	iso := g.isotropic()
	if iso == nil {
		if grad == nil {
			return g.kernel.Cov(g.row(i), g.row(j))
		}
		return g.kernel.Grad(g.row(i), g.row(j), grad)
	}
	distance := 0.0
	if i != j {
		distance = g.apart[i*(i-1)/2+j]
	}
	c, d := iso.at(distance)
	if grad != nil {
		grad[0] = d
	}
	return c
}

// Predict returns mean and variance of the function, without noise, at x.
func (g *GP) Predict(x []float32) (mean, variance float64, err error) {
	if len(x) != g.dim {
		return 0, 0, fmt.Errorf("gp: a point has %d coordinates, not %d", g.dim, len(x))
	}
	variance = g.variance * g.kernel.Cov(x, x)
	n := g.Len()
	if n == 0 {
		return 0, variance, nil
	}
	k := mat.NewVecDense(n, nil)
	for i := range n {
		c := g.variance * g.kernel.Cov(g.row(i), x)
		mean += c * g.alpha[i]
		k.SetVec(i, c)
	}
	var v mat.VecDense
	_ = g.chol.SolveVecTo(&v, k) // an error would only say that the matrix is badly conditioned
	return mean, max(variance-mat.Dot(k, &v), 0), nil
}
