package nasbench101

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"

	"arch2vec/native/cell"
)

// One edit, in the sense of Mutate and EditDistance, changes the operation of an
// inner node, adds an edge, removes an edge, or adds or removes a node. What is on
// no path from input to output is no part of a network, and so an added node
// brings its first edge with it: with one edge only it would be a dead end. The
// least that makes it count is an edge in and an edge out, which is one edit.

// Random draws a cell uniformly from the 423,624.
func (s *Space) Random(rng *rand.Rand) cell.Cell { return s.Cell(rng.IntN(s.Len())) }

// Mutate makes one edit, drawn uniformly from all those that lead from c, less
// what is on no path from input to output, to another network of the space:
//
//   - an inner node gets another operation;
//   - an edge is added, between any two nodes of which the second is not before
//     the first on a path already;
//   - an edge is removed, and with it the nodes that it leaves on no path, where
//     that is one edit: each of them goes with one edge of its own;
//   - where there are fewer than 7 nodes, a node with any operation, one edge in
//     and one edge out is added.
//
// Every such edit can be undone by one, EditDistance from c is 1, and the cell
// that is returned is the space's own, Cell of its Index. It returns an error when
// Check refuses c.
func (s *Space) Mutate(c cell.Cell, rng *rand.Rand) (cell.Cell, error) {
	c, err := reduce(c)
	if err != nil {
		return cell.Cell{}, err
	}
	before, err := s.ClassHash(c)
	if err != nil {
		return cell.Cell{}, err
	}
	edits := edits(c)
	for len(edits) > 0 {
		i := rng.IntN(len(edits))
		if p, ok := edits[i].apply(c); ok {
			if row, ok := s.Index(p); ok && hex.EncodeToString(s.hashes[row][:]) != before {
				return s.Cell(row), nil
			}
		}
		edits[i] = edits[len(edits)-1]
		edits = edits[:len(edits)-1]
	}
	return cell.Cell{}, fmt.Errorf("nasbench101: no edit of %v leads to another cell", c)
}

// edit is one change to a cell. What is not changed is -1.
type edit struct {
	node, op int // give this node this operation,
	from, to int // or flip this edge; with an operation but no node, put a node between
}

// edits lists the edits of a reduced cell, legal or not.
func edits(c cell.Cell) []edit {
	var all []edit
	last := c.Len() - 1
	for v := 1; v < last; v++ {
		for op := Conv1x1; op <= MaxPool3x3; op++ {
			if op != c.Op(v) {
				all = append(all, edit{v, op, -1, -1})
			}
		}
	}
	for from := range last {
		for to := 1; to <= last; to++ {
			if from == to {
				continue
			}
			all = append(all, edit{-1, -1, from, to})
			for op := Conv1x1; op <= MaxPool3x3 && c.Len() < MaxNodes; op++ {
				all = append(all, edit{-1, op, from, to})
			}
		}
	}
	return all
}

// apply returns what counts of the changed cell; false when that is no cell, or
// more than one edit away.
func (e edit) apply(c cell.Cell) (cell.Cell, bool) {
	n := c.Len()
	ops := make([]int, n, n+1)
	for v := range ops {
		ops[v] = c.Op(v)
	}
	edges := c.Edges()
	switch at := slices.Index(edges, [2]int{e.from, e.to}); {
	case e.node >= 0:
		ops[e.node] = e.op
	case e.op >= 0: // the new node is n, behind the output for now
		ops = append(ops, e.op)
		edges = append(edges, [2]int{e.from, n}, [2]int{n, e.to})
	case at >= 0:
		edges = slices.Delete(edges, at, at+1)
	default:
		edges = append(edges, [2]int{e.from, e.to})
	}
	made, ok := sorted(ops, edges, n-1)
	if !ok {
		return cell.Cell{}, false
	}
	p, err := reduce(made)
	return p, err == nil && c.NumEdges()-p.NumEdges()-(c.Len()-p.Len()) <= 1
}

// sorted numbers nodes in topological order, the given one last; false when the
// edges go round in a circle.
func sorted(ops []int, edges [][2]int, last int) (cell.Cell, bool) {
	var in [MaxNodes + 1]uint // sets of nodes
	for _, e := range edges {
		in[e[1]] |= 1 << e[0]
	}
	number := make([]int, len(ops))
	inOrder := make([]int, 0, len(ops))
	placed := uint(0)
	for len(inOrder) < len(ops) {
		next := -1
		for v := len(ops) - 1; v >= 0; v-- {
			if placed>>v&1 == 0 && in[v]&^placed == 0 && (v != last || len(inOrder) == len(ops)-1) {
				next = v
			}
		}
		if next < 0 {
			return cell.Cell{}, false
		}
		number[next] = len(inOrder)
		inOrder = append(inOrder, ops[next])
		placed |= 1 << next
	}
	for i, e := range edges {
		edges[i] = [2]int{number[e[0]], number[e[1]]}
	}
	c, err := cell.New(inOrder, edges)
	return c, err == nil
}
