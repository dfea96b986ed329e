package nasbench201

import (
	"fmt"
	"math/rand/v2"

	"arch2vec/native/cell"
)

// Random draws a cell uniformly from the 15,625.
func (s Space) Random(rng *rand.Rand) cell.Cell { return s.Cell(rng.IntN(Size)) }

// Mutate gives one of the six edges another operation, drawn uniformly from the
// 24 ways to do that, less those that leave the network as it is by ClassHash. It
// returns an error when Check refuses c.
func (s Space) Mutate(c cell.Cell, rng *rand.Rand) (cell.Cell, error) {
	before, err := s.ClassHash(c)
	if err != nil {
		return cell.Cell{}, err
	}
	ops := operations(c)
	for _, k := range rng.Perm(len(ops) * (choices - 1)) {
		edge, step := k/(choices-1), 1+k%(choices-1)
		changed := ops
		changed[edge] = Conv1x1 + (ops[edge]-Conv1x1+step)%choices
		d := build(changed)
		if after, err := s.ClassHash(d); err == nil && after != before {
			return d, nil
		}
	}
	return cell.Cell{}, fmt.Errorf("nasbench201: no edit of %v leads to another network", c)
}

// EditDistance returns the number of edges, 0 to 6, on which two cells have
// different operations. It is 0 only for equal cells: those of one class are some
// edits apart. It returns an error when Check refuses a cell.
func (s Space) EditDistance(a, b cell.Cell) (int, error) {
	for _, c := range []cell.Cell{a, b} {
		if err := s.Check(c); err != nil {
			return 0, err
		}
	}
	x, y := operations(a), operations(b)
	n := 0
	for k := range x {
		if x[k] != y[k] {
			n++
		}
	}
	return n, nil
}

// operations are those of the six edges of a legal cell.
func operations(c cell.Cell) (ops [6]int) {
	for k := range ops {
		ops[k] = c.Op(k + 1)
	}
	return ops
}
