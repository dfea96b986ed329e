// Package nasbench201 is the search space of NAS-Bench-201 (Dong and Yang,
// ICLR 2020): cells with four feature maps and one of five operations on each of
// the six edges between them, 5^6 = 15,625 in all.
//
// arch2vec wants operations on nodes, so every edge becomes a node of one
// constant graph of 8 nodes: 0 is the input, 7 the output, and 1 to 6 are the
// edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3 of the benchmark's cell, in the order
// of its arch string
//
//	|op1~0|+|op2~0|op3~1|+|op4~0|op5~1|op6~2|
//
// The order of the space is the lexicographic one: cell i has in nodes 1 to 6
// the digits of i in base 5, the first the most significant, in the order of
// the vocabulary (nor_conv_1x1, nor_conv_3x3, avg_pool_3x3, skip_connect,
// none). The benchmark's own index order is arbitrary and comes with its table.
package nasbench201
