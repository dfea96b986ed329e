package darts

import (
	"fmt"
	"math/rand/v2"

	"arch2vec/native/cell"
)

// Random draws a cell uniformly from the sample.
func (s *Space) Random(rng *rand.Rand) cell.Cell { return s.Cell(rng.IntN(s.Len())) }

// Mutate makes one edit, drawn uniformly from those that lead from c to a cell
// with another graph hash that is not too large (MaxOperations): one of the eight
// operations, or the input of one, becomes another. The two inputs of a block stay
// different. The mutant is a cell of the search space, but hardly ever of the
// sample. It returns an error when Check refuses c.
func (*Space) Mutate(c cell.Cell, rng *rand.Rand) (cell.Cell, error) {
	g, err := parse(c)
	if err != nil {
		return cell.Cell{}, err
	}
	before := g.fingerprint()
	mutants := g.edits()
	for len(mutants) > 0 {
		i := rng.IntN(len(mutants))
		m := mutants[i]
		if m.fingerprint() != before && imageNet(&m, &m).Operations() < MaxOperations {
			return m.cell(), nil
		}
		mutants[i] = mutants[len(mutants)-1]
		mutants = mutants[:len(mutants)-1]
	}
	return cell.Cell{}, fmt.Errorf("darts: no edit of %v leads to another cell", c)
}

// edits lists the cells with one operation or one input changed.
func (g genes) edits() []genes {
	var all []genes
	for k, pick := range g {
		changed := g
		for op := None; op < None+choices; op++ {
			if changed[k].op = op; op != pick.op {
				all = append(all, changed)
			}
		}
		changed = g
		other := g[k^1] // of the same block
		for in := range k/2 + 2 {
			if changed[k].in = in; in != pick.in && in != other.in {
				all = append(all, changed)
			}
		}
	}
	return all
}
