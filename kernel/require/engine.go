package require

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"arch2vec/kernel/worker"
)

// Engine is a worker's client that also handles %require lines: it moves the
// session to a worker with the module.
type Engine struct {
	*worker.Client
	dir string // against which folders are resolved

	mu      sync.Mutex
	modules []Module
	cancel  context.CancelFunc // of the build in progress
}

var _ worker.Engine = (*Engine)(nil)

// New is [worker.New] for cells that may have %require lines.
func New(opts worker.Options) (*Engine, error) {
	dir := opts.Dir
	if dir == "" {
		dir, _ = os.Getwd() // "" then, and only relative folders are not found
	}
	c, err := worker.New(opts)
	if err != nil {
		return nil, err
	}
	return &Engine{Client: c, dir: dir}, nil
}

// Execute implements [worker.Engine].
func (e *Engine) Execute(ctx context.Context, req worker.Request, emit func(worker.Event)) (worker.Reply, error) {
	args, rest := Lines(req.Code)
	if len(args) == 0 {
		return e.Client.Execute(ctx, req, emit)
	}
	line := slices.Min(slices.Collect(maps.Keys(args)))
	if err := e.require(ctx, args, emit); err != nil {
		name := "RequireError"
		if ctx.Err() != nil {
			name = "Interrupted"
		}
		text := strings.Split(fmt.Sprintf("cell[%d]:%d:1: %v", req.Count, line, err), "\n")
		failure := &worker.Error{Name: name, Value: text[0], Traceback: text, Line: line, Column: 1}
		emit(worker.Event{Kind: worker.EventError, Error: failure})
		return worker.Reply{Error: failure}, nil
	}
	req.Code = rest
	return e.Client.Execute(ctx, req, emit)
}

// require moves the session to a worker that has the modules, unless it has
// them already.
func (e *Engine) require(ctx context.Context, args map[int][]string, emit func(worker.Event)) error {
	say := func(line string) {
		emit(worker.Event{Kind: worker.EventStream, Stream: "stderr", Text: line + "\n"})
	}
	e.mu.Lock()
	modules := slices.Clone(e.modules)
	e.mu.Unlock()
	changed := false
	for _, line := range slices.Sorted(maps.Keys(args)) {
		if len(args[line]) == 0 {
			return fmt.Errorf("which module? Write %%require github.com/google/uuid@v1.6.0, or the folder of a module")
		}
		for _, a := range args[line] {
			m, err := Parse(a, e.dir)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(modules, func(o Module) bool { return o.Path == m.Path })
			switch {
			case i < 0:
				modules, changed = append(modules, m), true
			case modules[i] != m || m.Dir != "": // a folder's files may have changed
				modules[i], changed = m, true
			}
		}
	}
	if !changed {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e.setCancel(cancel)
	defer e.setCancel(nil)
	built, err := Build(ctx, modules, say)
	if err != nil {
		return err
	}
	if err := e.Client.Use(ctx, built.Path); err != nil {
		return err
	}
	e.mu.Lock()
	e.modules = modules
	e.mu.Unlock()
	say("cells can import " + strings.Join(built.Packages, ", ") + "; the session was restarted, variables are lost")
	for _, l := range built.Left {
		say("left out: " + l)
	}
	return nil
}

func (e *Engine) setCancel(cancel context.CancelFunc) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cancel = cancel
}

// Interrupt implements [worker.Engine]; it also stops a build.
func (e *Engine) Interrupt() error {
	e.mu.Lock()
	cancel := e.cancel
	e.mu.Unlock()
	if cancel != nil {
		cancel()
		return nil
	}
	return e.Client.Interrupt()
}
