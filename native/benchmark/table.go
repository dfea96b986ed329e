package benchmark

import (
	"context"
	"fmt"
	"math"

	"arch2vec/native/cell"
	"arch2vec/native/space"
)

// Table is an Oracle over an enumerated space. It is read-only and safe for
// several goroutines.
type Table struct {
	space            space.Space
	name             string
	runs             Runs
	validation, test []float64
	cost             []float64 // nil: queries cost nothing
}

// NewTable returns the table of these scores, of cell i of the space in scores[i],
// for benchmarks of one's own; NaN marks cells without a score.
func NewTable(name string, s space.Space, scores []Score) (*Table, error) {
	if len(scores) != s.Len() {
		return nil, fmt.Errorf("benchmark: table %s: %d scores for the %d cells of %s", name, len(scores), s.Len(), s.ID())
	}
	n := len(scores)
	t := &Table{space: s, name: name, validation: make([]float64, n), test: make([]float64, n), cost: make([]float64, n)}
	for i, score := range scores {
		t.validation[i], t.test[i], t.cost[i] = score.Validation, score.Test, score.Cost
	}
	return t, nil
}

// Name returns the benchmark and the data set, as in "nasbench201/cifar10".
func (t *Table) Name() string { return t.name }

// Space returns the space; row i of the table is its cell i.
func (t *Table) Space() space.Space { return t.space }

// Len returns the number of rows, Space().Len().
func (t *Table) Len() int { return len(t.validation) }

// Runs returns the selection that the table is, with its defaults filled in.
func (t *Table) Runs() Runs { return t.runs }

// HasCost reports whether queries cost anything.
func (t *Table) HasCost() bool { return t.cost != nil }

// At returns the score of cell i of the space, 0 <= i < Len; its numbers are NaN
// where the benchmark has none.
func (t *Table) At(i int) Score {
	s := Score{Validation: t.validation[i], Test: t.test[i]}
	if t.cost != nil {
		s.Cost = t.cost[i]
	}
	return s
}

// Score returns the score of a cell, or an error that wraps ErrNoScore.
func (t *Table) Score(ctx context.Context, c cell.Cell) (Score, error) {
	if err := ctx.Err(); err != nil {
		return Score{}, err
	}
	i, ok := t.space.Index(c)
	if !ok {
		if err := t.space.Check(c); err != nil {
			return Score{}, fmt.Errorf("benchmark: %s: %w: %w", t.name, ErrNoScore, err)
		}
		return Score{}, fmt.Errorf("benchmark: %s: %w: %v", t.name, ErrNoScore, c)
	}
	s := t.At(i)
	if math.IsNaN(s.Validation) || math.IsNaN(s.Test) {
		return Score{}, fmt.Errorf("benchmark: %s: %w: row %d is empty", t.name, ErrNoScore, i)
	}
	return s, nil
}

// Best returns the highest accuracies in the table, in percent. They are not of
// the same cell, as a rule.
func (t *Table) Best() (validation, test float64) {
	return highest(t.validation), highest(t.test)
}

// highest is the largest value, NaN when there is none.
func highest(values []float64) float64 {
	best := math.NaN()
	for _, v := range values {
		if !(v <= best) && !math.IsNaN(v) {
			best = v
		}
	}
	return best
}

// Describe says in one line what the scores are.
func (t *Table) Describe() string {
	if t.runs == (Runs{}) {
		return t.name
	}
	text := t.name + ": " + t.runs.String()
	if t.runs.SearchOn != Validation {
		text += fmt.Sprintf("; searched on the %v accuracy, in place of validation", t.runs.SearchOn)
	}
	switch {
	case t.cost == nil:
		return text + "; no cost"
	case t.runs.CostEpochs != t.runs.Epochs:
		return text + fmt.Sprintf("; a query costs %d epochs", t.runs.CostEpochs)
	}
	return text + "; a query costs the whole training"
}
