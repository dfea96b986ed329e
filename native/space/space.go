// Package space defines what a search space is and opens one by name.
//
// A space is a finite, ordered set of cells over one vocabulary of operations.
// The order is part of its definition: embeddings, tables and traces refer to a
// cell by its index. A space that is too large to list is sampled; the size and
// the seed of a sample are part of its ID.
package space

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"

	"arch2vec/native/cell"
	"arch2vec/native/space/darts"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// Space is a search space of cells. Implementations are safe for use by
// several goroutines.
type Space interface {
	// Name returns the name of the space, one of Names.
	Name() string
	// ID names these cells in this order and no others, at no cost: the name and,
	// where the space is a sample, its size and seed ("darts-600000-1"). Open
	// knows it too.
	ID() string
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
	// Random draws a cell uniformly.
	Random(rng *rand.Rand) cell.Cell
	// Mutate makes one edit, drawn at random, that leads from c to another legal
	// cell, by ClassHash; what counts as an edit is in the documentation of each
	// space. It returns an error when Check refuses c.
	Mutate(c cell.Cell, rng *rand.Rand) (cell.Cell, error)
	// EditDistance returns the smallest number of such edits that turn one cell into
	// the other; it is a metric. It returns an error when Check refuses a cell.
	EditDistance(a, b cell.Cell) (int, error)
	// Digest identifies the set of cells by their contents: the SHA-256, in
	// hexadecimal, of all graph hashes in ascending order, each in lower-case
	// hexadecimal and followed by a newline. It may hash every cell, on this many
	// threads, and ends early with the context's error.
	Digest(ctx context.Context, threads int) (string, error)
}

// Names lists the spaces that Open knows.
func Names() []string { return []string{nasbench101.Name, nasbench201.Name, darts.Name} }

// Open returns the space with this name or ID, on all processors: all of
// NAS-Bench-101 or NAS-Bench-201, and of DARTS the sample that the ID names, or
// 600,000 cells with seed 1. An unknown name is an error that lists the known
// ones.
func Open(name string) (Space, error) {
	return OpenContext(context.Background(), name, runtime.GOMAXPROCS(0))
}

// OpenContext is Open on this many threads; it ends early with the context's
// error.
func OpenContext(ctx context.Context, name string, threads int) (Space, error) {
	switch name {
	case nasbench101.Name:
		s, err := nasbench101.OpenContext(ctx, threads)
		return checked(s, err)
	case nasbench201.Name:
		return nasbench201.New(), nil
	case darts.Name:
		return Sample(ctx, name, darts.PublishedSize, 1, threads)
	}
	if n, seed, ok := darts.ParseID(name); ok {
		return Sample(ctx, darts.Name, n, seed, threads)
	}
	_, err := NameOf(name)
	return nil, err
}

// NameOf returns the name of the space that Open would open by this name or ID, at
// no cost; an unknown one is an error that lists the known ones.
func NameOf(nameOrID string) (string, error) {
	if slices.Contains(Names(), nameOrID) {
		return nameOrID, nil
	}
	if _, _, ok := darts.ParseID(nameOrID); ok {
		return darts.Name, nil
	}
	return "", fmt.Errorf("space: no search space %q (there are: %s)", nameOrID, strings.Join(Names(), ", "))
}

// ErrNotSampled is the reason why Sample refuses a space.
var ErrNotSampled = errors.New("is listed whole, not sampled")

// Sample returns n cells of the named space that is too large to list, drawn with
// this seed on this many threads; the number of threads changes nothing in them.
// It ends early with the context's error.
func Sample(ctx context.Context, name string, n int, seed uint64, threads int) (Space, error) {
	switch name {
	case darts.Name:
		s, err := darts.Sample(ctx, n, seed, threads)
		return checked(s, err)
	case nasbench101.Name, nasbench201.Name:
		return nil, fmt.Errorf("space: %s %w", name, ErrNotSampled)
	}
	_, err := NameOf(name)
	return nil, err
}

// checked returns no space, rather than one that holds a nil pointer, with an
// error.
func checked(s Space, err error) (Space, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
