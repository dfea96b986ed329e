package search

import (
	"fmt"
	"math"
	"slices"

	"arch2vec/native/analysis"
)

// Summary is a row of a results table, over runs with different seeds: what each
// run's best cell by validation accuracy scores. Accuracies are in percent.
type Summary struct {
	Runs             int
	Validation, Test analysis.Summary
	// Queries is their mean number.
	Queries float64
	// Found is the share of runs, 0 to 1, that saw the highest validation accuracy
	// there is; NaN where that is not known.
	Found float64
}

// Summarize returns the summary of runs; best is the highest validation accuracy
// there is, or NaN. Runs without any answer are an error.
func Summarize(traces []Trace, best float64) (Summary, error) {
	validation, test, err := Finals(traces)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{Runs: len(traces), Validation: analysis.Summarize(validation), Test: analysis.Summarize(test), Found: math.NaN()}
	for _, t := range traces {
		s.Queries += float64(len(t.Queries)) / float64(len(traces))
	}
	if math.IsNaN(best) {
		return s, nil
	}
	found := 0
	for _, v := range validation {
		if v >= best {
			found++
		}
	}
	s.Found = float64(found) / float64(len(traces))
	return s, nil
}

// Finals returns validation and test accuracy of each run's best cell by validation
// accuracy.
func Finals(traces []Trace) (validation, test []float64, err error) {
	if len(traces) == 0 {
		return nil, nil, fmt.Errorf("search: no runs to summarise")
	}
	for _, t := range traces {
		b := t.Best()
		if b < 0 {
			return nil, nil, fmt.Errorf("search: the run with seed %d has no answers: its budget is too small", t.Seed)
		}
		validation, test = append(validation, t.Queries[b].Validation), append(test, t.Queries[b].Test)
	}
	return validation, test, nil
}

// Axis says along what a curve runs.
type Axis int

// The axes.
const (
	ByQueries Axis = iota // 1, 2, 3, ...
	BySeconds             // the sum of the oracle's costs; equal steps of its logarithm
)

// Curve is regret along queries or seconds, over runs: at each X the mean over runs
// and its 95 % confidence band, 1.96 standard errors wide to each side. Regrets are
// fractions, as papers plot them: 0.01 is one percent of accuracy.
type Curve struct{ X, Mean, Low, High []float64 }

// RegretCurve returns the test regret of runs: how far the test accuracy of the
// cell that is best by validation accuracy is from the highest there is, best, in
// percent. A run that ends before others counts on with its last value. By seconds
// the curve has this many points, from where every run has an answer.
func RegretCurve(traces []Trace, axis Axis, best float64, points int) (Curve, error) {
	if len(traces) == 0 || points < 2 {
		return Curve{}, fmt.Errorf("search: a curve of %d runs and %d points", len(traces), points)
	}
	first, last, longest := 0.0, 0.0, 0
	var incumbents [][]Query
	for _, t := range traces {
		all := t.Incumbents()
		i := slices.IndexFunc(all, func(q Query) bool { return q.Query > 0 })
		if i < 0 {
			return Curve{}, fmt.Errorf("search: the run with seed %d has no answers", t.Seed)
		}
		first = max(first, t.Queries[i].Time)
		last = max(last, t.Queries[len(all)-1].Time)
		longest = max(longest, len(all))
		incumbents = append(incumbents, all)
	}
	var c Curve
	if axis == ByQueries {
		for n := 1; n <= longest; n++ {
			c.X = append(c.X, float64(n))
		}
	} else {
		if !(first > 0) {
			return Curve{}, fmt.Errorf("search: the oracle's answers cost nothing: there is no curve by seconds")
		}
		for k := range points {
			c.X = append(c.X, first*math.Pow(last/first, float64(k)/float64(points-1)))
		}
	}
	at := make([]int, len(traces)) // position in each run
	for _, x := range c.X {
		var regrets []float64
		for r, t := range traces {
			for at[r]+1 < len(t.Queries) && before(t.Queries[at[r]+1], axis, x) {
				at[r]++
			}
			if q := incumbents[r][at[r]]; q.Query > 0 {
				regrets = append(regrets, (best-q.Test)/100)
			}
		}
		s := analysis.Summarize(regrets)
		half := 1.96 * s.Std / math.Sqrt(float64(max(s.N, 1)))
		c.Mean, c.Low, c.High = append(c.Mean, s.Mean), append(c.Low, s.Mean-half), append(c.High, s.Mean+half)
	}
	return c, nil
}

// before reports whether a query was answered at x.
func before(q Query, axis Axis, x float64) bool {
	if axis == ByQueries {
		return float64(q.Query) <= x
	}
	return q.Time <= x*(1+1e-12) // x may be rounded
}
