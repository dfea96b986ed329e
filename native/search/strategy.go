package search

import (
	"errors"
	"sync"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/points"
	"arch2vec/native/space"
)

// Strategy proposes cells and is told what they scored (ask and tell). It is
// deterministic: what it proposes depends only on its settings, its seed and what
// it was told. It is for one goroutine at a time.
type Strategy interface {
	// Ask returns up to n proposals, at least 1; n is at least 1. A method that
	// learns from every answer may always return one. When it has nothing left to
	// propose, the error is ErrExhausted.
	Ask(n int) ([]cell.Cell, error)
	// Tell says what a proposed cell scored; proposals are told in the order in
	// which they were asked, before the next Ask. The score is finite.
	Tell(c cell.Cell, s benchmark.Score) error
}

// ErrExhausted is Ask's error when there is no cell left to propose: the run
// ends, as at the end of its budget.
var ErrExhausted = errors.New("search: no cell is left to propose")

// Pool holds an embedding of every cell of a space.
type Pool struct {
	Space space.Space
	Dim   int
	// Z has Space.Len() rows of Dim numbers, row-major: row i is cell i.
	Z []float32
	// ID names the embeddings in traces, so that a run is not resumed with others.
	ID string

	// The index of Z, and the vectors of its classes, made when a run first asks for
	// them; so a Pool is not copied.
	indexed   sync.Once
	index     *points.Index
	failed    error
	grouped   sync.Once
	groups    *vectors
	ungrouped error
}

// PoolKind says which embeddings a method searches in.
type PoolKind int

// The kinds of pools.
const (
	NoPool    PoolKind = iota // none: the method works on cells
	MeanPool                  // a cell is the mean of its nodes' vectors, as in the paper
	NodesPool                 // a cell is its nodes' vectors, concatenated
)

// Problem is what a strategy searches in.
type Problem struct {
	Space space.Space
	Pool  *Pool // nil unless the method's PoolKind asks for one
	// Seed determines everything random.
	Seed uint64
	// Threads is the number of threads the strategy may use, at least 1; they change
	// nothing but the time.
	Threads int
}

// Settings are those of one method; a struct with exported fields, so that it can
// be changed, and recorded as JSON.
type Settings interface {
	// Method is the name of the method.
	Method() string
	// New returns a fresh strategy, or says which setting is out of range.
	New(p Problem) (Strategy, error)
}
