package search

import (
	"math"
	"slices"

	"arch2vec/native/cell"
)

// hyperband is the schedule of Hyperband (Li et al., JMLR 2018, algorithm 1):
// brackets of successive halving. A bracket begins with many trials of a small
// budget, its first rung; the best 1/eta of a rung go on to the next, with eta times
// the budget.
type hyperband struct {
	eta    int
	rungs  int // of the longest bracket: s_max + 1
	floors bool
	// The present bracket and rung. A bracket of s+1 rungs has rungs s_max-s to
	// s_max of the budgets.
	bracket int
	s, rung int
	size    []int // trials of each rung of the bracket
	trials  []trial
	waiting []code // promoted to this rung, not handed out yet
	handed  int    // trials of this rung handed out
}

// code is a cell with its discrete code.
type code struct {
	x    []int
	cell cell.Cell
}

// trial is a finished evaluation in a rung.
type trial struct {
	code
	accuracy float64
}

// newHyperband prepares brackets between two budgets. With floors, sizes are
// rounded as HpBandSter does it: floor(rungs/(s+1)) eta^s in place of
// ceil(rungs/(s+1) eta^s).
func newHyperband(eta int, least, most float64, floors bool) *hyperband {
	h := &hyperband{eta: eta, rungs: 1, floors: floors, bracket: -1}
	for b := most / float64(eta); b >= least*(1-1e-9); b /= float64(eta) {
		h.rungs++
	}
	h.next()
	return h
}

// next begins the next bracket.
func (h *hyperband) next() {
	h.bracket++
	h.s = h.rungs - 1 - h.bracket%h.rungs
	power := math.Pow(float64(h.eta), float64(h.s))
	n := int(math.Ceil(float64(h.rungs) / float64(h.s+1) * power))
	if h.floors {
		n = h.rungs / (h.s + 1) * int(power)
	}
	h.size = h.size[:0]
	for range h.s + 1 {
		h.size = append(h.size, max(n, 1))
		n /= h.eta
	}
	h.rung, h.handed, h.trials, h.waiting = 0, 0, nil, nil
}

// budget is the number of the present rung's budget, 0 the smallest.
func (h *hyperband) budget() int { return h.rungs - 1 - h.s + h.rung }

// take hands out the next trial of the present rung: one that was promoted, or a
// new one that the caller is to choose; ok is false while the rung waits for
// results.
func (h *hyperband) take() (promoted *code, ok bool) {
	if h.handed == h.size[h.rung] {
		return nil, false
	}
	h.handed++
	if h.rung == 0 {
		return nil, true
	}
	c := h.waiting[0]
	h.waiting = h.waiting[1:]
	return &c, true
}

// report takes the result of a trial. The last one of a rung begins the next.
func (h *hyperband) report(t trial) {
	h.trials = append(h.trials, t)
	if len(h.trials) < h.size[h.rung] {
		return
	}
	if h.rung == h.s {
		h.next()
		return
	}
	slices.SortStableFunc(h.trials, func(a, b trial) int {
		switch {
		case a.accuracy > b.accuracy:
			return -1
		case a.accuracy < b.accuracy:
			return 1
		}
		return 0
	})
	h.rung++
	for _, t := range h.trials[:h.size[h.rung]] {
		h.waiting = append(h.waiting, t.code)
	}
	h.handed, h.trials = 0, nil
}
