package nasbench101

import (
	"math/bits"

	"arch2vec/native/cell"
)

// EditDistance returns the smallest number of edits, as Mutate makes them, that
// turn the network of one cell into that of the other, however their inner nodes
// are numbered; cells on the way need not be legal. It is the minimum over all
// ways to pair inner nodes of a with inner nodes of b, some of either left over, of
//
//	pairs with different operations
//	+ edges that are in one cell and not, between the nodes paired, in the other
//	- nodes left over (each comes or goes with one of its edges)
//
// which is a metric: 0 exactly for isomorphic networks, symmetric, and never
// longer by a detour. It returns an error when Check refuses a cell.
func (*Space) EditDistance(a, b cell.Cell) (int, error) {
	a, err := reduce(a)
	if err != nil {
		return 0, err
	}
	b, err = reduce(b)
	if err != nil {
		return 0, err
	}
	if a.Len() > b.Len() {
		a, b = b, a // fewer branches
	}
	var m matching
	m.from.set(a)
	m.to.set(b)
	m.best = 1 << 10
	// Input and output are paired with their like; an edge between them counts here.
	cost := 0
	if a.HasEdge(0, a.Len()-1) != b.HasEdge(0, b.Len()-1) {
		cost = 1
	}
	last := b.Len() - 1
	m.paired = 1 | 1<<last
	m.open = 1<<last - 2
	m.pair(0, 0)
	m.pair(a.Len()-1, last)
	m.search(1, cost)
	return m.best, nil
}

// network is a reduced cell with its edges as sets of nodes.
type network struct {
	n       int
	op      [MaxNodes]int8
	in, out [MaxNodes]uint8
}

func (g *network) set(c cell.Cell) {
	g.n = c.Len()
	for v := range g.n {
		g.op[v] = int8(c.Op(v))
		for w := v + 1; w < g.n; w++ {
			if c.HasEdge(v, w) {
				g.out[v] |= 1 << w
				g.in[w] |= 1 << v
			}
		}
	}
}

// matching is a search, by branch and bound, for the cheapest way to pair the
// inner nodes of one network with those of another.
type matching struct {
	from, to network
	// in and out are the neighbours of nodes of from, so far as they are paired, as
	// sets of nodes of to.
	in, out [MaxNodes]uint8
	paired  uint8 // nodes of to
	open    uint8 // inner nodes of to that are not paired
	gone    uint8 // nodes of from that are left over
	best    int
}

// pair notes, with the neighbours of node v, that v is paired with w; called again
// it takes the note back.
func (m *matching) pair(v, w int) {
	for set := m.from.out[v]; set != 0; set &= set - 1 {
		m.in[bits.TrailingZeros8(set)] ^= 1 << w
	}
	for set := m.from.in[v]; set != 0; set &= set - 1 {
		m.out[bits.TrailingZeros8(set)] ^= 1 << w
	}
}

// search pairs the nodes of from from v on; what the nodes before cost is known.
// No choice makes that less: a node that is left over has, of the edges not yet
// counted, the one out at least.
func (m *matching) search(v, cost int) {
	if v == m.from.n-1 {
		m.best = min(m.best, cost+m.leftOver())
		return
	}
	least := cost
	if m.from.n-1-v < bits.OnesCount8(m.open) {
		least++ // nodes of to will be left over, and have more edges than they are
	}
	if least >= m.best {
		return
	}
	// The cheapest first: a good pairing found early spares the others.
	var order [MaxNodes - 2]choice
	n := 0
	for set := m.open; set != 0; set &= set - 1 {
		w := bits.TrailingZeros8(set)
		c := choice{m.price(v, w), w}
		i := n
		for ; i > 0 && order[i-1].price > c.price; i-- {
			order[i] = order[i-1]
		}
		order[i] = c
		n++
	}
	for _, c := range order[:n] {
		m.pair(v, c.w)
		m.paired ^= 1 << c.w
		m.open ^= 1 << c.w
		m.search(v+1, cost+c.price)
		m.open ^= 1 << c.w
		m.paired ^= 1 << c.w
		m.pair(v, c.w)
	}
	m.gone ^= 1 << v
	m.search(v+1, cost+bits.OnesCount8((m.from.in[v]|m.from.out[v])&^m.gone)-1)
	m.gone ^= 1 << v
}

// price is what it costs to pair v with w, so far as their neighbours are paired.
func (m *matching) price(v, w int) int {
	n := bits.OnesCount8((m.in[v]^m.to.in[w])&m.paired) + bits.OnesCount8((m.out[v]^m.to.out[w])&m.paired)
	if m.from.op[v] != m.to.op[w] {
		n++
	}
	return n
}

// choice is a node of to that a node can be paired with, and what that costs.
type choice struct{ price, w int }

// leftOver is what the open nodes of to cost: their edges, less one a node.
func (m *matching) leftOver() int {
	cost := 0
	counted := uint8(0)
	for set := m.open; set != 0; set &= set - 1 {
		w := bits.TrailingZeros8(set)
		cost += bits.OnesCount8((m.to.in[w]|m.to.out[w])&^counted) - 1
		counted |= 1 << w
	}
	return cost
}
