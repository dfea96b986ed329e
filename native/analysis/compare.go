package analysis

import (
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Comparison is the outcome of a test whether two samples differ.
type Comparison struct {
	// Difference is the mean of the first less that of the second.
	Difference float64
	// Welch is the two-sided p-value of Welch's t-test: equal means, whatever the
	// variances.
	Welch float64
	// MannWhitney is the two-sided p-value of the Mann-Whitney U test: a number of one
	// sample is as often above as below one of the other. It asks nothing of the shape
	// of the distributions.
	MannWhitney float64
}

var errSamples = errors.New("analysis: a comparison needs two samples of at least 2 finite numbers")

// Compare tests whether two independent samples, such as the final accuracies of
// two methods over seeds, differ.
func Compare(a, b []float64) (Comparison, error) {
	if len(a) < 2 || len(b) < 2 {
		return Comparison{}, errSamples
	}
	for _, sample := range [][]float64{a, b} {
		for _, v := range sample {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return Comparison{}, errSamples
			}
		}
	}
	return Comparison{stat.Mean(a, nil) - stat.Mean(b, nil), welch(a, b), mannWhitney(a, b)}, nil
}

// welch is the p-value of (Welch: The generalization of Student's problem, 1947)
//
//	t = (mean a - mean b) / sqrt(u + v),  u = var a / n_a, v = var b / n_b
//
// with (u + v)² / (u²/(n_a-1) + v²/(n_b-1)) degrees of freedom.
func welch(a, b []float64) float64 {
	n, m := float64(len(a)), float64(len(b))
	meanA, varA := stat.MeanVariance(a, nil)
	meanB, varB := stat.MeanVariance(b, nil)
	u, v := varA/n, varB/m
	if u+v == 0 { // constant samples
		if meanA == meanB {
			return 1
		}
		return 0
	}
	t := (meanA - meanB) / math.Sqrt(u+v)
	freedom := (u + v) * (u + v) / (u*u/(n-1) + v*v/(m-1))
	return min(1, 2*distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.CDF(-math.Abs(t)))
}

// mannWhitney is the p-value of U, the number of pairs in which a's member is the
// larger, ties one half (Mann, Whitney 1947), by its normal approximation with
// corrections for ties and continuity: for samples of some twenty numbers and more.
func mannWhitney(a, b []float64) float64 {
	type entry struct {
		value float64
		first bool
	}
	all := make([]entry, 0, len(a)+len(b))
	for _, v := range a {
		all = append(all, entry{v, true})
	}
	for _, v := range b {
		all = append(all, entry{v, false})
	}
	slices.SortFunc(all, func(x, y entry) int {
		switch {
		case x.value < y.value:
			return -1
		case x.value > y.value:
			return 1
		}
		return 0
	})
	ranks, ties := 0.0, 0.0 // sum of a's ranks; sum of t³ - t over groups of t equal values
	for i := 0; i < len(all); {
		j := i
		firsts := 0.0
		for ; j < len(all) && all[j].value == all[i].value; j++ {
			if all[j].first {
				firsts++
			}
		}
		t := float64(j - i)
		ranks += firsts * float64(i+1+j) / 2
		ties += t*t*t - t
		i = j
	}
	n, m := float64(len(a)), float64(len(b))
	u := ranks - n*(n+1)/2
	variance := n * m / 12 * (n + m + 1 - ties/((n+m)*(n+m-1)))
	if !(variance > 0) {
		return 1 // all numbers are equal
	}
	z := max(0, math.Abs(u-n*m/2)-0.5) / math.Sqrt(variance)
	return math.Erfc(z / math.Sqrt2)
}
