package darts

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"arch2vec/native/cell"
)

// Name is the space's name.
const Name = "darts"

// Space is a sample of the DARTS search space; Sample returns it. It is read-only
// and safe for use by several goroutines.
type Space struct {
	seed   uint64
	codes  []code
	prints []uint64 // fingerprint of each cell
	sorted []int32  // rows in ascending order of their fingerprints
	counts Counts
}

// Name returns "darts".
func (*Space) Name() string { return Name }

// ID names the sample by its size and seed, such as "darts-600000-1".
func (s *Space) ID() string { return fmt.Sprintf("%s-%d-%d", Name, len(s.codes), s.seed) }

// ParseID is the inverse of ID: the size and the seed of the sample; false when
// the text is not an ID of this space.
func ParseID(id string) (n int, seed uint64, ok bool) {
	size, last, ok := strings.Cut(strings.TrimPrefix(id, Name+"-"), "-")
	n, err := strconv.Atoi(size)
	seed, err2 := strconv.ParseUint(last, 10, 64)
	ok = ok && err == nil && err2 == nil && fmt.Sprintf("%s-%d-%d", Name, n, seed) == id
	return n, seed, ok
}

// Nodes returns 11, the number of rows of an encoded cell.
func (*Space) Nodes() int { return nodes }

// Ops returns the vocabulary: the 11 columns of an encoded cell's operations.
func (*Space) Ops() []string { return slices.Clone(vocabulary) }

// Len returns the number of cells that were sampled.
func (s *Space) Len() int { return len(s.codes) }

// Counts says how the sample came about.
func (s *Space) Counts() Counts { return s.counts }

// Cell returns the i-th cell that was kept. It panics unless 0 <= i < Len.
func (s *Space) Cell(i int) cell.Cell {
	if i < 0 || i >= len(s.codes) {
		panic(fmt.Sprintf("darts: cell %d of %d", i, len(s.codes)))
	}
	return s.codes[i].genes().cell()
}

// Index finds the cell of the sample that has the graph hash of c; false when
// there is none.
func (s *Space) Index(c cell.Cell) (int, bool) {
	g, err := parse(c)
	if err != nil {
		return 0, false
	}
	print := g.fingerprint()
	i := sort.Search(len(s.sorted), func(i int) bool { return s.prints[s.sorted[i]] >= print })
	if i == len(s.sorted) || s.prints[s.sorted[i]] != print {
		return 0, false
	}
	return int(s.sorted[i]), true
}

// Check returns nil for a legal cell of the search space, sampled or not, large
// or small, and otherwise says what is wrong with it.
func (*Space) Check(c cell.Cell) error {
	_, err := parse(c)
	return err
}

// CheckPublished is the test of arch2vec's published code; the package's
// documentation says where it is looser than Check.
func (*Space) CheckPublished(c cell.Cell) error {
	if err := checkOps(c); err != nil {
		return err
	}
	for v := 2; v < output; v++ {
		earlier := false
		for u := range v - v%2 { // the inputs and the blocks before v's
			earlier = earlier || c.HasEdge(u, v)
		}
		if !earlier {
			return fmt.Errorf("%w: node %d has no input from an earlier block", errNotCell, v)
		}
	}
	return nil
}

// ClassHash returns the graph hash of a legal cell, which does not depend on the
// order of blocks and of the operations in them. Nothing is simplified: a cell
// with a none or skip_connect is not another cell without it. Blocks that no
// operation uses are one another's equals to it: which two of their operations
// are added is not in the graph.
func (s *Space) ClassHash(c cell.Cell) (string, error) {
	if err := s.Check(c); err != nil {
		return "", err
	}
	return c.Hash(), nil
}
