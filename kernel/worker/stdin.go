package worker

import (
	"context"
	"io"
	"sync"
)

// input is the standard input of the session: it asks the front for a line
// when a cell reads, and is at its end for cells that must not ask.
type input struct {
	out *outbox

	read  sync.Mutex // one reader at a time
	rest  []byte     // of the last line
	mu    sync.Mutex // guards the fields below
	ctx   context.Context
	allow bool
	id    uint64
	wait  chan inputLine // of the request that is under way
}

type inputLine struct {
	text   string
	closed bool
}

// begin and end frame a cell.
func (in *input) begin(ctx context.Context, allow bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ctx, in.allow = ctx, allow
}

func (in *input) end() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ctx, in.allow = nil, false
}

// Read implements io.Reader.
func (in *input) Read(p []byte) (int, error) {
	in.read.Lock()
	defer in.read.Unlock()
	if len(in.rest) == 0 {
		line, err := in.ask()
		if err != nil {
			return 0, err
		}
		in.rest = line
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

func (in *input) ask() ([]byte, error) {
	in.mu.Lock()
	if !in.allow {
		in.mu.Unlock()
		return nil, io.EOF
	}
	in.id++
	id, ctx := in.id, in.ctx
	wait := make(chan inputLine, 1)
	in.wait = wait
	in.mu.Unlock()

	if err := in.out.send(message{Op: opInput, ID: id}); err != nil {
		return nil, err
	}
	select {
	case l := <-wait:
		if l.closed {
			return nil, io.EOF
		}
		return []byte(l.text + "\n"), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// give answers the request with the given number; a late answer is dropped.
func (in *input) give(id uint64, l inputLine) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.wait != nil && id == in.id {
		in.wait <- l
		in.wait = nil
	}
}
