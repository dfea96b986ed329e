package cell

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// MaxNodes is the largest number of nodes a cell can have, padding included.
// The widest space, DARTS, needs 11.
const MaxNodes = 16

// Absent is the operation of a padding row: a node that is not there.
const Absent = -1

// Cell is a directed acyclic graph with labelled nodes. The zero value is the
// empty cell.
type Cell struct {
	n   uint8
	ops [MaxNodes]int8
	out [MaxNodes]uint16 // bit j of out[i]: edge i -> j
}

var (
	errNodes = errors.New("cell: too many nodes")
	errEdge  = errors.New("cell: edges go from a lower to a higher node")
)

// New returns the cell with these operations, one a node, and these edges
// (pairs of nodes, i < j). Operations are vocabulary indices or Absent; a node
// that is absent has no edges. Repeated edges count once.
func New(ops []int, edges [][2]int) (Cell, error) {
	var c Cell
	if len(ops) > MaxNodes {
		return Cell{}, fmt.Errorf("%w: %d, at most %d", errNodes, len(ops), MaxNodes)
	}
	c.n = uint8(len(ops))
	for i, op := range ops {
		if op < Absent || op > 127 {
			return Cell{}, fmt.Errorf("cell: node %d: operation %d is not in -1..127", i, op)
		}
		c.ops[i] = int8(op)
	}
	for _, e := range edges {
		i, j := e[0], e[1]
		if i < 0 || j <= i || j >= len(ops) {
			return Cell{}, fmt.Errorf("%w: %d -> %d in a cell of %d nodes", errEdge, i, j, len(ops))
		}
		if ops[i] == Absent || ops[j] == Absent {
			return Cell{}, fmt.Errorf("cell: edge %d -> %d touches an absent node", i, j)
		}
		c.out[i] |= 1 << j
	}
	return c, nil
}

// Len returns the number of nodes, padding rows included.
func (c Cell) Len() int { return int(c.n) }

// Op returns node i's operation, a vocabulary index or Absent.
func (c Cell) Op(i int) int { return int(c.ops[i]) }

// HasEdge reports whether there is an edge i -> j.
func (c Cell) HasEdge(i, j int) bool { return c.out[i]>>j&1 == 1 }

// NumEdges returns the number of edges.
func (c Cell) NumEdges() int {
	n := 0
	for _, row := range c.out {
		n += bits.OnesCount16(row)
	}
	return n
}

// Edges returns all edges as pairs {from, to}, in lexicographic order.
func (c Cell) Edges() [][2]int {
	edges := make([][2]int, 0, c.NumEdges())
	for i := range int(c.n) {
		for row := c.out[i]; row != 0; row &= row - 1 {
			edges = append(edges, [2]int{i, bits.TrailingZeros16(row)})
		}
	}
	return edges
}

// SameGraph reports whether both cells have the same nodes and edges, whatever
// their operations.
func (c Cell) SameGraph(d Cell) bool { return c.n == d.n && c.out == d.out }

// Prune removes every node that is not on a path from the first node to the
// last one, with its edges; the others keep their order. It returns false, and
// the empty cell, when there is no such path.
func (c Cell) Prune() (Cell, bool) {
	if c.n == 0 {
		return Cell{}, false
	}
	last := int(c.n) - 1
	var forward, backward uint16 = 1, 1 << last
	for i := range last { // topological order: one sweep each way is enough
		if forward>>i&1 == 1 {
			forward |= c.out[i]
		}
	}
	for i := last - 1; i >= 0; i-- {
		if c.out[i]&backward != 0 {
			backward |= 1 << i
		}
	}
	keep := forward & backward
	if keep&1 == 0 || keep>>last == 0 {
		return Cell{}, false
	}
	var p Cell
	for i := range int(c.n) {
		if keep>>i&1 == 0 {
			continue
		}
		p.ops[p.n] = c.ops[i]
		for row := c.out[i] & keep; row != 0; row &= row - 1 {
			j := bits.TrailingZeros16(row)
			p.out[p.n] |= 1 << bits.OnesCount16(keep&(1<<j-1))
		}
		p.n++
	}
	return p, true
}

// String gives the cell as "ops [0 2 6] edges 0->1 1->2".
func (c Cell) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ops %v edges", c.ops[:c.n])
	for _, e := range c.Edges() {
		fmt.Fprintf(&b, " %d->%d", e[0], e[1])
	}
	return b.String()
}
