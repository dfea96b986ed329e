package graphae

import (
	"math/bits"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/space/nasbench101"
)

const most101 = nasbench101.MaxEdges

// legal101: nodes 0..last, all on paths from input to output, at most nine edges.
// The rows after last are absent: they have no edges, and any operation will do.
func (n *network) legal101(logit, edges []float32) cell.Cell {
	// What it costs to give a node one of these operations instead of its best.
	cost := func(v, from, to int) (op int, c float32) {
		op = n.best(logit, v, from, to)
		row := logit[v*f32.Width:][:n.ops]
		return op, row[argmax(row)] - row[op]
	}
	ops := make([]int, n.nodes)
	paths := newPaths101(n, edges)
	_, inner := cost(0, nasbench101.Input, nasbench101.Input)
	var best cell.Cell
	var most float32
	for last := 1; last < n.nodes; last++ {
		paths.step(last)
		_, c := cost(last, nasbench101.Output, nasbench101.Output)
		score, state := paths.close(last)
		if score -= inner + c; score > most || best.Len() == 0 {
			ops[0], ops[last] = nasbench101.Input, nasbench101.Output
			most, best = score, mustCell(ops[:last+1], paths.edges(last, state))
		}
		ops[last], c = cost(last, nasbench101.Conv1x1, nasbench101.MaxPool3x3)
		inner += c
	}
	return best
}

// paths101 finds the most probable set of at most nine edges in which all of
// nodes 0..last are on a path from 0 to last, for every last.
//
// In a graph whose edges go from lower to higher nodes this is so exactly if
// every node but 0 has an edge into it and every node but last one out of it. Node
// by node the edges into it are chosen, and of all choices that leave the same
// nodes without an edge out of them, at the same number of edges, only the best
// is kept (dynamic programming).
type paths101 struct {
	n     *network
	logit []float32
	// best[v][out][k] is the best choice of k edges into the nodes up to v; bit u of
	// out says that node u has an edge out of it.
	best [nasbench101.MaxNodes][1 << (nasbench101.MaxNodes - 1)][most101 + 1]choice101
}

// choice101 is the sum of the logits of a choice of edges; its edges into the last
// node (a set of nodes) and the choice up to the node before it.
type choice101 struct {
	is     bool
	sum    float32
	into   uint8
	out, k uint8
}

type state101 struct{ out, k int }

func newPaths101(n *network, edges []float32) *paths101 {
	p := &paths101{n: n, logit: edges}
	p.best[0][0][0] = choice101{is: true}
	return p
}

// step chooses the edges into node v, the nodes before it being done.
func (p *paths101) step(v int) {
	var sums [1 << (nasbench101.MaxNodes - 1)]float32
	for into := 1; into < 1<<v; into++ {
		rest := into & (into - 1)
		sums[into] = sums[rest] + p.logit[p.n.pair(bits.TrailingZeros(uint(into)), v)]
	}
	for out := range 1 << (v - 1) {
		for k := range p.best[v-1][out] {
			c := p.best[v-1][out][k]
			if !c.is {
				continue
			}
			for into := 1; into < 1<<v; into++ {
				edges := k + bits.OnesCount(uint(into))
				if edges > most101 {
					continue
				}
				d := &p.best[v][out|into][edges]
				if sum := c.sum + sums[into]; !d.is || sum > d.sum {
					*d = choice101{true, sum, uint8(into), uint8(out), uint8(k)}
				}
			}
		}
	}
}

// close returns the best choice up to node last that leaves no other node without
// an edge out of it.
func (p *paths101) close(last int) (sum float32, best state101) {
	best.k = -1
	out := 1<<last - 1
	for k, c := range p.best[last][out] {
		if c.is && (best.k < 0 || c.sum > sum) {
			sum, best = c.sum, state101{out, k}
		}
	}
	return sum, best
}

// edges lists the edges of a choice.
func (p *paths101) edges(last int, s state101) (edges [][2]int) {
	for v := last; v > 0; v-- {
		c := p.best[v][s.out][s.k]
		for into := c.into; into != 0; into &= into - 1 {
			edges = append(edges, [2]int{bits.TrailingZeros8(into), v})
		}
		s = state101{int(c.out), int(c.k)}
	}
	return edges
}
