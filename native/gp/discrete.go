package gp

import "math"

// Hamming is a kernel on points whose coordinates are codes, such as the number
// of an edge's operation:
//
//	exp(-sum over d of Weights[d] [x_d ≠ y_d])
//
// With a single weight it is the same for all coordinates: then the sum is the
// Hamming distance times the weight.
type Hamming struct {
	Weights []float64 // above 0; as many as there are coordinates, or one
}

// Params returns log Weights.
func (k Hamming) Params() []float64 { return logs(k.Weights) }

// With returns a Hamming kernel of other weights.
func (k Hamming) With(params []float64) Kernel { return Hamming{exps(params)} }

// Cov returns the covariance of x and y.
func (k Hamming) Cov(x, y []float32) float64 { return math.Exp(-k.distance(x, y, nil)) }

// Grad returns the covariance and its derivatives: with respect to log Weights[d],
// it times -Weights[d] where x and y differ.
func (k Hamming) Grad(x, y []float32, grad []float64) float64 {
	clear(grad)
	c := math.Exp(-k.distance(x, y, grad))
	for d := range grad {
		grad[d] *= -c
	}
	return c
}

func (k Hamming) distance(x, y []float32, grad []float64) float64 {
	sum := 0.0
	for d, v := range x {
		if v == y[d] {
			continue
		}
		i := min(d, len(k.Weights)-1)
		if sum += k.Weights[i]; grad != nil {
			grad[i] += k.Weights[i]
		}
	}
	return sum
}

// Table is a kernel whose values were computed before. Its points have one
// coordinate, a row number below 2²⁴.
type Table struct {
	N      int
	Values []float64 // N x N, symmetric, positive definite
}

// Params returns none: a table has no hyperparameters.
func (k Table) Params() []float64 { return nil }

// With returns the same table.
func (k Table) With([]float64) Kernel { return k }

// Cov returns the covariance of rows x[0] and y[0].
func (k Table) Cov(x, y []float32) float64 { return k.Values[int(x[0])*k.N+int(y[0])] }

// Grad returns the covariance.
func (k Table) Grad(x, y []float32, _ []float64) float64 { return k.Cov(x, y) }
