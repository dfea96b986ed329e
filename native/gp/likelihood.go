package gp

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// LogLikelihood returns the logarithm of the marginal likelihood of the targets,
//
//	-1/2 yᵀ K⁻¹ y - 1/2 log|K| - n/2 log 2π
//
// and, unless grad is nil, sets grad to its derivatives with respect to
// [GP.Params]: 1/2 tr((a aᵀ - K⁻¹) dK/dθ) with a = K⁻¹ y (Rasmussen and Williams,
// equation 5.9).
func (g *GP) LogLikelihood(grad []float64) (float64, error) {
	p := len(g.kernel.Params())
	if grad != nil && len(grad) != p+2 {
		return 0, fmt.Errorf("gp: room for %d derivatives, there are %d hyperparameters", len(grad), p+2)
	}
	clear(grad)
	n := g.Len()
	if n == 0 {
		return 0, nil
	}
	l := -g.chol.LogDet()/2 - float64(n)/2*math.Log(2*math.Pi)
	for i, a := range g.alpha {
		l -= a * g.y[i] / 2
	}
	if grad == nil {
		return l, nil
	}
	var inverse mat.SymDense
	_ = g.chol.InverseTo(&inverse) // an error would only say that the matrix is badly conditioned
	raw := inverse.RawSymmetric()
	dk := make([]float64, p)
	for i := range n {
		for j := i; j < n; j++ {
			w := g.alpha[i]*g.alpha[j] - raw.Data[i*raw.Stride+j]
			if i == j {
				grad[p+1] += w / 2 * g.noise
				w /= 2 // the others appear twice
			}
			w *= g.variance
			grad[p] += w * g.kernel.Grad(g.row(i), g.row(j), dk)
			for d, v := range dk {
				grad[d] += w * v
			}
		}
	}
	return l, nil
}

// Prior is a normal distribution of the logarithm of a hyperparameter; a Std of 0
// stands for none.
type Prior struct{ Mean, Std float64 }

// FitOptions says how to fit hyperparameters.
type FitOptions struct {
	// Priors has one prior for each of [GP.Params], or is empty. With priors the fit
	// is to the posterior instead of the likelihood, which few observations make
	// advisable.
	Priors []Prior
	// Evaluations bounds the number of times that the likelihood is computed; 0
	// stands for 100.
	Evaluations int
}

// Fit maximises the marginal likelihood, times the priors, over all
// hyperparameters by L-BFGS, starting from the present ones. A search that ends
// for want of evaluations or progress keeps the best point it has seen; ctx ends
// it with an error, hyperparameters unchanged.
func (g *GP) Fit(ctx context.Context, o FitOptions) error {
	start := g.Params()
	if len(o.Priors) != 0 && len(o.Priors) != len(start) {
		return fmt.Errorf("gp: %d priors for %d hyperparameters", len(o.Priors), len(start))
	}
	if g.Len() == 0 {
		return nil
	}
	trial := *g
	best, at := math.Inf(1), start
	loss := func(p, grad []float64) float64 {
		if trial.SetParams(p) != nil {
			return math.Inf(1)
		}
		l, _ := trial.LogLikelihood(grad)
		f := -l
		for i := range grad {
			grad[i] = -grad[i]
		}
		for i, prior := range o.Priors {
			if prior.Std > 0 {
				z := (p[i] - prior.Mean) / prior.Std
				f += z * z / 2
				if grad != nil {
					grad[i] += z / prior.Std
				}
			}
		}
		if f < best {
			best, at = f, append([]float64(nil), p...)
		}
		return f
	}
	evaluations := o.Evaluations
	if evaluations <= 0 {
		evaluations = 100
	}
	// Func and Grad are asked for at the same points: compute both at once.
	grad, last := make([]float64, len(start)), []float64(nil)
	value := 0.0
	both := func(p []float64) {
		if ctx.Err() == nil && !equal(p, last) {
			value, last = loss(p, grad), append(last[:0], p...)
		}
	}
	problem := optimize.Problem{
		Func:   func(p []float64) float64 { both(p); return value },
		Grad:   func(dst, p []float64) { both(p); copy(dst, grad) },
		Status: func() (optimize.Status, error) { return optimize.NotTerminated, ctx.Err() },
	}
	settings := &optimize.Settings{FuncEvaluations: evaluations, GradientThreshold: 1e-4, Converger: &optimize.FunctionConverge{Absolute: 1e-5, Iterations: 5}}
	// The error of a line search that finds nothing better is no failure: the best
	// point stands.
	_, _ = optimize.Minimize(problem, start, settings, &optimize.LBFGS{})
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("gp: fit stopped: %w", err)
	}
	return g.SetParams(at)
}

func equal(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		if v != b[i] {
			return false
		}
	}
	return true
}
