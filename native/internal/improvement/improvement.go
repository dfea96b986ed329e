// Package improvement is expected improvement (Jones, Schonlau, Welch: Efficient
// Global Optimization of Expensive Black-Box Functions, 1998) and what a search that
// prunes by it has to know of it.
package improvement

import "math"

// Expected is the expectation of max(0, f - best) for a normal f (equation 15 of the
// paper).
func Expected(mean, sd, best float64) float64 {
	if sd <= 1e-9 {
		return max(0, mean-best)
	}
	return sd * standard((mean-best)/sd)
}

// standard is the expectation of max(0, u + e) with e standard normal.
func standard(u float64) float64 {
	return math.Exp(-u*u/2)/math.Sqrt(2*math.Pi) + u*0.5*math.Erfc(-u/math.Sqrt2)
}

// Peak is the expected improvement, in standard deviations, of what is expected to
// be as good as the best. That of anything better is at most so much more than the
// difference of its mean.
var Peak = 1 / math.Sqrt(2*math.Pi)

// Short is how far below the best a mean must be, in standard deviations, for an
// expected improvement of no more than x standard deviations. It is 0 where x is Peak
// or more, errs on the far side, and is the same for all x below 1e-290, which are
// next to nothing in float64.
func Short(x float64) float64 {
	const none = 39 // here and beyond, Expected is 0
	if x >= Peak {
		return 0
	}
	if x < 1e-290 {
		return none
	}
	near, far := 0.0, float64(none)
	for far-near > 1e-4 {
		if u := (near + far) / 2; standard(-u) > x {
			near = u
		} else {
			far = u
		}
	}
	return far
}
