package benchmark

import (
	"context"
	"errors"

	"arch2vec/native/cell"
)

// Score is what an oracle answers about one cell.
type Score struct {
	Validation float64 // accuracy in percent that a search may look at
	Test       float64 // accuracy in percent that is only reported
	Cost       float64 // simulated, or real, seconds
}

// Oracle says what a cell scores. It is safe for several goroutines.
type Oracle interface {
	// Name names the benchmark and the data set, as in "nasbench201/cifar10".
	Name() string
	// Score returns the score of a cell. A cell that the benchmark does not have is
	// an error that wraps ErrNoScore.
	Score(ctx context.Context, c cell.Cell) (Score, error)
}

// ErrNoScore is the reason why an oracle has no score for a cell.
var ErrNoScore = errors.New("no score for this cell")
