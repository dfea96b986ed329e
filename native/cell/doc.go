// Package cell represents a neural architecture's cell: a directed acyclic
// graph with an operation on every node.
//
// Nodes are numbered 0 to Len-1 in topological order, so every edge i -> j has
// i < j and the adjacency matrix A is strictly upper triangular. An operation is
// an index into the vocabulary of the search space the cell belongs to; Absent
// marks a padding row. A Cell is a small comparable value: it can be a map key,
// and two cells are == exactly when their operations and edges are the same.
// Cells that differ only in the order of their nodes have the same Hash.
package cell
