package nasbench101

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sort"

	"arch2vec/native/cell"
)

// Name is the space's name.
const Name = "nasbench101"

// The limits of the space, and the number of cells within them.
const (
	MaxNodes = 7
	MaxEdges = 9
	Size     = 423624
)

// The columns of the operation matrix.
const (
	Input = iota
	Conv1x1
	Conv3x3
	MaxPool3x3
	Output
)

var vocabulary = []string{"input", "conv1x1-bn-relu", "conv3x3-bn-relu", "maxpool3x3", "output"}

// label is what the benchmark's graph hash knows an operation by.
var label = [...]int{Input: -1, Conv1x1: 1, Conv3x3: 0, MaxPool3x3: 2, Output: -2}

// operation is the inverse of label for inner nodes.
var operation = [3]int{Conv3x3, Conv1x1, MaxPool3x3}

// Space is the NAS-Bench-101 search space; Open returns it. It is read-only and
// safe for use by several goroutines.
type Space struct {
	hashes []hash // ascending
	codes  []code
}

// hash is a graph hash, 16 bytes instead of 32 hexadecimal digits.
type hash = [cell.HashSize]byte

// Name returns "nasbench101".
func (*Space) Name() string { return Name }

// ID returns "nasbench101": there is one space of this name.
func (*Space) ID() string { return Name }

// Nodes returns 7, the number of rows of an encoded cell.
func (*Space) Nodes() int { return MaxNodes }

// Ops returns the vocabulary: the 5 columns of an encoded cell's operations.
func (*Space) Ops() []string { return slices.Clone(vocabulary) }

// Len returns 423,624.
func (s *Space) Len() int { return len(s.codes) }

// Cell returns row i of the benchmark's table. It panics unless 0 <= i < Len.
func (s *Space) Cell(i int) cell.Cell {
	if i < 0 || i >= len(s.codes) {
		panic(fmt.Sprintf("nasbench101: cell %d of %d", i, len(s.codes)))
	}
	return s.codes[i].cell()
}

// Index finds the row of a cell, whatever the order of its nodes and whatever
// it has beside the paths from input to output; false when Check refuses it.
func (s *Space) Index(c cell.Cell) (int, bool) {
	c, err := reduce(c)
	if err != nil {
		return 0, false
	}
	var h [1]hash
	cell.NewHasher(label[:]).Sums([]cell.Cell{c}, h[:])
	return s.find(h[0])
}

// find is the row with this hash.
func (s *Space) find(h hash) (int, bool) {
	i := sort.Search(len(s.hashes), func(i int) bool { return bytes.Compare(s.hashes[i][:], h[:]) >= 0 })
	return i, i < len(s.hashes) && s.hashes[i] == h
}

// Digest identifies the space: the SHA-256 of its graph hashes in order, in
// lower-case hexadecimal, each followed by a newline. They are known, so that it
// takes no threads, and no time.
func (s *Space) Digest(context.Context, int) (string, error) {
	return cell.Digest(s.hashes), nil
}

var errNotCell = errors.New("nasbench101: not a cell of the space")

// Check returns nil for a legal cell, as the benchmark itself judges: what is
// left of it on paths from its first to its last node has at most 7 nodes and 9
// edges, begins with input, ends with output, and has one of the three
// operations between. Absent nodes at the end do not count.
func (*Space) Check(c cell.Cell) error {
	_, err := reduce(c)
	return err
}

// CheckPublished is Check: arch2vec's published code asks the benchmark.
func (s *Space) CheckPublished(c cell.Cell) error { return s.Check(c) }

// ClassHash returns the benchmark's graph hash of a cell, after nodes that are
// on no path from input to output are removed. Isomorphic cells share it.
func (*Space) ClassHash(c cell.Cell) (string, error) {
	c, err := reduce(c)
	if err != nil {
		return "", err
	}
	return graphHash(c), nil
}

// graphHash is the benchmark's hash of a reduced cell.
func graphHash(c cell.Cell) string {
	var h [1]hash
	cell.NewHasher(label[:]).Sums([]cell.Cell{c}, h[:])
	return hex.EncodeToString(h[0][:])
}

// reduce returns what counts of a cell, or what is wrong with it.
func reduce(c cell.Cell) (cell.Cell, error) {
	c, err := trim(c)
	if err != nil {
		return cell.Cell{}, err
	}
	p, ok := c.Prune()
	switch {
	case !ok:
		return cell.Cell{}, fmt.Errorf("%w: no path from its first to its last node", errNotCell)
	case p.Len() > MaxNodes:
		return cell.Cell{}, fmt.Errorf("%w: %d nodes, at most %d", errNotCell, p.Len(), MaxNodes)
	case p.NumEdges() > MaxEdges:
		return cell.Cell{}, fmt.Errorf("%w: %d edges, at most %d", errNotCell, p.NumEdges(), MaxEdges)
	case p.Len() < 2 || p.Op(0) != Input || p.Op(p.Len()-1) != Output:
		return cell.Cell{}, fmt.Errorf("%w: it does not begin with input and end with output", errNotCell)
	}
	for v := 1; v < p.Len()-1; v++ {
		if op := p.Op(v); op < Conv1x1 || op > MaxPool3x3 {
			return cell.Cell{}, fmt.Errorf("%w: its inner node %d is no convolution or pooling", errNotCell, v)
		}
	}
	return p, nil
}

// trim removes absent nodes at the end.
func trim(c cell.Cell) (cell.Cell, error) {
	n := c.Len()
	for n > 0 && c.Op(n-1) == cell.Absent {
		n--
	}
	if n == c.Len() {
		return c, nil
	}
	ops := make([]int, n)
	for v := range ops {
		ops[v] = c.Op(v)
	}
	return cell.New(ops, c.Edges()) // absent nodes have no edges
}
