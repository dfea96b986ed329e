package search

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
)

// run is one seed of an experiment under way.
type run struct {
	*Experiment
	strategy Strategy
	trace    Trace
	recorded []Query  // answers of an earlier process, not yet used
	journal  *journal // nil: none is kept
	failed   int      // queries in a row that failed
	lowest   float64  // validation accuracy so far
	answered bool     // there was one
}

// answer is what became of a query.
type answer struct {
	score benchmark.Score
	err   error
}

// finished returns the trace that the recorded answers make, if they reach the end of
// the budget: then there is nothing to ask, and the strategy need not repeat what it
// computed to propose them.
func (r *run) finished() (Trace, bool) {
	t := Trace{Seed: r.trace.Seed}
	time := 0.0
	for _, q := range r.recorded {
		if time += q.Cost; q.Time != time || q.Error != "" {
			return Trace{}, false // go through it and see
		}
		if _, err := r.Space.Parse(q.Cell); err != nil {
			return Trace{}, false
		}
		if r.Budget.crosses(time) {
			return t, true
		}
		t.Queries = append(t.Queries, q)
		if r.Budget.spent(len(t.Queries), time) {
			return t, true
		}
	}
	return Trace{}, false
}

// all runs to the end of the budget.
func (r *run) all(ctx context.Context) error {
	for !r.Budget.spent(len(r.trace.Queries), r.time()) {
		// Always as many as a whole batch, so that proposals do not depend on the
		// budget.
		cells, err := r.strategy.Ask(r.Batch)
		if errors.Is(err, ErrExhausted) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(cells) == 0 || len(cells) > r.Batch {
			return fmt.Errorf("the strategy proposed %d cells, asked for 1 to %d", len(cells), r.Batch)
		}
		if left := r.Budget.Queries - len(r.trace.Queries); r.Budget.Queries > 0 && left < len(cells) {
			cells = cells[:left]
		}
		over, err := r.batch(ctx, cells)
		if err != nil || over {
			return err
		}
	}
	return nil
}

// time is the clock of the run, in seconds of the oracle's cost.
func (r *run) time() float64 {
	if n := len(r.trace.Queries); n > 0 {
		return r.trace.Queries[n-1].Time
	}
	return 0
}

// batch asks about cells, as far as no answer is recorded, and tells the strategy;
// over says that the budget was crossed.
func (r *run) batch(ctx context.Context, cells []cell.Cell) (over bool, err error) {
	known := min(len(cells), len(r.recorded))
	answers := r.ask(ctx, cells[known:])
	for i, c := range cells {
		name, err := r.Space.Format(c)
		if err != nil {
			return false, err
		}
		q := Query{Query: len(r.trace.Queries) + 1, Cell: name}
		if i < known {
			old := r.recorded[0]
			r.recorded = r.recorded[1:]
			if old.Cell != name {
				return false, fmt.Errorf("%w: query %d of the trace %s is about %s, but this run proposes %s", errTrace, old.Query, r.journal.path, old.Cell, name)
			}
			q.Validation, q.Test, q.Cost, q.Error = old.Validation, old.Test, old.Cost, old.Error
			q.Time = r.time() + q.Cost
		} else {
			a := answers[i-known]
			if a.err != nil {
				err := fmt.Errorf("query %d, cell %s: %w", q.Query, name, a.err)
				if r.OnError == Stop || ctx.Err() != nil {
					return false, err
				}
				q.Error = a.err.Error()
			} else {
				q.Validation, q.Test, q.Cost = a.score.Validation, a.score.Test, a.score.Cost
			}
			q.Time = r.time() + q.Cost
			if r.journal != nil {
				if err := r.journal.query(q); err != nil {
					return false, err
				}
			}
		}
		if r.Budget.crosses(q.Time) {
			return true, nil
		}
		if err := r.tell(c, q); err != nil {
			return false, err
		}
		if r.Budget.spent(len(r.trace.Queries), r.time()) {
			return true, nil
		}
	}
	return false, nil
}

// tell takes a query into the trace and tells the strategy.
func (r *run) tell(c cell.Cell, q Query) error {
	r.trace.Queries = append(r.trace.Queries, q)
	if q.Error != "" {
		if r.failed++; r.failed >= MaxFailures {
			return fmt.Errorf("%d queries in a row failed, the last one on cell %s: %s", r.failed, q.Cell, q.Error)
		}
		return r.strategy.Tell(c, benchmark.Score{Validation: r.lowest, Test: r.lowest, Cost: q.Cost})
	}
	r.failed = 0
	if !r.answered || q.Validation < r.lowest {
		r.lowest, r.answered = q.Validation, true
	}
	return r.strategy.Tell(c, benchmark.Score{Validation: q.Validation, Test: q.Test, Cost: q.Cost})
}

// ask puts cells to the oracle, all at the same time.
func (r *run) ask(ctx context.Context, cells []cell.Cell) []answer {
	answers := make([]answer, len(cells))
	if len(cells) == 1 {
		answers[0] = r.answer(ctx, cells[0])
		return answers
	}
	var finished sync.WaitGroup
	for i, c := range cells {
		finished.Go(func() { answers[i] = r.answer(ctx, c) })
	}
	finished.Wait()
	return answers
}

// answer puts one cell to the oracle, again when that fails, as often as the
// settings say.
func (r *run) answer(ctx context.Context, c cell.Cell) (a answer) {
	for try := 0; ; try++ {
		a.score, a.err = r.once(ctx, c)
		if a.err == nil {
			a.err = r.check(a.score)
		}
		if a.err == nil || try >= r.Retries || ctx.Err() != nil {
			return a
		}
	}
}

// once puts one cell to the oracle. An oracle that hangs, whatever its context
// says, is left behind.
func (r *run) once(ctx context.Context, c cell.Cell) (benchmark.Score, error) {
	if _, ok := r.Oracle.(*benchmark.Table); ok {
		return r.Oracle.Score(ctx, c) // in memory: it does not hang
	}
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.Timeout, fmt.Errorf("the oracle %s did not answer within %v", r.Oracle.Name(), r.Timeout))
		defer cancel()
	}
	answers := make(chan answer, 1)
	go func() {
		s, err := r.Oracle.Score(ctx, c)
		answers <- answer{score: s, err: err}
	}()
	select {
	case a := <-answers:
		return a.score, a.err
	case <-ctx.Done():
		return benchmark.Score{}, context.Cause(ctx)
	}
}

var errGarbage = errors.New("not a score")

// mostCost is more seconds than a search lasts, and no sum of it overflows.
const mostCost = 1e15

// check says what is wrong with an answer.
func (r *run) check(s benchmark.Score) error {
	switch {
	case !(s.Validation >= 0 && s.Validation <= 100):
		return fmt.Errorf("the oracle %s answered %w: validation accuracy %v %%", r.Oracle.Name(), errGarbage, s.Validation)
	case !(s.Test >= 0 && s.Test <= 100):
		return fmt.Errorf("the oracle %s answered %w: test accuracy %v %%", r.Oracle.Name(), errGarbage, s.Test)
	case !(s.Cost >= 0 && s.Cost <= mostCost):
		return fmt.Errorf("the oracle %s answered %w: cost %v s", r.Oracle.Name(), errGarbage, s.Cost)
	case s.Cost == 0 && r.Budget.Seconds > 0 && r.Budget.Queries == 0:
		return fmt.Errorf("the oracle %s says that a query costs nothing: give the budget in queries", r.Oracle.Name())
	}
	return nil
}
