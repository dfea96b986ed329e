package search

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"

	"arch2vec/native/cell"
	"arch2vec/native/space"
)

// Without returns the part of a space that has no node with the named operation, in
// the same order: NAS-Bench-301, for instance, has no DARTS cells with "none".
func Without(s space.Space, op string) (space.Space, error) {
	k := slices.Index(s.Ops(), op)
	if k < 0 {
		return nil, fmt.Errorf("search: %s has no operation %q (it has: %v)", s.Name(), op, s.Ops())
	}
	p := &part{Space: s, op: k}
	for i := range s.Len() {
		if !p.has(s.Cell(i)) {
			p.rows = append(p.rows, i)
		}
	}
	if len(p.rows) == 0 {
		return nil, fmt.Errorf("search: all cells of %s have %s", s.ID(), op)
	}
	return p, nil
}

// part is the rows of a space without an operation.
type part struct {
	space.Space
	op   int
	rows []int // ascending
}

var errOperation = errors.New("search: it has an operation that is left out")

func (p *part) has(c cell.Cell) bool {
	for v := range c.Len() {
		if c.Op(v) == p.op {
			return true
		}
	}
	return false
}

// ID names the part.
func (p *part) ID() string { return p.Space.ID() + "-without-" + p.Ops()[p.op] }

// Len returns the number of cells of the part.
func (p *part) Len() int { return len(p.rows) }

// Cell returns cell i of the part.
func (p *part) Cell(i int) cell.Cell { return p.Space.Cell(p.rows[i]) }

// Index is the inverse of Cell.
func (p *part) Index(c cell.Cell) (int, bool) {
	row, ok := p.Space.Index(c)
	i := sort.SearchInts(p.rows, row)
	return i, ok && i < len(p.rows) && p.rows[i] == row
}

// Check refuses cells with the operation.
func (p *part) Check(c cell.Cell) error {
	if err := p.Space.Check(c); err != nil || !p.has(c) {
		return err
	}
	return fmt.Errorf("%w: %s", errOperation, p.Ops()[p.op])
}

// Random draws a cell uniformly.
func (p *part) Random(rng *rand.Rand) cell.Cell { return p.Cell(rng.IntN(len(p.rows))) }

// Mutate makes one edit that does not bring the operation in.
func (p *part) Mutate(c cell.Cell, rng *rand.Rand) (cell.Cell, error) {
	for range 1000 {
		m, err := p.Space.Mutate(c, rng)
		if err != nil || !p.has(m) {
			return m, err
		}
	}
	return cell.Cell{}, fmt.Errorf("search: no edit of %v keeps %s out", c, p.Ops()[p.op])
}

// Digest identifies the part by its contents.
func (p *part) Digest(ctx context.Context, _ int) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	cells := make([]cell.Cell, len(p.rows))
	for i := range cells {
		cells[i] = p.Cell(i)
	}
	sums := make([][cell.HashSize]byte, len(cells))
	cell.NewHasher(nil).Sums(cells, sums)
	slices.SortFunc(sums, func(a, b [cell.HashSize]byte) int { return bytes.Compare(a[:], b[:]) })
	return cell.Digest(sums), nil
}
