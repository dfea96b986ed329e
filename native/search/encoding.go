package search

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"arch2vec/native/cell"
	"arch2vec/native/space"
	"arch2vec/native/space/darts"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// encoding describes cells by independent choices, as hyperparameter optimisers
// want them: the discrete baselines search in it.
//
//	nasbench201  the operations of the six edges
//	nasbench101  encoding A of Ying et al. (2019): 21 possible edges between 7 nodes,
//	             present or not, and 5 operations; not every code is a cell
//	darts        for each block its operations and its pair of inputs
type encoding struct {
	levels []int // number of values of each variable
	// cell returns what a code stands for, in the order of nodes that the space
	// itself lists; false when that is no cell.
	cell func(x []int) (cell.Cell, bool)
	// flips has the probability that a published mutation changes a variable; nil
	// stands for equal ones.
	flips []float64
}

func newEncoding(s space.Space) (*encoding, error) {
	switch s.Name() {
	case nasbench201.Name:
		return encoding201(s), nil
	case nasbench101.Name:
		return encoding101(s), nil
	case darts.Name:
		return encodingDARTS(s), nil
	}
	return nil, fmt.Errorf("search: no discrete encoding of the space %s", s.Name())
}

func encoding201(s space.Space) *encoding {
	edges := s.Cell(0).Edges() // one graph for all
	return &encoding{
		levels: []int{5, 5, 5, 5, 5, 5},
		cell: func(x []int) (cell.Cell, bool) {
			ops := make([]int, 8)
			ops[0], ops[7] = nasbench201.Input, nasbench201.Output
			for i, v := range x {
				ops[i+1] = nasbench201.Conv1x1 + v
			}
			c, err := cell.New(ops, edges)
			return c, err == nil && s.Check(c) == nil
		},
		// The benchmark's own code draws one of three feature maps first, and then
		// one of the edges into it.
		flips: []float64{1. / 3, 1. / 6, 1. / 6, 1. / 9, 1. / 9, 1. / 9},
	}
}

func encoding101(s space.Space) *encoding {
	const nodes = nasbench101.MaxNodes
	levels := make([]int, 0, nodes*(nodes-1)/2+nodes-2)
	for range nodes * (nodes - 1) / 2 {
		levels = append(levels, 2)
	}
	for range nodes - 2 {
		levels = append(levels, 3)
	}
	return &encoding{levels: levels, cell: func(x []int) (cell.Cell, bool) {
		ops := make([]int, nodes)
		ops[0], ops[nodes-1] = nasbench101.Input, nasbench101.Output
		k := 0
		var edges [][2]int
		for i := range nodes {
			for j := i + 1; j < nodes; j++ {
				if x[k] == 1 {
					edges = append(edges, [2]int{i, j})
				}
				k++
			}
		}
		for i := 1; i < nodes-1; i++ {
			ops[i] = nasbench101.Conv1x1 + x[k]
			k++
		}
		c, err := cell.New(ops, edges)
		if err != nil {
			return cell.Cell{}, false
		}
		// The benchmark counts edges before it removes dead ends.
		if c.NumEdges() > nasbench101.MaxEdges {
			return cell.Cell{}, false
		}
		i, ok := s.Index(c)
		if !ok {
			return cell.Cell{}, false
		}
		return s.Cell(i), true
	}}
}

func encodingDARTS(s space.Space) *encoding {
	ops := s.Ops()[2 : len(s.Ops())-1]
	var levels []int
	var pairs [][][2]int // of inputs, by block
	for block := range 4 {
		var list [][2]int
		for i := range block + 2 {
			for j := range i {
				list = append(list, [2]int{j, i})
			}
		}
		pairs = append(pairs, list)
		levels = append(levels, len(ops), len(ops), len(list))
	}
	return &encoding{levels: levels, cell: func(x []int) (cell.Cell, bool) {
		var picks []string
		for block, list := range pairs {
			in := list[x[3*block+2]]
			for k := range 2 {
				picks = append(picks, fmt.Sprintf("%s~%d", ops[x[3*block+k]], in[k]))
			}
		}
		c, err := s.Parse(strings.Join(picks, "|"))
		return c, err == nil && s.Check(c) == nil
	}}
}

// random draws a code uniformly, until it is a cell.
func (e *encoding) random(rng *rand.Rand) ([]int, cell.Cell) {
	x := make([]int, len(e.levels))
	for {
		for i, n := range e.levels {
			x[i] = rng.IntN(n)
		}
		if c, ok := e.cell(x); ok {
			return x, c
		}
	}
}

// mutate changes one variable, drawn by flips, to another value, drawn uniformly,
// again until that is a cell.
func (e *encoding) mutate(x []int, rng *rand.Rand) ([]int, cell.Cell) {
	y := make([]int, len(x))
	for {
		copy(y, x)
		i := e.variable(rng)
		y[i] = (x[i] + 1 + rng.IntN(e.levels[i]-1)) % e.levels[i]
		if c, ok := e.cell(y); ok {
			return y, c
		}
	}
}

// variable draws a variable that has more than one value.
func (e *encoding) variable(rng *rand.Rand) int {
	if e.flips == nil {
		for {
			if i := rng.IntN(len(e.levels)); e.levels[i] > 1 {
				return i
			}
		}
	}
	u := rng.Float64()
	for i, p := range e.flips {
		if u -= p; u < 0 {
			return i
		}
	}
	return len(e.flips) - 1
}
