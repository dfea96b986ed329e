package search

import (
	"errors"
	"fmt"
	"math"

	"arch2vec/native/benchmark"
)

// Budget says when a run ends: after so many queries, or so many seconds of the
// oracle's cost, or whichever comes first. Zero is no limit; one must be given.
type Budget struct {
	Queries int     `json:"queries,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	// Overrun says what becomes of the query that crosses the limit in seconds. The
	// code of NAS-Bench-201 does not count it, and so do we; that of arch2vec counts
	// it, although it ended too late.
	Overrun bool `json:"overrun,omitempty"`
}

func (b Budget) validate() error {
	switch {
	case b.Queries < 0:
		return fmt.Errorf("search: budget of %d queries", b.Queries)
	case !(b.Seconds >= 0) || math.IsInf(b.Seconds, 1):
		return fmt.Errorf("search: budget of %v seconds", b.Seconds)
	case b.Queries == 0 && b.Seconds == 0:
		return errors.New("search: no budget: give a number of queries or of seconds")
	}
	return nil
}

// spent reports whether a run with these queries is over before the next one.
func (b Budget) spent(queries int, time float64) bool {
	return b.Queries > 0 && queries >= b.Queries || b.Seconds > 0 && time >= b.Seconds
}

// crosses reports whether a query that brings the clock to this time ends the run
// without counting.
func (b Budget) crosses(time float64) bool {
	return b.Seconds > 0 && !b.Overrun && time > b.Seconds
}

// PaperBudget is arch2vec's budget on NAS-Bench-201, in simulated seconds.
func PaperBudget(d benchmark.Dataset) float64 {
	switch d {
	case benchmark.CIFAR100:
		return 500_000
	case benchmark.ImageNet16120:
		return 1_400_000
	}
	return 12_000
}
