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
	last := b.Len() - 1
	if a.HasEdge(0, a.Len()-1) != b.HasEdge(0, last) {
		cost = 1
	}
	m.image[0], m.image[a.Len()-1] = 1, 1<<last
	surplus := (a.NumEdges() - a.Len()) - (b.NumEdges() - b.Len())
	if a.HasEdge(0, a.Len()-1) {
		surplus--
	}
	if b.HasEdge(0, last) {
		surplus++
	}
	m.search(1, cost, surplus, 1<<last-2, 0)
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

// both puts the nodes before and the nodes after a node into one set.
func both(in, out uint8) uint32 { return uint32(in) | uint32(out)<<8 }

// matching is a search, by branch and bound, for the cheapest way to pair the
// inner nodes of one network with those of another.
type matching struct {
	from, to network
	image    [MaxNodes]uint8 // the node of to, as a set, that one of from is paired with; none: left over
	best     int
}

// search pairs the nodes of from from v on; what the nodes before cost is known.
// Open are the inner nodes of to that are not paired, gone the nodes of from that
// are left over.
//
// Surplus is how many edges not yet counted, less nodes not yet paired, from has
// more than to. Pairs take one edge from both, or cost one; nodes left over, with
// their edges, cost what they change of it. So the rest costs the surplus at
// least, and one at least when nodes have to be left over.
func (m *matching) search(v, cost, surplus int, open, gone uint8) {
	left := m.from.n - 1 - v
	least := max(surplus, -surplus)
	if least == 0 && left != bits.OnesCount32(uint32(open)) {
		least = 1
	}
	if cost+least >= m.best {
		return
	}
	if left == 0 {
		m.best = min(m.best, cost+m.leftOver(open))
		return
	}
	// The neighbours of v so far as they are paired: of those after it, the output.
	var in, out uint8
	for set := m.from.in[v]; set != 0; set &= set - 1 {
		in |= m.image[bits.TrailingZeros8(set)]
	}
	if m.from.out[v]>>(m.from.n-1) == 1 {
		out = m.image[m.from.n-1]
	}
	near, paired := both(in, out), (uint8(1)<<m.to.n-1)&^open
	// The cheapest first: a good pairing found early spares the others.
	var order [MaxNodes - 2]choice
	n := 0
	for set := open; set != 0; set &= set - 1 {
		w := bits.TrailingZeros8(set)
		theirs := both(m.to.in[w], m.to.out[w]) & both(paired, paired)
		c := choice{bits.OnesCount32(near ^ theirs), bits.OnesCount32(theirs), uint8(1) << w}
		if m.from.op[v] != m.to.op[w] {
			c.price++
		}
		i := n
		for ; i > 0 && order[i-1].price > c.price; i-- {
			order[i] = order[i-1]
		}
		order[i] = c
		n++
	}
	ours := bits.OnesCount32(near)
	for _, c := range order[:n] {
		if cost+c.price >= m.best {
			break
		}
		m.image[v] = c.node
		m.search(v+1, cost+c.price, surplus-ours+c.edges, open&^c.node, gone)
	}
	m.image[v] = 0
	gone |= 1 << v
	price := bits.OnesCount32(uint32((m.from.in[v]|m.from.out[v])&^gone)) - 1
	m.search(v+1, cost+price, surplus-price, open, gone)
}

// choice is a node of to that a node can be paired with.
type choice struct {
	price, edges int   // what that costs; how many edges to paired nodes it has
	node         uint8 // as a set
}

// leftOver is what the open nodes of to cost: their edges, less one a node.
func (m *matching) leftOver(open uint8) int {
	cost := 0
	counted := uint8(0)
	for set := open; set != 0; set &= set - 1 {
		w := bits.TrailingZeros8(set)
		cost += bits.OnesCount32(uint32((m.to.in[w]|m.to.out[w])&^counted)) - 1
		counted |= 1 << w
	}
	return cost
}
