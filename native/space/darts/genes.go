package darts

import (
	"errors"
	"fmt"

	"arch2vec/native/cell"
)

// The sizes of a cell.
const (
	blocks = 4
	picks  = 2 * blocks // operations, two a block
	nodes  = 2 + picks + 1
	output = nodes - 1
)

// The columns of the operation matrix.
const (
	InputBefore = iota // c_k-2
	Input              // c_k-1
	None
	MaxPool3x3
	AvgPool3x3
	SkipConnect
	SepConv3x3
	SepConv5x5
	DilConv3x3
	DilConv5x5
	Output
)

// choices is the number of operations; the first is None.
const choices = 8

var vocabulary = []string{"c_k-2", "c_k-1", "none", "max_pool_3x3", "avg_pool_3x3", "skip_connect",
	"sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5", "output"}

// gene is an operation and its input: 0 or 1 for the previous cells, 2+b for
// block b.
type gene struct{ op, in int }

// genes is a cell; genes 2b and 2b+1 are block b.
type genes [picks]gene

// cell returns the graph.
func (g genes) cell() cell.Cell {
	ops := make([]int, nodes)
	ops[0], ops[1], ops[output] = InputBefore, Input, Output
	edges := make([][2]int, 0, 3*picks)
	for k, pick := range g {
		to := 2 + k
		ops[to] = pick.op
		if pick.in < 2 {
			edges = append(edges, [2]int{pick.in, to})
		} else {
			from := 2 * (pick.in - 1) // the block's first operation
			edges = append(edges, [2]int{from, to}, [2]int{from + 1, to})
		}
		edges = append(edges, [2]int{to, output})
	}
	c, err := cell.New(ops, edges)
	if err != nil {
		panic(err) // genes only hold legal cells
	}
	return c
}

var errNotCell = errors.New("darts: not a cell of the space")

// parse is the inverse of genes.cell, and the strict check.
func parse(c cell.Cell) (genes, error) {
	var g genes
	if err := checkOps(c); err != nil {
		return g, err
	}
	if c.HasEdge(0, 1) || c.HasEdge(0, output) || c.HasEdge(1, output) {
		return g, fmt.Errorf("%w: an input feeds something else than an operation", errNotCell)
	}
	for k := range g {
		to := 2 + k
		in, err := source(c, to, k/2)
		if err != nil {
			return g, err
		}
		if !c.HasEdge(to, output) {
			return g, fmt.Errorf("%w: node %d does not feed the output", errNotCell, to)
		}
		g[k] = gene{c.Op(to), in}
		if k%2 == 1 && g[k-1].in == in {
			return g, fmt.Errorf("%w: both operations of block %d have the same input", errNotCell, k/2)
		}
	}
	return g, nil
}

// source is the one input of an operation node of a block.
func source(c cell.Cell, to, block int) (int, error) {
	var from uint
	for v := range to {
		if c.HasEdge(v, to) {
			from |= 1 << v
		}
	}
	for in := range 2 + block {
		want := uint(1) << in
		if in >= 2 {
			want = 0b11 << (2 * (in - 1))
		}
		if from == want {
			return in, nil
		}
	}
	return 0, fmt.Errorf("%w: node %d does not have exactly one input, of a previous cell or both nodes of an earlier block", errNotCell, to)
}

// checkOps looks at the number of nodes and their operations.
func checkOps(c cell.Cell) error {
	if c.Len() != nodes {
		return fmt.Errorf("%w: %d nodes, want %d", errNotCell, c.Len(), nodes)
	}
	if c.Op(0) != InputBefore || c.Op(1) != Input || c.Op(output) != Output {
		return fmt.Errorf("%w: it does not begin with c_k-2 and c_k-1 and end with output", errNotCell)
	}
	for v := 2; v < output; v++ {
		if op := c.Op(v); op < None || op > DilConv5x5 {
			return fmt.Errorf("%w: node %d has no operation of a block", errNotCell, v)
		}
	}
	return nil
}

// code packs genes into 64 bits, six a gene.
type code uint64

func (g genes) code() (c code) {
	for k, pick := range g {
		c |= code((pick.op-None)<<3|pick.in) << (6 * k)
	}
	return c
}

func (c code) genes() (g genes) {
	for k := range g {
		bits := int(c>>(6*k)) & 63
		g[k] = gene{None + bits>>3, bits & 7}
	}
	return g
}
