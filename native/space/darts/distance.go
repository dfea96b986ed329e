package darts

import (
	"math/bits"

	"arch2vec/native/cell"
)

// EditDistance returns the smallest number of operations and inputs that have to
// change to turn one cell into the other, whatever the order of blocks and of the
// operations in them; cells on the way need not be legal. It is the minimum over
// all ways to pair the eight operation nodes of one cell with those of the other:
// one for every pair with different operations, and one for every pair with
// different inputs, where two blocks are the same input when the nodes of one are
// paired with those of the other. It is a metric on graphs: 0 exactly for equal
// graph hashes. It returns an error when Check refuses a cell.
func (*Space) EditDistance(a, b cell.Cell) (int, error) {
	x, err := parse(a)
	if err != nil {
		return 0, err
	}
	y, err := parse(b)
	if err != nil {
		return 0, err
	}
	m := matching{from: x, to: y, best: 2*picks + 1}
	m.search(0, 0)
	return m.best, nil
}

// matching is a search for the cheapest way to pair nodes. It goes over all ways
// to pair whole blocks, some of either cell left over; then what every pair of
// nodes costs is known, and those of the blocks left over are paired freely.
type matching struct {
	from, to genes
	block    [blocks]int // of to, for a block of from; -1: left over
	taken    uint        // blocks of to
	best     int
}

func (m *matching) search(b int, left uint) {
	if b == blocks {
		m.best = min(m.best, m.cost(left))
		return
	}
	for c := range blocks {
		if m.taken>>c&1 == 0 {
			m.block[b] = c
			m.taken ^= 1 << c
			m.search(b+1, left)
			m.taken ^= 1 << c
		}
	}
	m.block[b] = -1
	m.search(b+1, left|1<<b)
}

// pair is what it costs to pair node k with node l.
func (m *matching) pair(k, l int) int {
	x, y := m.from[k], m.to[l]
	n := 0
	if x.op != y.op {
		n++
	}
	in := x.in
	if in >= 2 {
		in = -1 // no input of the other cell, when the block is left over
		if c := m.block[x.in-2]; c >= 0 {
			in = c + 2
		}
	}
	if in != y.in {
		n++
	}
	return n
}

// cost is that of all nodes; left are the blocks of from that are left over.
func (m *matching) cost(left uint) int {
	sum := 0
	for b, c := range m.block {
		if c >= 0 {
			sum += min(m.pair(2*b, 2*c)+m.pair(2*b+1, 2*c+1), m.pair(2*b, 2*c+1)+m.pair(2*b+1, 2*c))
			if sum >= m.best {
				return sum
			}
		}
	}
	if left == 0 {
		return sum
	}
	// The cheapest assignment of the first nodes of from that are free to each set
	// of free nodes of to.
	var free [picks]int
	n := 0
	for l := range picks {
		if m.taken>>(l/2)&1 == 0 {
			free[n] = l
			n++
		}
	}
	var cheapest [1 << picks]int
	k := -1
	for i := 0; i < n; i++ {
		for k++; left>>(k/2)&1 == 0; k++ {
		}
		var price [picks]int
		for j := range n {
			price[j] = m.pair(k, free[j])
		}
		for set := uint(1); set < 1<<n; set++ {
			if bits.OnesCount(set) != i+1 {
				continue
			}
			best := 2*picks + 1
			for rest := set; rest != 0; rest &= rest - 1 {
				j := bits.TrailingZeros(rest)
				best = min(best, cheapest[set&^(1<<j)]+price[j])
			}
			cheapest[set] = best
		}
	}
	return sum + cheapest[1<<n-1]
}
