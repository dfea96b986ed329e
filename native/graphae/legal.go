package graphae

import (
	"fmt"
	"math"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/space/darts"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// Legal decoding reads the most probable matrices that encode a cell of the space,
//
//	argmax over legal (X, A) of sum_v log p(x_v | z_v) + sum_(i<j) log p(a_ij | z_i·z_j),
//
// where plain decoding reads the most probable of all matrices. Where those
// encode a cell, both are the same.
//
// Up to constants, the logarithm of the probability of an operation is its logit,
// and that of a set of edges the sum of their logits z_i·z_j; these are compared.

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
