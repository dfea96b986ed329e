package graphae

import (
	"fmt"
	"math"
	"slices"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/space/darts"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// Legal decoding reads the most probable cell among the legal ones,
//
//	argmax over legal (X, A) of sum_v log p(x_v | z_v) + sum_(i<j) log p(a_ij | z_i·z_j),
//
// where plain decoding reads the most probable of all matrices, legal or not.
// Probabilities of operations are the softmax of their logits. A cell that plain
// decoding reads legally is read as the same cell.
//
// The logarithm of the probability of an edge set is, up to a constant, the sum
// of the logits z_i·z_j of the edges in it; that is what is compared below.

// legal returns the legal decoding for the named space.
func (n *network) legal(space string) (reader, error) {
	switch space {
	case nasbench101.Name:
		return n.legal101, nil
	case nasbench201.Name:
		return n.legal201, nil
	case darts.Name:
		return n.legalDARTS, nil
	default:
		return nil, fmt.Errorf("graphae: there is no decoding by the rules of space %q", space)
	}
}

// pair is the position of edge i -> j, i < j, among the logits of edges.
func (n *network) pair(i, j int) int { return i*(2*n.nodes-i-1)/2 + j - i - 1 }

// best is the most probable of the operations from..to at node v.
func (n *network) best(logit []float32, v, from, to int) int {
	return from + argmax(logit[v*f32.Width:][from:to+1])
}

// logProb is the logarithm of the probability of an operation at node v.
func (n *network) logProb(logit []float32, v, op int) float64 {
	x := logit[v*f32.Width:][:n.ops]
	most, sum := float64(slices.Max(x)), 0.0
	for _, l := range x {
		sum += math.Exp(float64(l) - most)
	}
	return float64(x[op]) - most - math.Log(sum)
}

func mustCell(ops []int, edges [][2]int) cell.Cell {
	c, err := cell.New(ops, edges)
	if err != nil {
		panic("graphae: " + err.Error()) // operations and edges are in range by construction
	}
	return c
}

var graph201 = nasbench201.New().Cell(0).Edges()

// legal201: the graph is fixed, nodes choose their operations independently.
func (n *network) legal201(logit, _ []float32) cell.Cell {
	ops := make([]int, n.nodes)
	for v := range ops {
		ops[v] = n.best(logit, v, nasbench201.Conv1x1, nasbench201.None)
	}
	ops[0], ops[n.nodes-1] = nasbench201.Input, nasbench201.Output
	return mustCell(ops, graph201)
}

// legalDARTS: nodes choose their operations independently, and each block the
// best pair of different inputs: a previous cell, or both nodes of an earlier
// block.
func (n *network) legalDARTS(logit, edges []float32) cell.Cell {
	ops := make([]int, n.nodes)
	last := n.nodes - 1
	var chosen [][2]int
	for v := 2; v < last; v += 2 {
		ops[v], ops[v+1] = n.best(logit, v, darts.None, darts.DilConv5x5), n.best(logit, v+1, darts.None, darts.DilConv5x5)
		inputs := [][]int{{0}, {1}}
		for u := 2; u < v; u += 2 {
			inputs = append(inputs, []int{u, u + 1})
		}
		score := func(input []int, to int) (sum float64) {
			for _, u := range input {
				sum += float64(edges[n.pair(u, to)])
			}
			return sum
		}
		most, first, second := math.Inf(-1), 0, 1
		for a := range inputs {
			for b := range inputs {
				if s := score(inputs[a], v) + score(inputs[b], v+1); a != b && s > most {
					most, first, second = s, a, b
				}
			}
		}
		for _, u := range inputs[first] {
			chosen = append(chosen, [2]int{u, v})
		}
		for _, u := range inputs[second] {
			chosen = append(chosen, [2]int{u, v + 1})
		}
		chosen = append(chosen, [2]int{v, last}, [2]int{v + 1, last})
	}
	ops[0], ops[1], ops[last] = darts.InputBefore, darts.Input, darts.Output
	return mustCell(ops, chosen)
}

// legal101: a legal plain decoding is kept. Otherwise the best over the number of
// nodes (the rows that are then absent may have any operation, so it has
// probability 1) of cells with input first, output last, a path between them,
// and at most nine edges. The best such edge set holds some path; for each of
// the at most 32 paths it is the path and the most probable of the other edges.
func (n *network) legal101(logit, edges []float32) cell.Cell {
	if c := n.read(logit, edges); (*nasbench101.Space)(nil).Check(c) == nil {
		return c
	}
	ops := make([]int, n.nodes)
	inner, most := 0.0, math.Inf(-1)
	var best cell.Cell
	for last := 1; last < n.nodes; last++ {
		if v := last - 1; v > 0 {
			ops[v] = n.best(logit, v, nasbench101.Conv1x1, nasbench101.MaxPool3x3)
			inner += n.logProb(logit, v, ops[v])
		}
		ops[0], ops[last] = nasbench101.Input, nasbench101.Output
		chosen, s := n.edges101(edges, last)
		if s += inner + n.logProb(logit, 0, nasbench101.Input) + n.logProb(logit, last, nasbench101.Output); s > most || best.Len() == 0 {
			most, best = s, mustCell(ops[:last+1], chosen)
		}
	}
	return best
}

// edges101 is the most probable set of at most nine edges between nodes 0..last
// that has a path from 0 to last, and the sum of its logits.
func (n *network) edges101(edges []float32, last int) (chosen [][2]int, most float64) {
	all := make([][2]int, 0, n.nodes*(n.nodes-1)/2)
	for i := range last {
		for j := i + 1; j <= last; j++ {
			all = append(all, [2]int{i, j})
		}
	}
	logit := func(e [2]int) float32 { return edges[n.pair(e[0], e[1])] }
	slices.SortStableFunc(all, func(a, b [2]int) int {
		switch x, y := logit(a), logit(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		default:
			return 0
		}
	})
	most = math.Inf(-1)
	for through := range 1 << (last - 1) { // bit v-1: the path passes node v
		set := make([][2]int, 0, nasbench101.MaxEdges)
		sum, from := 0.0, 0
		for v := 1; v <= last; v++ {
			if v == last || through>>(v-1)&1 == 1 {
				set = append(set, [2]int{from, v})
				sum += float64(logit(set[len(set)-1]))
				from = v
			}
		}
		path := len(set)
		for _, e := range all {
			if len(set) == nasbench101.MaxEdges || !(logit(e) > 0) {
				break
			}
			if !slices.Contains(set[:path], e) {
				set = append(set, e)
				sum += float64(logit(e))
			}
		}
		if sum > most || chosen == nil {
			chosen, most = set, sum
		}
	}
	return chosen, most
}
