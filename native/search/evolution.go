package search

import (
	"fmt"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
)

// Evolution are the settings of regularized evolution (Real, Aggarwal, Huang, Le:
// Regularized Evolution for Image Classifier Architecture Search, AAAI 2019,
// algorithm 1): a queue of Population cells; the best of Sample members, drawn with
// replacement, has a mutated child, which joins the queue as its oldest member
// leaves.
type Evolution struct {
	Population int `json:"population"`
	Sample     int `json:"sample"`
	// Published mutates as the published code does: a variable of the discrete
	// encoding gets another value, whether or not that changes the network, and a
	// child that was asked before is asked, and paid for, again. Otherwise a child is
	// an edit away by Space.Mutate, and new.
	Published bool `json:"published"`
}

// Method returns "evolution".
func (Evolution) Method() string { return "evolution" }

// New returns a strategy.
func (e Evolution) New(p Problem) (Strategy, error) {
	if e.Population < 1 || e.Sample < 1 {
		return nil, fmt.Errorf("search: evolution: population %d, sample %d: both must be at least 1", e.Population, e.Sample)
	}
	s := &evolution{settings: e, draw: newDraws(p, "evolution", e.Published)}
	if e.Published {
		var err error
		if s.encoding, err = newEncoding(p.Space); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// individual is a cell with its code, in the published variant, and its accuracy.
type individual struct {
	cell     cell.Cell
	code     []int
	accuracy float64
}

type evolution struct {
	settings Evolution
	draw     *draws
	encoding *encoding    // published only
	queue    []individual // oldest first
	asked    []individual // not told yet
	born     int          // random ones asked so far
}

func (e *evolution) Ask(n int) ([]cell.Cell, error) {
	var cells []cell.Cell
	for range n {
		next, err := e.next()
		if err == ErrExhausted && len(cells) > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		e.asked = append(e.asked, next)
		cells = append(cells, next.cell)
	}
	return cells, nil
}

func (e *evolution) next() (individual, error) {
	if e.born < e.settings.Population || len(e.queue) == 0 {
		e.born++
		return e.random()
	}
	parent := e.queue[e.draw.rng.IntN(len(e.queue))]
	for range e.settings.Sample - 1 {
		if rival := e.queue[e.draw.rng.IntN(len(e.queue))]; rival.accuracy > parent.accuracy {
			parent = rival
		}
	}
	if e.encoding != nil {
		code, c := e.encoding.mutate(parent.code, e.draw.rng)
		return individual{cell: c, code: code}, nil
	}
	c, err := newNeighbour(e.draw, parent.cell)
	return individual{cell: c}, err
}

func (e *evolution) random() (individual, error) {
	if e.encoding != nil {
		code, c := e.encoding.random(e.draw.rng)
		return individual{cell: c, code: code}, nil
	}
	c, err := e.draw.cell()
	return individual{cell: c}, err
}

func (e *evolution) Tell(c cell.Cell, s benchmark.Score) error {
	if len(e.asked) == 0 || e.asked[0].cell != c {
		return fmt.Errorf("search: evolution: told of a cell that was not asked: %v", c)
	}
	child := e.asked[0]
	e.asked = e.asked[1:]
	child.accuracy = s.Validation
	e.queue = append(e.queue, child)
	if len(e.queue) > e.settings.Population {
		e.queue = e.queue[1:]
	}
	return nil
}

// newNeighbour returns a cell one edit from c that was not seen; where none is
// found, of an edit more, and at last a random one.
func newNeighbour(d *draws, c cell.Cell) (cell.Cell, error) {
	for range 3 {
		var far cell.Cell
		for range tries {
			m, err := d.space.Mutate(c, d.rng)
			if err != nil {
				return cell.Cell{}, err
			}
			if d.take(m) {
				return m, nil
			}
			far = m
		}
		c = far
	}
	return d.cell()
}
