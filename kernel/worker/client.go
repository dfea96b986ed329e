package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Options say how a Client starts its worker. The zero value runs
// "arch2vec worker" of the running binary.
type Options struct {
	Path string   // executable; by default the running one
	Args []string // its arguments; by default "worker"
	Env  []string // added to the environment, as "NAME=value"
	Dir  string   // working folder; by default the front's

	// MemoryLimit in bytes ends a worker that needs more; 0 means no limit.
	MemoryLimit int64
	// Later leaves the start of the worker to Start or to the first cell.
	Later bool
	// Grace is how long an interrupted cell may take to end before its
	// worker is replaced; by default 2 s.
	Grace time.Duration
}

// Client runs cells in a worker process. It implements [Engine], and its
// methods may be called by several goroutines.
type Client struct {
	opts Options
	turn chan struct{} // held by the running Execute

	mu         sync.Mutex // guards the fields below
	proc       *process
	dead       []*process // replaced since the last cell
	closed     bool
	background func(Event)
}

var _ Engine = (*Client)(nil)

// ErrClosed is returned by the methods of a closed Client.
var ErrClosed = errors.New("worker: the session is closed")

// New starts a worker, unless Later is set. It does not wait until the worker is
// ready: the first cell does.
func New(opts Options) (*Client, error) {
	if opts.Path == "" {
		exe, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("worker: %w", err)
		}
		opts.Path = exe
	}
	if opts.Args == nil {
		opts.Args = []string{"worker"}
	}
	if opts.Grace <= 0 {
		opts.Grace = 2 * time.Second
	}
	c := &Client{opts: opts, turn: make(chan struct{}, 1)}
	if opts.Later {
		return c, nil
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	return c, nil
}

// Start starts the worker, unless one is there.
func (c *Client) Start() error {
	_, err := c.worker()
	return err
}

// worker returns the live process; a dead one is replaced.
func (c *Client) worker() (*process, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	if c.proc != nil && !c.proc.ended() {
		return c.proc, nil
	}
	p, err := start(c.opts, c.emitBackground)
	if err != nil {
		return nil, err
	}
	if c.proc != nil {
		c.dead = append(c.dead, c.proc)
	}
	c.proc = p
	return p, nil
}

func (c *Client) emitBackground(e Event) {
	c.mu.Lock()
	emit := c.background
	c.mu.Unlock()
	if emit != nil {
		emit(e)
	}
}

// Background implements [Engine]. Without it such events are dropped.
func (c *Client) Background(emit func(Event)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.background = emit
}

// Execute implements [Engine]. A failure of the cell, the death of its process
// included, is in the reply and is also emitted as its last event; the error is
// for requests that could not be made, such as on a closed Client.
func (c *Client) Execute(ctx context.Context, req Request, emit func(Event)) (Reply, error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return Reply{}, ctx.Err()
	}
	req.AllowInput = req.Input != nil
	x := &execution{req: req, emit: emit, done: make(chan Reply, 1)}
	x.ctx, x.cancel = context.WithCancel(ctx)
	defer x.cancel()
	for {
		p, err := c.worker()
		if err != nil {
			return Reply{}, err
		}
		c.sayLost(emit)
		if p.execute(x) {
			break
		}
		// It died since; the next one is fresh.
	}
	select {
	case r := <-x.done:
		return r, nil
	case <-ctx.Done():
		c.interrupt(x)
		return <-x.done, nil
	}
}

// sayLost tells the user in the next cell that a worker has ended meanwhile.
func (c *Client) sayLost(emit func(Event)) {
	c.mu.Lock()
	dead := c.dead
	c.dead = nil
	c.mu.Unlock()
	for _, p := range dead {
		<-p.gone
		if e := p.lost(); e != nil {
			emit(Event{Kind: EventStream, Stream: "stderr", Text: e.Value + "\n"})
		}
	}
}

// Complete implements [Engine].
func (c *Client) Complete(ctx context.Context, code string, cursor int) (Completion, error) {
	m, err := c.call(ctx, request{Op: opComplete, Code: code, Cursor: cursor})
	if err != nil || m.Completion == nil {
		return Completion{Start: cursor, End: cursor}, err
	}
	return *m.Completion, nil
}

// Inspect implements [Engine].
func (c *Client) Inspect(ctx context.Context, code string, cursor, detail int) (Inspection, error) {
	m, err := c.call(ctx, request{Op: opInspect, Code: code, Cursor: cursor, Detail: detail})
	if err != nil || m.Inspection == nil {
		return Inspection{}, err
	}
	data, err := fromWire(m.Inspection.Data)
	if err != nil || data == nil {
		return Inspection{}, err
	}
	return Inspection{Found: m.Inspection.Found, Data: *data}, nil
}

func (c *Client) call(ctx context.Context, r request) (message, error) {
	p, err := c.worker()
	if err != nil {
		return message{}, err
	}
	m, err := p.call(ctx, r)
	if err == nil && m.Failure != "" {
		err = errors.New("worker: " + m.Failure)
	}
	return m, err
}

// Interrupt implements [Engine].
func (c *Client) Interrupt() error {
	c.interrupt(nil)
	return nil
}

// interrupt stops x, or whatever runs where x is nil.
func (c *Client) interrupt(x *execution) {
	c.mu.Lock()
	p := c.proc
	c.mu.Unlock()
	if p != nil {
		p.interrupt(x, c.opts.Grace)
	}
}

// Restart implements [Engine]. A running cell fails.
func (c *Client) Restart(ctx context.Context) error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return ErrClosed
	}
	p := c.proc
	c.mu.Unlock()
	if p != nil {
		p.kill(&Error{Name: "WorkerDied", Value: "the session was restarted; its variables are lost"})
		select {
		case <-p.gone:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	_, err := c.worker()
	return err
}

// Use has another program as the worker from now on, with all arguments given,
// and restarts.
func (c *Client) Use(ctx context.Context, path string, args ...string) error {
	c.mu.Lock()
	c.opts.Path, c.opts.Args = path, args
	c.mu.Unlock()
	return c.Restart(ctx)
}

// Close implements [Engine]. It is safe to call it more than once.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	p := c.proc
	c.mu.Unlock()
	if p != nil {
		p.stop()
		<-p.gone
	}
	return nil
}
