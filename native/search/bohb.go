package search

import (
	"fmt"
	"slices"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
)

// BOHB are the settings of BOHB (Falkner, Klein, Hutter: BOHB: Robust and Efficient
// Hyperparameter Optimization at Scale, ICML 2018): Hyperband whose new trials come
// from a model of good and bad cells (algorithm 2 of the paper).
//
// An oracle that knows final accuracies only has nothing cheaper to offer for a
// smaller budget. A cell that goes on to a larger one has its answer already: it is
// not asked again, and there is one model of all answers. The published code does
// ask, and pays, again, and keeps a model for each budget.
type BOHB struct {
	Eta        int     `json:"eta"`
	MinBudget  float64 `json:"min_budget"` // epochs; only the ratio to MaxBudget matters
	MaxBudget  float64 `json:"max_budget"`
	Random     float64 `json:"random"`     // rho: share of trials drawn uniformly
	Good       float64 `json:"good"`       // q: share of trials that the model holds good
	Candidates int     `json:"candidates"` // N_s: draws, of which the best is asked
	Factor     float64 `json:"factor"`     // b_w: on the bandwidths that candidates are drawn with
	MinWidth   float64 `json:"min_width"`  // of bandwidths
	Published  bool    `json:"published"`  // HpBandSter's estimates, sizes and repetitions
}

// Method returns "bohb".
func (BOHB) Method() string { return "bohb" }

// New returns a strategy.
func (b BOHB) New(p Problem) (Strategy, error) {
	switch {
	case b.Eta < 2 || b.Candidates < 1:
		return nil, fmt.Errorf("search: bohb: eta %d, %d candidates: want at least 2, and 1", b.Eta, b.Candidates)
	case !(b.MinBudget > 0 && b.MaxBudget >= b.MinBudget):
		return nil, fmt.Errorf("search: bohb: budgets from %v to %v", b.MinBudget, b.MaxBudget)
	case !(b.Random >= 0 && b.Random <= 1) || !(b.Good > 0 && b.Good < 1):
		return nil, fmt.Errorf("search: bohb: shares of random and good trials %v and %v: want [0, 1] and (0, 1)", b.Random, b.Good)
	case !(b.Factor > 0) || !(b.MinWidth >= 0):
		return nil, fmt.Errorf("search: bohb: bandwidth factor %v, at least %v", b.Factor, b.MinWidth)
	}
	e, err := newEncoding(p.Space)
	if err != nil {
		return nil, err
	}
	h := newHyperband(b.Eta, b.MinBudget, b.MaxBudget, b.Published)
	return &bohb{
		settings: b, encoding: e, draw: newDraws(p, "bohb", b.Published),
		brackets: h, trials: make([][]trial, h.rungs), model: -1, told: map[cell.Cell]float64{},
	}, nil
}

type bohb struct {
	settings BOHB
	encoding *encoding
	draw     *draws
	brackets *hyperband
	trials   [][]trial // D_b: results by budget
	// The model is of the largest budget with enough trials; -1: there is none yet.
	model     int
	good, bad *kde
	asked     []asked
	told      map[cell.Cell]float64
}

// asked is a trial that waits for its answer.
type asked struct {
	code
	budget int
}

func (b *bohb) Ask(n int) ([]cell.Cell, error) {
	var cells []cell.Cell
	for len(cells) < n {
		promoted, ok := b.brackets.take()
		if !ok { // the rung is full, and waits for what was asked
			return cells, nil
		}
		var c code
		if promoted != nil {
			c = *promoted
			if accuracy, known := b.told[c.cell]; known && !b.settings.Published {
				b.brackets.report(trial{c, accuracy})
				continue
			}
		} else {
			var err error
			if c, err = b.propose(); err != nil {
				if err == ErrExhausted && len(cells) > 0 {
					break
				}
				return nil, err
			}
		}
		b.asked = append(b.asked, asked{c, b.brackets.budget()})
		cells = append(cells, c.cell)
	}
	return cells, nil
}

// propose is algorithm 2 of the paper: a random cell with probability rho or
// without a model, and otherwise that of some draws from the model of the good ones
// where the ratio of densities, good to bad, is highest.
func (b *bohb) propose() (code, error) {
	rng := b.draw.rng
	if b.model < 0 || rng.Float64() < b.settings.Random {
		return b.random()
	}
	var best code
	highest := 0.0
	x := make([]int, len(b.encoding.levels))
	const least = 1e-32 // densities, so that ratios are finite
	for range b.settings.Candidates {
		if b.settings.Published {
			b.good.drawPublished(rng, x)
		} else {
			b.good.draw(rng, b.settings.Factor, x)
		}
		c, ok := b.encoding.cell(x)
		if !ok || b.draw.seen[c] && !b.draw.repeat {
			continue
		}
		ratio := max(b.good.density(x), least) / max(b.bad.density(x), least)
		if ratio > highest {
			best, highest = code{slices.Clone(x), c}, ratio
		}
	}
	if highest == 0 { // no draw was a cell, or all of them known
		return b.random()
	}
	b.draw.take(best.cell)
	return best, nil
}

func (b *bohb) random() (code, error) {
	for range tries {
		if x, c := b.encoding.random(b.draw.rng); b.draw.take(c) {
			return code{x, c}, nil
		}
	}
	return code{}, ErrExhausted
}

func (b *bohb) Tell(c cell.Cell, s benchmark.Score) error {
	if len(b.asked) == 0 || b.asked[0].cell != c {
		return fmt.Errorf("search: bohb: told of a cell that was not asked: %v", c)
	}
	t := b.asked[0]
	b.asked = b.asked[1:]
	b.told[c] = s.Validation
	b.brackets.report(trial{t.code, s.Validation})
	b.learn(t, s.Validation)
	return nil
}

// learn takes an answer into the model.
func (b *bohb) learn(a asked, accuracy float64) {
	t := trial{a.code, accuracy}
	budget := a.budget
	if !b.settings.Published {
		budget = 0 // every answer is a final accuracy
	}
	b.trials[budget] = append(b.trials[budget], t)
	if budget >= b.model {
		b.fit(budget)
	}
}

// fit models the trials of a budget, if there are enough: the best q, but at least
// N_min = d + 1, are good, the others, but likewise at least N_min, bad (equation 3
// of the paper). Below N_min + 2 there is no model; HpBandSter, as it does not let
// the two overlap, needs 2 N_min.
func (b *bohb) fit(budget int) {
	least := len(b.encoding.levels) + 1
	trials := slices.Clone(b.trials[budget])
	n := len(trials)
	if n < least+2 || b.settings.Published && n < 2*least {
		return
	}
	slices.SortStableFunc(trials, func(x, y trial) int {
		switch {
		case x.accuracy > y.accuracy:
			return -1
		case x.accuracy < y.accuracy:
			return 1
		}
		return 0
	})
	good := max(least, int(b.settings.Good*float64(n)))
	bad := max(least, n-good)
	codes := make([][]int, n)
	for i, t := range trials {
		codes[i] = t.x
	}
	b.model = budget
	b.good = newKDE(codes[:good], b.encoding.levels, b.settings.MinWidth, b.settings.Published)
	b.bad = newKDE(codes[n-bad:], b.encoding.levels, b.settings.MinWidth, b.settings.Published)
}
