// Package darts is the search space of DARTS (Liu et al., ICLR 2019) as arch2vec
// samples it: one cell, used as normal and as reduction cell.
//
// A cell has the outputs of the two cells before it and four blocks. A block
// adds up two operations, each on one earlier input: a previous cell's output or
// an earlier block's. As a graph it has 11 nodes: 0 and 1 are the inputs c_k-2 and
// c_k-1, 2+2b and 3+2b the operations of block b, 10 the output. An operation on
// an earlier block has an edge from both operations of that block; every
// operation feeds the output.
//
// The space is too large to list (8^8 operations, 2,880 choices of inputs):
// Sample draws cells uniformly, keeps those with a graph hash that is new whose
// ImageNet network (48 channels, 14 layers) needs less than 600 million
// operations (see Cost), and the space is those, in the order they were drawn.
//
// Check is the definition above. CheckPublished is what arch2vec's published
// code counts as valid: the operations are legal, and every operation node has
// at least one edge from an input or an earlier block; how many, edges within a
// block, and edges to the output do not matter.
//
// Cells are written as NAS-Bench-301's tables do, operations and inputs in the
// numbering of DARTS genotypes (0 and 1 the inputs, 2 to 5 the blocks):
//
//	sep_conv_3x3~0|sep_conv_3x3~1|skip_connect~0|dil_conv_3x3~2|...
package darts
