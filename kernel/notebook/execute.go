package notebook

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"arch2vec/kernel/worker"
)

// Options of [Execute]; the zero value runs every cell, without time limit, up
// to the first error.
type Options struct {
	// Timeout limits each cell; a cell that exceeds it is interrupted, and the
	// run stops. 0 means no limit.
	Timeout time.Duration
	// AllowErrors goes on after a cell that failed. Single cells allow it with
	// the tag raises-exception in their metadata.
	AllowErrors bool
	// NoTiming leaves the times at which each cell ran out of its metadata.
	NoTiming bool
	// Observe, when not nil, is told what happens as it does; Live makes one
	// that writes to a terminal. It is called from one goroutine at a time.
	Observe func(Event)
}

// Event is one thing that happens while a notebook runs.
type Event struct {
	Kind EventKind
	Cell *Cell
	// Index of the cell among Total cells with code, from 1.
	Index, Total int

	Output  worker.Event  // CellOutput: what was shown
	Elapsed time.Duration // CellEnded: how long the cell ran
	Err     error         // CellEnded: why it failed
}

// EventKind tells what happened.
type EventKind int

// The kinds of events.
const (
	CellStarted EventKind = iota
	CellOutput
	CellEnded
)

// CellError is why a notebook's run stopped.
type CellError struct {
	Index       int    // of the cell among those with code, from 1
	Name, Value string // as in the cell's error output
	Traceback   []string
}

func (e *CellError) Error() string {
	return fmt.Sprintf("notebook: code cell %d: %s: %s", e.Index, e.Name, e.Value)
}

// errTimeout is the cause of a cell's cancellation by Options.Timeout.
var errTimeout = errors.New("time limit")

// Execute runs the code cells of n in order on engine and stores their outputs
// in n, replacing those of before: streams merged, displays updated in place,
// cleared outputs gone. Empty cells and those tagged skip-execution are passed
// over.
//
// It stops at the first cell that fails, with a *CellError, and when ctx is
// cancelled, with its error; n then holds all outputs up to there and is worth
// saving.
func Execute(ctx context.Context, n *Notebook, engine worker.Engine, o Options) error {
	n.Upgrade()
	n.ClearOutputs()
	if n.Metadata == nil {
		n.Metadata = map[string]any{}
	}
	if n.Metadata["language_info"] == nil {
		n.Metadata["language_info"] = languageInfo()
	}
	var cells []*Cell
	for _, c := range n.Cells {
		if c.Type == Code && strings.TrimSpace(c.Source) != "" && !c.tagged("skip-execution") {
			cells = append(cells, c)
		}
	}
	r := &recorder{observe: o.Observe, total: len(cells), displays: map[string][]display{}}
	engine.Background(r.record)
	defer engine.Background(func(worker.Event) {})
	_, _ = engine.Complete(ctx, "", 0) // waits for the engine, so that the first cell's time is its own
	for i, c := range cells {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("notebook: stopped before code cell %d: %w", i+1, err)
		}
		err := runCell(ctx, c, i+1, engine, r, o)
		if ctx.Err() != nil {
			return fmt.Errorf("notebook: code cell %d: %w", i+1, ctx.Err())
		}
		if failed := (*CellError)(nil); errors.As(err, &failed) && (o.AllowErrors || c.tagged("raises-exception")) {
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// runCell runs one cell and stores what it showed.
func runCell(ctx context.Context, c *Cell, index int, engine worker.Engine, r *recorder, o Options) error {
	cellCtx := ctx
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		cellCtx, cancel = context.WithTimeoutCause(ctx, o.Timeout, errTimeout)
		defer cancel()
	}
	r.start(c, index)
	started := time.Now()
	emit := func(e worker.Event) {
		if e.Kind == worker.EventError && context.Cause(cellCtx) == errTimeout {
			return // its interruption is told below, with the reason
		}
		r.record(e)
	}
	reply, err := engine.Execute(cellCtx, worker.Request{Code: c.Source, Count: index}, emit)
	ended := time.Now()
	c.ExecutionCount = index

	failed := reply.Error
	switch {
	case context.Cause(cellCtx) == errTimeout && (err != nil || failed != nil):
		failed = &worker.Error{Name: "TimeoutError", Value: fmt.Sprintf("the cell ran longer than %v and was interrupted", o.Timeout)}
		r.record(worker.Event{Kind: worker.EventError, Error: failed})
		err = nil
	case err != nil && failed == nil:
		failed = &worker.Error{Name: "KernelError", Value: err.Error()}
	}
	stopped := r.end(failed, ended.Sub(started))
	if !o.NoTiming {
		c.recordTiming(started, ended)
	}
	if err != nil {
		return fmt.Errorf("notebook: code cell %d: the kernel failed: %w", index, err)
	}
	return stopped
}

// recordTiming stores when the cell ran, under the names that nbclient and
// JupyterLab use.
func (c *Cell) recordTiming(started, ended time.Time) {
	const layout = "2006-01-02T15:04:05.000000Z"
	from, to := started.UTC().Format(layout), ended.UTC().Format(layout)
	if c.Metadata == nil {
		c.Metadata = map[string]any{}
	}
	c.Metadata["execution"] = map[string]any{
		"iopub.status.busy":   from,
		"iopub.execute_input": from,
		"iopub.status.idle":   to,
		"shell.execute_reply": to,
	}
}
