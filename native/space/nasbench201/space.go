package nasbench201

import (
	"errors"
	"fmt"
	"slices"

	"arch2vec/native/cell"
)

// Name is the space's name.
const Name = "nasbench201"

// Size is the number of cells: five operations on six edges.
const Size = 5 * 5 * 5 * 5 * 5 * 5

// The columns of the operation matrix.
const (
	Input = iota
	Conv1x1
	Conv3x3
	AvgPool3x3
	SkipConnect
	None
	Output
)

// choices are the operations an edge can have; the first is Conv1x1.
const choices = 5

// nodes is the number of nodes of the constant graph.
const nodes = 8

var vocabulary = []string{"input", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3", "skip_connect", "none", "output"}

// topology is the one graph of the space.
var topology = [][2]int{{0, 1}, {0, 2}, {0, 4}, {1, 3}, {1, 5}, {2, 6}, {3, 6}, {4, 7}, {5, 7}, {6, 7}}

// Space is the NAS-Bench-201 search space. It holds no state; New is only there
// for symmetry with larger spaces.
type Space struct{}

// New returns the space.
func New() Space { return Space{} }

// Name returns "nasbench201".
func (Space) Name() string { return Name }

// ID returns "nasbench201": there is one space of this name.
func (Space) ID() string { return Name }

// Nodes returns 8, the number of rows of an encoded cell.
func (Space) Nodes() int { return nodes }

// Ops returns the vocabulary: the 7 columns of an encoded cell's operations.
func (Space) Ops() []string { return slices.Clone(vocabulary) }

// Len returns 15,625.
func (Space) Len() int { return Size }

// Cell returns cell i of the order given in the package's documentation. It
// panics unless 0 <= i < Len.
func (Space) Cell(i int) cell.Cell {
	if i < 0 || i >= Size {
		panic(fmt.Sprintf("nasbench201: cell %d of %d", i, Size))
	}
	var ops [6]int
	for k := len(ops) - 1; k >= 0; k-- {
		ops[k] = Conv1x1 + i%choices
		i /= choices
	}
	return build(ops)
}

// build makes the cell with these operations on nodes 1 to 6.
func build(ops [6]int) cell.Cell {
	c, err := cell.New([]int{Input, ops[0], ops[1], ops[2], ops[3], ops[4], ops[5], Output}, topology)
	if err != nil {
		panic(err) // the topology above is legal
	}
	return c
}

// Index is the inverse of Cell; it returns false for a cell that is not of the
// space.
func (s Space) Index(c cell.Cell) (int, bool) {
	if s.Check(c) != nil {
		return 0, false
	}
	i := 0
	for v := 1; v < nodes-1; v++ {
		i = i*choices + c.Op(v) - Conv1x1
	}
	return i, true
}

var graph = build([6]int{Conv1x1, Conv1x1, Conv1x1, Conv1x1, Conv1x1, Conv1x1})

var errNotCell = errors.New("nasbench201: not a cell of the space")

// Check returns nil for a cell of the space and otherwise says what is wrong:
// its graph must be the space's one graph, its first operation input, its last
// output, and those between one of the five.
func (Space) Check(c cell.Cell) error {
	if c.Len() != nodes {
		return fmt.Errorf("%w: %d nodes, want %d", errNotCell, c.Len(), nodes)
	}
	if !c.SameGraph(graph) {
		return fmt.Errorf("%w: its edges are not those of the one graph of the space", errNotCell)
	}
	return checkOps(c, 1)
}

// CheckPublished is the looser test of arch2vec's published code, which looks
// neither at the edges nor at the operation of node 1. Most of what it lets
// through is not a cell of NAS-Bench-201; it is here so that validity can be
// compared with the paper's.
func (Space) CheckPublished(c cell.Cell) error {
	if c.Len() != nodes {
		return fmt.Errorf("%w: %d nodes, want %d", errNotCell, c.Len(), nodes)
	}
	return checkOps(c, 2)
}

// checkOps looks at the ends and at the operations from the given node on.
func checkOps(c cell.Cell, from int) error {
	if c.Op(0) != Input || c.Op(nodes-1) != Output {
		return fmt.Errorf("%w: it does not begin with input and end with output", errNotCell)
	}
	for v := from; v < nodes-1; v++ {
		if op := c.Op(v); op < Conv1x1 || op > None {
			return fmt.Errorf("%w: node %d has no operation of an edge", errNotCell, v)
		}
	}
	return nil
}
