package graphae

import (
	"context"
	"fmt"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/space"
)

// dataset is the cells of a space in the form that batches are cut from.
type dataset struct {
	nodes, ops int
	n          int
	op         []int8   // n x nodes, -1 for an absent node
	near       []uint16 // n x nodes: bit j of row i: edge i-j in either direction
	twins      bool     // whether twin is filled in
	twin       []int8   // n x nodes: see twins.go
}

// newEmptyDataset has room for n cells.
func newEmptyDataset(nodes, ops, n int, twins bool) *dataset {
	return &dataset{nodes: nodes, ops: ops, n: n, twins: twins,
		op: make([]int8, n*nodes), near: make([]uint16, n*nodes), twin: make([]int8, n*nodes)}
}

func newDataset(ctx context.Context, s space.Space, twins bool) (*dataset, error) {
	d := newEmptyDataset(s.Nodes(), len(s.Ops()), s.Len(), twins)
	for i := range d.n {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := d.set(i, s.Cell(i)); err != nil {
			return nil, fmt.Errorf("graphae: cell %d of %s: %w", i, s.Name(), err)
		}
	}
	return d, nil
}

// set makes c cell i.
func (d *dataset) set(i int, c cell.Cell) error {
	if c.Len() > d.nodes {
		return fmt.Errorf("it has %d nodes, more than the model's %d", c.Len(), d.nodes)
	}
	op, near := d.op[i*d.nodes:(i+1)*d.nodes], d.near[i*d.nodes:(i+1)*d.nodes]
	clear(near)
	for v := range op {
		op[v] = cell.Absent
		if v >= c.Len() {
			continue
		}
		if c.Op(v) >= d.ops {
			return fmt.Errorf("node %d has operation %d, the model knows %d", v, c.Op(v), d.ops)
		}
		op[v] = int8(c.Op(v))
		for w := v + 1; w < c.Len(); w++ {
			if c.HasEdge(v, w) {
				near[v] |= 1 << w
				near[w] |= 1 << v
			}
		}
	}
	if d.twins {
		numberTwins(op, near, d.twin[i*d.nodes:(i+1)*d.nodes])
	}
	return nil
}

// permutation fills p with a random order of 0..len(p)-1 (Fisher and Yates).
func permutation(p []int32, key f32.Key, round uint32) {
	for i := range p {
		p[i] = int32(i)
	}
	for i := len(p) - 1; i > 0; i-- {
		a, b := key.Words(round, uint32(i))
		j := int((uint64(a)<<32 | uint64(b)) % uint64(i+1))
		p[i], p[j] = p[j], p[i]
	}
}
