// Package space defines what a search space is and opens one by name.
//
// A space is a finite, ordered set of cells over one vocabulary of operations.
// The order is part of its definition: embeddings, tables and traces refer to a
// cell by its index.
package space

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"arch2vec/native/cell"
	"arch2vec/native/space/darts"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// Space is a search space of cells. Implementations are safe for use by
// several goroutines.
type Space interface {
	// Name returns the name that Open knows the space by.
	Name() string
	// Nodes returns N, the number of rows of an encoded cell.
	Nodes() int
	// Ops returns the vocabulary, K names: the columns of an encoded cell's
	// operation matrix.
	Ops() []string
	// Len returns the number of cells.
	Len() int
	// Cell returns cell i in the order of the space, 0 <= i < Len.
	Cell(i int) cell.Cell
	// Index is the inverse of Cell; false when c is not of the space.
	Index(c cell.Cell) (int, bool)
	// Check returns nil when c is a legal cell of the space, and otherwise
	// says what is wrong with it.
	Check(c cell.Cell) error
	// CheckPublished is the test that arch2vec's published code counts as
	// validity; where it is looser than Check, the space's documentation says
	// how.
	CheckPublished(c cell.Cell) error
	// ClassHash names the class of cells that are the same network as c, after
	// the simplifications that the space's documentation lists.
	ClassHash(c cell.Cell) (string, error)
	// Format writes c in the notation of the space's benchmark, Parse reads it.
	Format(c cell.Cell) (string, error)
	Parse(s string) (cell.Cell, error)
}

// Names lists the spaces that Open knows.
func Names() []string { return []string{nasbench101.Name, nasbench201.Name, darts.Name} }

// Open returns the space with this name; an unknown name is an error that lists
// the known ones.
func Open(name string) (Space, error) {
	switch name {
	case nasbench101.Name:
		return nasbench101.Open()
	case darts.Name:
		return darts.Sample(context.Background(), darts.PublishedSize, 1, runtime.GOMAXPROCS(0))
	case nasbench201.Name:
		return nasbench201.New(), nil
	default:
		return nil, fmt.Errorf("space: no search space %q (there are: %s)", name, strings.Join(Names(), ", "))
	}
}
