package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"arch2vec/native/benchmark"
	"arch2vec/native/space"
)

// OnError says what a run does about a query that the oracle does not answer: it
// fails, takes longer than Experiment.Timeout, or answers with what is no score.
type OnError int

// The reactions.
const (
	// Stop ends the run with the error. Its trace is whole; resumed, it asks the
	// query again.
	Stop OnError = iota
	// Skip records the failure, tells the strategy the lowest validation accuracy so
	// far (0 before the first), and goes on: until MaxFailures queries in a row
	// fail.
	Skip
)

// MaxFailures is how many queries in a row may fail before a run ends even with
// Skip.
const MaxFailures = 20

// Experiment is one method on one oracle with many seeds. Fields that are zero
// stand for what their comments say.
type Experiment struct {
	Settings Settings
	Space    space.Space
	Oracle   benchmark.Oracle
	Pool     *Pool // where the method searches in embeddings
	Budget   Budget
	// First and Last are the seeds of the first and the last run; Last 0 stands for
	// First alone.
	First, Last uint64
	// Batch is how many cells of a run are asked at the same time, where the
	// strategy proposes as many (0: 1). It is part of what a run is: a strategy is
	// told later what it could have used earlier.
	Batch int
	// OnError, Timeout (0: none) and Retries (0: none) say what becomes of a query
	// that fails.
	OnError OnError
	Timeout time.Duration
	Retries int
	// Threads is the number of threads (0: all). It changes nothing but the time.
	Threads int
	// Dir is the folder of the trace files, one a run (empty: none are written).
	// Resume goes on with those that are there, and takes those that are finished as
	// they are; otherwise they are an error.
	Dir    string
	Resume bool
	// Progress, unless nil, is called after every run, by one goroutine at a time.
	Progress func(done, runs int)
}

// The most runs of an experiment, and cells of a batch: what is kept of each is in
// memory.
const (
	mostRuns  = 1_000_000
	mostBatch = 10_000
)

func (e *Experiment) validate() error {
	if e.Settings == nil || e.Space == nil || e.Oracle == nil {
		return errors.New("search: an experiment needs settings, a space and an oracle")
	}
	switch {
	case e.Last != 0 && e.Last < e.First:
		return fmt.Errorf("search: seeds %d to %d", e.First, e.Last)
	case e.Last != 0 && e.Last-e.First >= mostRuns:
		return fmt.Errorf("search: seeds %d to %d: more than %d runs", e.First, e.Last, mostRuns)
	case e.Batch > mostBatch:
		return fmt.Errorf("search: a batch of %d cells, at most %d", e.Batch, mostBatch)
	case e.Batch < 0 || e.Retries < 0 || e.Timeout < 0 || e.Threads < 0:
		return errors.New("search: batch, retries, timeout and threads cannot be negative")
	case e.Resume && e.Dir == "":
		return errors.New("search: to resume, give the folder of the traces")
	}
	return e.Budget.validate()
}

// Run runs all seeds, in parallel, and returns their traces in the order of the
// seeds. When a run fails, or ctx ends, the others stop too and the first error is
// returned; with Dir and Resume, calling Run again goes on from there.
func (e Experiment) Run(ctx context.Context) ([]Trace, error) {
	if err := e.validate(); err != nil {
		return nil, err
	}
	if e.Dir != "" {
		if err := os.MkdirAll(e.Dir, 0o755); err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
	}
	if e.Last == 0 {
		e.Last = e.First
	}
	e.Batch = max(e.Batch, 1)
	if e.Threads == 0 {
		e.Threads = runtime.GOMAXPROCS(0)
	}
	runs := int(e.Last - e.First + 1)
	workers := min(e.Threads, runs)
	e.Threads = max(1, e.Threads/workers)

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	traces := make([]Trace, runs)
	seeds := make(chan int)
	var finished sync.WaitGroup
	var progress sync.Mutex
	done := 0
	for range workers {
		finished.Go(func() {
			for i := range seeds {
				var err error
				if traces[i], err = e.one(ctx, e.First+uint64(i)); err != nil {
					cancel(err) // the first one is kept
					return
				}
				progress.Lock()
				if done++; e.Progress != nil {
					e.Progress(done, runs)
				}
				progress.Unlock()
			}
		})
	}
feed:
	for i := range runs {
		select {
		case seeds <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(seeds)
	finished.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return traces, nil
}

// one runs one seed.
func (e *Experiment) one(ctx context.Context, seed uint64) (_ Trace, err error) {
	r := run{Experiment: e, trace: Trace{Seed: seed}}
	if e.Dir != "" {
		h, err := e.header(seed)
		if err != nil {
			return Trace{}, err
		}
		path := filepath.Join(e.Dir, fmt.Sprintf("%s-%05d.jsonl", h.Method, seed))
		if r.journal, r.recorded, err = openJournal(path, h, e.Resume); err != nil {
			return Trace{}, err
		}
		defer func() { err = errors.Join(err, r.journal.close()) }()
		if t, ok := r.finished(); ok {
			return t, nil
		}
	}
	if r.strategy, err = e.Settings.New(Problem{Space: e.Space, Pool: e.Pool, Seed: seed, Threads: e.Threads}); err != nil {
		return Trace{}, err
	}
	if err := r.all(ctx); err != nil {
		return Trace{}, fmt.Errorf("search: %s, seed %d: %w", e.Settings.Method(), seed, err)
	}
	return r.trace, nil
}

// header describes the run with this seed.
func (e *Experiment) header(seed uint64) (header, error) {
	settings, err := json.Marshal(e.Settings)
	if err != nil {
		return header{}, fmt.Errorf("search: settings of %s: %w", e.Settings.Method(), err)
	}
	h := header{Trace: 1, Method: e.Settings.Method(), Space: e.Space.ID(), Oracle: e.Oracle.Name(), Seed: seed, Batch: e.Batch, Settings: settings}
	if e.Pool != nil {
		h.Pool = e.Pool.ID
	}
	return h, nil
}
