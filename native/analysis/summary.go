package analysis

import (
	"fmt"

	"gonum.org/v1/gonum/stat"
)

// Summary is the mean and standard deviation of a few numbers.
type Summary struct {
	N         int
	Mean, Std float64 // Std has N-1 in the denominator; 0 for one number
}

// Summarize returns the summary of xs.
func Summarize(xs []float64) Summary {
	s := Summary{N: len(xs), Mean: stat.Mean(xs, nil)}
	if len(xs) > 1 {
		s.Std = stat.StdDev(xs, nil)
	}
	return s
}

// String gives "75.0 ± 5.0"; a single number stands alone.
func (s Summary) String() string {
	if s.N < 2 {
		return fmt.Sprintf("%.1f", s.Mean)
	}
	return fmt.Sprintf("%.1f ± %.1f", s.Mean, s.Std)
}
