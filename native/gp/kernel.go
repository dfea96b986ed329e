package gp

import "math"

// Kernel is a positive definite function of two points, 1 (or of that order) for
// a point with itself. Its hyperparameters are positive; they are passed as
// natural logarithms, which an optimiser can move freely. A Kernel does not
// change: With makes another one.
type Kernel interface {
	// Params returns the logarithms of the hyperparameters; the caller may keep it.
	Params() []float64
	// With returns the kernel of the same kind with these hyperparameters.
	With(params []float64) Kernel
	// Cov returns the covariance of x and y.
	Cov(x, y []float32) float64
	// Grad returns the covariance and sets grad, as long as Params, to its derivatives
	// with respect to Params.
	Grad(x, y []float32, grad []float64) float64
}

// RBF is the squared exponential kernel
//
//	exp(-1/2 sum over d of (x_d - y_d)² / Lengths[d]²)
//
// With a single length it is the same for all coordinates.
type RBF struct {
	Lengths []float64 // above 0; as many as there are coordinates, or one
}

// Params returns log Lengths.
func (k RBF) Params() []float64 { return logs(k.Lengths) }

// With returns an RBF of other lengths.
func (k RBF) With(params []float64) Kernel { return RBF{exps(params)} }

// Cov returns the covariance of x and y.
func (k RBF) Cov(x, y []float32) float64 { return math.Exp(-scaled(k.Lengths, x, y, nil) / 2) }

// Grad returns the covariance and its derivatives: with respect to log Lengths[d],
// it times (x_d - y_d)²/Lengths[d]².
func (k RBF) Grad(x, y []float32, grad []float64) float64 {
	c := math.Exp(-scaled(k.Lengths, x, y, grad) / 2)
	for d := range grad {
		grad[d] *= c
	}
	return c
}

// Matern52 is the Matérn kernel with smoothness 5/2,
//
//	(1 + √5 r + 5/3 r²) exp(-√5 r),  r² = sum over d of (x_d - y_d)² / Lengths[d]²
//
// whose functions are twice differentiable. With a single length it is the same
// for all coordinates.
type Matern52 struct {
	Lengths []float64 // above 0; as many as there are coordinates, or one
}

// Params returns log Lengths.
func (k Matern52) Params() []float64 { return logs(k.Lengths) }

// With returns a Matern52 of other lengths.
func (k Matern52) With(params []float64) Kernel { return Matern52{exps(params)} }

// Cov returns the covariance of x and y.
func (k Matern52) Cov(x, y []float32) float64 {
	r2 := scaled(k.Lengths, x, y, nil)
	s := math.Sqrt(5 * r2)
	return (1 + s + 5./3*r2) * math.Exp(-s)
}

// Grad returns the covariance and its derivatives: with respect to log Lengths[d],
// 5/3 (1 + √5 r) exp(-√5 r) (x_d - y_d)²/Lengths[d]².
func (k Matern52) Grad(x, y []float32, grad []float64) float64 {
	r2 := scaled(k.Lengths, x, y, grad)
	s := math.Sqrt(5 * r2)
	e := math.Exp(-s)
	for d := range grad {
		grad[d] *= 5. / 3 * (1 + s) * e
	}
	return (1 + s + 5./3*r2) * e
}

// scaled is the sum over d of (x_d - y_d)² / lengths[d]², whose terms, added up per
// length, go to grad unless nil.
func scaled(lengths []float64, x, y []float32, grad []float64) float64 {
	sum := 0.0
	if len(lengths) == 1 {
		for d, v := range x {
			e := float64(v) - float64(y[d])
			sum += e * e
		}
		sum /= lengths[0] * lengths[0]
		if grad != nil {
			grad[0] = sum
		}
		return sum
	}
	for d, v := range x {
		e := (float64(v) - float64(y[d])) / lengths[d]
		if sum += e * e; grad != nil {
			grad[d] = e * e
		}
	}
	return sum
}

func logs(x []float64) []float64 {
	l := make([]float64, len(x))
	for i, v := range x {
		l[i] = math.Log(v)
	}
	return l
}

func exps(x []float64) []float64 {
	e := make([]float64, len(x))
	for i, v := range x {
		e[i] = math.Exp(v)
	}
	return e
}
