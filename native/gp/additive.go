package gp

import "math"

// Additive is a sum of squared exponential kernels, each on one part of the points,
//
//	sum over p of Weights[p] exp(-1/2 |x_p - y_p|² / Length²)
//
// where x_p is the p-th of as many vectors of equal length that lie one behind the
// other in x. What was learnt about one part holds whatever the others are, which a
// kernel on whole points denies (Duvenaud, Nickisch, Rasmussen: Additive Gaussian
// Processes, NIPS 2011, first order). Its one hyperparameter is the length.
type Additive struct {
	Length  float64   // above 0
	Weights []float64 // above 0, with the sum 1; as many as there are parts
}

// Params returns log Length.
func (k Additive) Params() []float64 { return []float64{math.Log(k.Length)} }

// With returns an Additive kernel of another length.
func (k Additive) With(params []float64) Kernel {
	return Additive{Length: math.Exp(params[0]), Weights: k.Weights}
}

// Cov returns the covariance of x and y.
func (k Additive) Cov(x, y []float32) float64 { return k.Grad(x, y, nil) }

// Grad returns the covariance and, unless grad is nil, its derivative with respect
// to log Length, the sum of its terms times |x_p - y_p|²/Length².
func (k Additive) Grad(x, y []float32, grad []float64) float64 {
	size := len(x) / max(len(k.Weights), 1)
	cov, slope := 0.0, 0.0
	for p, w := range k.Weights {
		// In float32: this is asked for every pair of an observation and a candidate.
		r2, other := float32(0), y[p*size:(p+1)*size]
		for d, v := range x[p*size : (p+1)*size] {
			e := v - other[d]
			r2 += e * e
		}
		r := float64(r2) / (k.Length * k.Length)
		term := w * math.Exp(-r/2)
		cov += term
		slope += term * r
	}
	if grad != nil {
		grad[0] = slope
	}
	return cov
}
