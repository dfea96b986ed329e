package cell

// Encode writes the cell as the matrices that a model reads, both row-major:
// x (nodes x ops) holds one-hot operations, all zero in the rows of absent
// nodes and of nodes past the cell's own; a (nodes x nodes) is the strictly
// upper triangular adjacency matrix. Both are overwritten whole. It panics when
// a slice is too short, the cell has more nodes, or an operation is not below
// ops.
func (c Cell) Encode(nodes, ops int, x, a []float32) {
	if int(c.n) > nodes {
		panic("cell: more nodes than the encoding has rows")
	}
	x, a = x[:nodes*ops], a[:nodes*nodes]
	clear(x)
	clear(a)
	for i := range int(c.n) {
		if op := int(c.ops[i]); op != Absent {
			x[i*ops : (i+1)*ops][op] = 1
		}
		for j := i + 1; j < int(c.n); j++ {
			if c.HasEdge(i, j) {
				a[i*nodes+j] = 1
			}
		}
	}
}

// Decode reads a model's output, row-major as in Encode: the operation of a
// node is the largest entry of its row of x (the first among equals), an edge
// i -> j is there when a's entry, a probability, is above 1/2; only the strict
// upper triangle is looked at. Every node is present. NaN never wins.
func Decode(nodes, ops int, x, a []float32) Cell {
	if nodes > MaxNodes {
		panic(errNodes)
	}
	c := Cell{n: uint8(nodes)}
	for i := range nodes {
		row, best := x[i*ops:(i+1)*ops], 0
		for k, v := range row {
			if v > row[best] {
				best = k
			}
		}
		c.ops[i] = int8(best)
		for j := i + 1; j < nodes; j++ {
			if a[i*nodes+j] > 0.5 {
				c.out[i] |= 1 << j
			}
		}
	}
	return c
}
