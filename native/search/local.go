package search

import (
	"fmt"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
)

// Local are the settings of local search (White, Nolen, Savani: Exploring the Loss
// Landscape in Neural Architecture Search, UAI 2021, algorithm 1): from a random
// cell to a better neighbour, one edit away, as long as there is one; from a local
// optimum it starts anew.
type Local struct {
	// Steepest asks about all neighbours and goes to the best, as in the paper's
	// algorithm. Otherwise it goes to the first that is better.
	Steepest bool `json:"steepest"`
}

// Method returns "local".
func (Local) Method() string { return "local" }

// New returns a strategy.
func (l Local) New(p Problem) (Strategy, error) {
	return &local{settings: l, draw: newDraws(p, "local", false), told: map[cell.Cell]float64{}}, nil
}

type local struct {
	settings Local
	draw     *draws
	told     map[cell.Cell]float64
	centre   cell.Cell
	started  bool
	looked   map[cell.Cell]bool // neighbours of the centre that were looked at
	best     cell.Cell          // of these
	found    bool               // best is better than the centre
}

// Ask returns one cell: which neighbour to look at next depends on the answer.
func (l *local) Ask(int) ([]cell.Cell, error) {
	for {
		c, ok, err := l.next()
		if err != nil {
			return nil, err
		}
		if ok {
			return []cell.Cell{c}, nil
		}
	}
}

// next makes one step; it returns a cell when the step needs an answer.
func (l *local) next() (cell.Cell, bool, error) {
	if l.found && !l.settings.Steepest {
		l.enter(l.best)
	}
	if l.started {
		c, ok, err := l.neighbour()
		if err != nil {
			return cell.Cell{}, false, err
		}
		if ok {
			if l.draw.take(c) {
				return c, true, nil
			}
			l.look(c)
			return cell.Cell{}, false, nil
		}
		if l.found {
			l.enter(l.best)
			return cell.Cell{}, false, nil
		}
		l.started = false // at a local optimum
	}
	c, err := l.draw.cell()
	return c, err == nil, err
}

// enter makes c the centre.
func (l *local) enter(c cell.Cell) {
	l.centre, l.started, l.found = c, true, false
	l.looked = map[cell.Cell]bool{}
}

// neighbour draws a neighbour of the centre that was not looked at; false when
// many draws find none.
func (l *local) neighbour() (cell.Cell, bool, error) {
	for range tries {
		c, err := l.draw.space.Mutate(l.centre, l.draw.rng)
		if err != nil {
			return cell.Cell{}, false, err
		}
		if !l.looked[c] {
			l.looked[c] = true
			return c, true, nil
		}
	}
	return cell.Cell{}, false, nil
}

// look compares a neighbour, whose accuracy is known, with the best.
func (l *local) look(c cell.Cell) {
	bar := l.told[l.centre]
	if l.found {
		bar = l.told[l.best]
	}
	if l.told[c] > bar {
		l.best, l.found = c, true
	}
}

func (l *local) Tell(c cell.Cell, s benchmark.Score) error {
	if !l.draw.seen[c] {
		return fmt.Errorf("search: local: told of a cell that was not asked: %v", c)
	}
	l.told[c] = s.Validation
	if l.started {
		l.look(c)
	} else {
		l.enter(c)
	}
	return nil
}
