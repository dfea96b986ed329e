package benchmark

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"arch2vec/native/cell"
	"arch2vec/native/space"
)

// CommandOptions says how a Command runs its program. Space and Program are needed,
// the rest is optional.
type CommandOptions struct {
	Space   space.Space
	Program []string // the program and its arguments
	Dataset Dataset  // told to the program, and part of the oracle's name
	Dir     string   // where it runs
	Env     []string // "KEY=value", added to our own environment

	// Timeout is how long an attempt may take; 0 for any time.
	Timeout time.Duration
	// Retries is how many more attempts a cell has after one that failed.
	Retries int
	// Parallel is how many programs run at once, for several goroutines that ask; 0
	// stands for one.
	Parallel int
	// Store is a file of JSON lines where results are kept, each on the disk before
	// Score returns it, and found again by the next Command. "" for none.
	Store string
	// Logs is a folder where what the programs write to standard error is kept, a file
	// an attempt. "" for none.
	Logs string
	// Progress is called with what programs tell of their progress, from any
	// goroutine.
	Progress func(Progress)
}

// Command is an Oracle that trains: for each cell that it is asked for the first
// time it starts a program of the user.
//
// The program reads one line of JSON from its standard input,
//
//	{"space":"nasbench201","dataset":"cifar10","cell":"|nor_conv_3x3~0|+...",
//	 "class":"d41d8...","ops":["input",...],"edges":[[0,1],...],"attempt":1}
//
// and writes lines of JSON to its standard output: as often as it likes, a
// progress, whose fields are all optional, and once, before it ends with status 0,
// a result. Accuracies are in percent, cost in seconds; without cost, it is the
// time that the program took. A program that measures no test accuracy repeats the
// validation accuracy.
//
//	{"progress":{"epoch":3,"epochs":50,"validation":71.2}}
//	{"result":{"validation":91.2,"test":90.8,"cost":1234.5}}
//
// Everything else that it has to say belongs on its standard error. Cells that are
// the same network (Space.ClassHash) are trained once, also when several goroutines
// ask at the same time.
type Command struct {
	opts  CommandOptions
	name  string
	ops   []string
	slots chan struct{}
	store *store

	lock   sync.Mutex
	flying map[string]*flight
}

// flight is a training that others may wait for.
type flight struct {
	done  chan struct{}
	score Score
	err   error
}

// Progress is what a program told about a cell.
type Progress struct {
	Cell       cell.Cell
	Attempt    int     // from 1
	Epoch      int     `json:"epoch"`
	Epochs     int     `json:"epochs"`
	Validation float64 `json:"validation"` // percent; 0 if it did not say
}

// NewCommand checks the options, and reads what is stored. Close closes the store.
func NewCommand(opts CommandOptions) (*Command, error) {
	if opts.Space == nil || len(opts.Program) == 0 || opts.Program[0] == "" {
		return nil, errors.New("benchmark: a command needs a space and a program")
	}
	if opts.Timeout < 0 || opts.Retries < 0 || opts.Parallel < 0 {
		return nil, fmt.Errorf("benchmark: command: a negative option: timeout %v, retries %d, parallel %d", opts.Timeout, opts.Retries, opts.Parallel)
	}
	if _, err := exec.LookPath(opts.Program[0]); err != nil {
		return nil, fmt.Errorf("benchmark: command: %w", err)
	}
	c := &Command{
		opts:   opts,
		name:   "command/" + filepath.Base(opts.Program[0]) + "/" + opts.Dataset.String(),
		ops:    opts.Space.Ops(),
		slots:  make(chan struct{}, max(opts.Parallel, 1)),
		flying: map[string]*flight{},
	}
	if opts.Logs != "" {
		if err := os.MkdirAll(opts.Logs, 0o755); err != nil {
			return nil, fmt.Errorf("benchmark: command: %w", err)
		}
	}
	var err error
	c.store, err = openStore(opts.Store, opts.Space.Name(), opts.Dataset)
	return c, err
}

// Close closes the store. No Score may be under way.
func (c *Command) Close() error { return c.store.close() }

// Name returns "command/", the name of the program, and the data set.
func (c *Command) Name() string { return c.name }

// Stored returns how many results there are.
func (c *Command) Stored() int { return c.store.len() }

