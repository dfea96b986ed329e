package nasbench101

import (
	"bytes"
	"context"
	"errors"
	"math/bits"
	"slices"
	"sync"

	"arch2vec/native/cell"
)

// code is a cell in 64 bits: the adjacency code, in the benchmark's layout (edge
// x -> y is bit x + y(y-1)/2), the labels of the inner nodes, two bits each from
// bit 32, and the number of nodes from bit 48.
type code uint64

func makeCode(nodes int, graph uint32, labels []int) code {
	c := code(graph) | code(nodes)<<48
	for i, l := range labels {
		c |= code(l) << (32 + 2*i)
	}
	return c
}

func (c code) nodes() int      { return int(c >> 48) }
func (c code) graph() uint32   { return uint32(c) }
func (c code) label(i int) int { return int(c >> (32 + 2*i) & 3) }

func edgeBit(x, y int) uint32 { return 1 << (x + y*(y-1)/2) }

// cell returns the cell that the code stands for.
func (c code) cell() cell.Cell {
	n := c.nodes()
	var ops [MaxNodes]int
	ops[0], ops[n-1] = Input, Output
	for v := 1; v < n-1; v++ {
		ops[v] = operation[c.label(v-1)]
	}
	var edges [MaxEdges][2]int
	k := 0
	for y := 1; y < n; y++ {
		for x := range y {
			if c.graph()&edgeBit(x, y) != 0 {
				edges[k] = [2]int{x, y}
				k++
			}
		}
	}
	made, err := cell.New(ops[:n], edges[:k])
	if err != nil {
		panic(err) // codes are only made of legal cells
	}
	return made
}

// Enumerate builds the space from its definition, on this many threads, in a few
// seconds. It returns the context's error when that is done first.
//
// Only one representative of every class is ever hashed: first the graphs
// without operations are reduced to the smallest code of each class (5,000 or so
// remain), then the operations of each to the smallest under the graph's own
// symmetries. Two cells with one hash, or none of the published number, would be
// an error.
func Enumerate(ctx context.Context, threads int) (*Space, error) {
	var codes []code
	for nodes := 2; nodes <= MaxNodes; nodes++ {
		codes = append(codes, classes(nodes)...)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	type row struct {
		hash hash
		code code
	}
	rows := make([]row, len(codes))
	threads = max(threads, 1)
	var wait sync.WaitGroup
	for t := range threads {
		wait.Go(func() {
			h := cell.NewHasher(label[:])
			var cells [hashChunk]cell.Cell
			var sums [hashChunk]hash
			for first := t * hashChunk; first < len(rows) && ctx.Err() == nil; first += threads * hashChunk {
				some := rows[first:min(first+hashChunk, len(rows))]
				for i := range some {
					some[i].code = codes[first+i]
					cells[i] = some[i].code.cell()
				}
				h.Sums(cells[:len(some)], sums[:])
				for i := range some {
					some[i].hash = sums[i]
				}
			}
		})
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b row) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	s := &Space{hashes: make([]hash, len(rows)), codes: make([]code, len(rows))}
	for i, r := range rows {
		s.hashes[i], s.codes[i] = r.hash, r.code
	}
	if s.sum() != contents {
		return nil, errors.New("nasbench101: the enumeration is not the published space: please report this as a bug")
	}
	return s, nil
}

// hashChunk is how many cells a thread hashes at a time.
const hashChunk = 256

// classes lists one code a class of isomorphic cells with this many nodes.
func classes(nodes int) []code {
	inner := nodes - 2
	orders := permutations(inner)
	labellings := 1
	for range inner {
		labellings *= len(operation)
	}
	labels := make([]int, inner)
	var codes []code
	for graph := range uint32(1) << (nodes * (nodes - 1) / 2) {
		if bits.OnesCount32(graph) > MaxEdges || !full(graph, nodes) {
			continue
		}
		symmetries, smallest := symmetries(graph, nodes, orders)
		if !smallest {
			continue
		}
		for k := range labellings {
			for i := inner - 1; i >= 0; i-- {
				labels[i] = k % len(operation)
				k /= len(operation)
			}
			if canonical(labels, symmetries) {
				codes = append(codes, makeCode(nodes, graph, labels))
			}
		}
	}
	return codes
}

// full reports whether every node is on a path from the first to the last: in a
// topological order, whether all but the last have an edge out and all but the
// first an edge in.
func full(graph uint32, nodes int) bool {
	var in, out uint8
	for y := 1; y < nodes; y++ {
		for x := range y {
			if graph&edgeBit(x, y) != 0 {
				out |= 1 << x
				in |= 1 << y
			}
		}
	}
	all := uint8(1)<<nodes - 1
	return out == all>>1 && in == all&^1
}

// symmetries returns the orders of the inner nodes that leave a graph as it is;
// false when some order gives it a smaller code.
func symmetries(graph uint32, nodes int, orders [][]int) ([][]int, bool) {
	var same [][]int
	for _, order := range orders {
		switch moved, ok := renumber(graph, nodes, order); {
		case ok && moved < graph:
			return nil, false
		case ok && moved == graph:
			same = append(same, order)
		}
	}
	return same, true
}

// renumber gives inner node i+1 the number order[i]+1; false when an edge would
// then go backwards.
func renumber(graph uint32, nodes int, order []int) (uint32, bool) {
	number := func(v int) int {
		if v == 0 || v == nodes-1 {
			return v
		}
		return order[v-1] + 1
	}
	var moved uint32
	for y := 1; y < nodes; y++ {
		for x := range y {
			if graph&edgeBit(x, y) == 0 {
				continue
			}
			nx, ny := number(x), number(y)
			if nx > ny {
				return 0, false
			}
			moved |= edgeBit(nx, ny)
		}
	}
	return moved, true
}

// canonical reports whether no symmetry gives lexicographically smaller labels.
func canonical(labels []int, symmetries [][]int) bool {
	var moved [MaxNodes]int
	for _, order := range symmetries {
		for i, to := range order {
			moved[to] = labels[i]
		}
		if slices.Compare(moved[:len(labels)], labels) < 0 {
			return false
		}
	}
	return true
}

// permutations lists the orders of n things.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var all [][]int
	for _, p := range permutations(n - 1) {
		for i := range n {
			all = append(all, slices.Insert(slices.Clone(p), i, n-1))
		}
	}
	return all
}
