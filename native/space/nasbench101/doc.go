// Package nasbench101 is the search space of NAS-Bench-101 (Ying et al., ICML
// 2019): cells of at most 7 nodes and 9 edges whose inner nodes are a 1x1
// convolution, a 3x3 convolution or a 3x3 max pooling, every node on a path from
// input to output; 423,624 cells up to isomorphism.
//
// The order of the space is that of the benchmark's table: sorted by graph
// hash (hash_module of its published code), which ClassHash returns; cell 0 is
// 00005c142e6f48ac74fdcf73e3439874. Of the isomorphic ways to number the nodes
// of a cell, the space holds the one that the benchmark's generator finds first:
// the smallest adjacency code, then the smallest operations. Index finds a cell
// however its nodes are numbered.
//
// A cell of v nodes has v nodes here; Encode pads it to 7 with zero rows at the
// end, so that its output is row v-1.
//
// Cells have no short name in the benchmark but their hash. Format writes every
// node with the nodes it feeds,
//
//	input:1,2|conv3x3-bn-relu:2|output
//
// and Parse reads that, or a hash.
package nasbench101