// Score trains a cell, or looks up its result. An error of the program is a
// *CommandError; the same cell can be asked for again. When the context ends, the
// program and all that it started are killed.
func (c *Command) Score(ctx context.Context, x cell.Cell) (Score, error) {
	if err := c.opts.Space.Check(x); err != nil {
		return Score{}, fmt.Errorf("benchmark: %s: %w: %w", c.name, ErrNoScore, err)
	}
	class, err := c.opts.Space.ClassHash(x)
	if err != nil {
		return Score{}, fmt.Errorf("benchmark: %s: %w", c.name, err)
	}
	for {
		c.lock.Lock()
		if s, ok := c.store.find(class); ok {
			c.lock.Unlock()
			return s, nil
		}
		f, others := c.flying[class]
		if !others {
			f = &flight{done: make(chan struct{})}
			c.flying[class] = f
		}
		c.lock.Unlock()
		if others {
			select {
			case <-f.done:
			case <-ctx.Done():
				return Score{}, ctx.Err()
			}
			if f.err != nil && (errors.Is(f.err, context.Canceled) || errors.Is(f.err, context.DeadlineExceeded)) {
				continue // the other one gave up; we do not
			}
			return f.score, f.err
		}
		f.score, f.err = c.train(ctx, x, class)
		c.lock.Lock()
		delete(c.flying, class)
		c.lock.Unlock()
		close(f.done)
		return f.score, f.err
	}
}

// train runs the program until an attempt succeeds, and stores the result.
func (c *Command) train(ctx context.Context, x cell.Cell, class string) (Score, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return Score{}, ctx.Err()
	}
	question, err := c.question(x, class)
	if err != nil {
		return Score{}, err
	}
	for attempt := 1; ; attempt++ {
		question.Attempt = attempt
		begun := time.Now()
		s, err := c.attempt(ctx, x, question)
		if err == nil {
			row := storeRow{Space: question.Space, Dataset: question.Dataset, Cell: question.Cell, Class: class,
				Validation: s.Validation, Test: s.Test, Cost: s.Cost, Seconds: time.Since(begun).Seconds(), At: time.Now()}
			return s, c.store.add(row)
		}
		if ctx.Err() != nil {
			return Score{}, ctx.Err()
		}
		if attempt > c.opts.Retries {
			return Score{}, err
		}
	}
}

// question is what the program is told.
type question struct {
	Space   string   `json:"space"`
	Dataset string   `json:"dataset"`
	Cell    string   `json:"cell"`
	Class   string   `json:"class"`
	Ops     []string `json:"ops"`
	Edges   [][2]int `json:"edges"`
	Attempt int      `json:"attempt"`
}

func (c *Command) question(x cell.Cell, class string) (question, error) {
	text, err := c.opts.Space.Format(x)
	if err != nil {
		return question{}, fmt.Errorf("benchmark: %s: %w", c.name, err)
	}
	q := question{Space: c.opts.Space.Name(), Dataset: c.opts.Dataset.String(), Cell: text, Class: class, Edges: x.Edges()}
	for i := range x.Len() {
		if op := x.Op(i); op != cell.Absent {
			q.Ops = append(q.Ops, c.ops[op])
		}
	}
	return q, nil
}

// result is what the program answers.
type result struct {
	Validation *float64 `json:"validation"`
	Test       *float64 `json:"test"`
	Cost       *float64 `json:"cost"`
}

// mostCost is more seconds than a training has: 30 years.
const mostCost = 1e9

// score checks an answer; a missing cost is the time that it took.
func (r *result) score(took time.Duration) (Score, error) {
	for _, field := range []struct {
		name  string
		value *float64
		most  float64
	}{{"validation", r.Validation, 100}, {"test", r.Test, 100}, {"cost", r.Cost, mostCost}} {
		switch v := field.value; {
		case v == nil && field.name != "cost":
			return Score{}, fmt.Errorf("its result has no %s", field.name)
		case v != nil && !(*v >= 0 && *v <= field.most):
			return Score{}, fmt.Errorf("its %s is %v, want 0 to %v", field.name, *v, field.most)
		}
	}
	s := Score{Validation: *r.Validation, Test: *r.Test, Cost: took.Seconds()}
	if r.Cost != nil {
		s.Cost = *r.Cost
	}
	return s, nil
}

// answer is a line of the program.
type answer struct {
	Progress *Progress `json:"progress"`
	Result   *result   `json:"result"`
}

// parseAnswer reads a line; anything but one progress or one result is an error.
func parseAnswer(line []byte) (a answer, err error) {
	if err := json.Unmarshal(line, &a); err != nil {
		return a, fmt.Errorf("its line %.120q is no JSON of a progress or result (NaN is none, and other texts belong on standard error)", line)
	}
	if (a.Progress == nil) == (a.Result == nil) {
		return a, fmt.Errorf(`its line %.120q has no "progress" and no "result", or both`, line)
	}
	return a, nil
}
