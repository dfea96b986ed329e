package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// input is the standard input of the session: it asks the front for a line
// when a cell reads, and fails for cells that must not ask.
type input struct {
	out *outbox

	read  sync.Mutex // one reader at a time
	rest  []byte     // of the last line
	mu    sync.Mutex // guards the fields below
	ctx   context.Context
	allow bool
	told  bool // that the running cell must not ask
	id    uint64
	wait  chan inputLine // of the request that is under way
}

// errNoInput is what a read gives where nobody can be asked.
var errNoInput = errors.New("standard input: the front end that runs this cell takes no input (allow_stdin is false, or the cell has ended)")

type inputLine struct {
	text   string
	closed bool
}

// begin and end frame a cell.
func (in *input) begin(ctx context.Context, allow bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ctx, in.allow, in.told = ctx, allow, false
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
		line, err := in.ask("", false)
		if err != nil {
			return 0, err
		}
		in.rest = []byte(line + "\n")
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

// ask returns the next line, without its end.
func (in *input) ask(prompt string, password bool) (string, error) {
	in.mu.Lock()
	if !in.allow {
		told := in.told
		in.told = true
		in.mu.Unlock()
		if !told { // many programs do not look at the error of fmt.Scan
			fmt.Fprintln(in.out.stream(in.out.stderr), errNoInput)
		}
		return "", errNoInput
	}
	in.id++
	id, ctx := in.id, in.ctx
	wait := make(chan inputLine, 1)
	in.wait = wait
	in.mu.Unlock()

	if err := in.out.send(message{Op: opInput, ID: id, Prompt: prompt, Password: password}); err != nil {
		return "", err
	}
	select {
	case l := <-wait:
		if l.closed {
			return "", io.EOF
		}
		return l.text, nil
	case <-ctx.Done():
		return "", ctx.Err()
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
