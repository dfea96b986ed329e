package worker

import (
	"context"
	"fmt"
	"go/types"
	"maps"
	"os"
	"slices"
	"sync"

	"arch2vec/kernel/display"
	"arch2vec/kernel/magic"
	"arch2vec/kernel/session"
)

// sessionRunner runs cells in a session.
type sessionRunner struct {
	session *magic.Session
	emit    func(Event) error

	mu   sync.Mutex
	show func(values []any, kinds []types.Type) // of what runs now
}

func newSessionRunner(h host, modules ...session.Module) (runner, error) {
	r := &sessionRunner{emit: h.emit}
	s, err := magic.New(magic.Options{ShellOut: os.Stdout, ShellErr: os.Stderr, Options: session.Options{
		Stdout: h.stdout, Stderr: h.stderr, Stdin: h.stdin,
		Modules: modules,
		Note:    func(line string) { fmt.Fprintln(h.stderr, line) },
		// Values are drawn while the cell runs, so that a String or HTML
		// method that panics or does not end is the cell's.
		Show: func(values []any, kinds []types.Type) {
			r.mu.Lock()
			show := r.show
			r.mu.Unlock()
			if show != nil {
				show(values, kinds)
			}
		},
	}})
	if err != nil {
		return nil, err
	}
	r.session = s
	return r, nil
}

func (r *sessionRunner) execute(ctx context.Context, req Request) Reply {
	show := r.result
	if req.Silent {
		show = nil
	}
	if e := r.cell(ctx, req.Count, req.Code, show); e != nil {
		return Reply{Error: e}
	}
	var reply Reply
	for _, name := range slices.Sorted(maps.Keys(req.Expressions)) {
		code := req.Expressions[name]
		var x ExpressionReply
		x.Error = r.cell(ctx, req.Count, code, func(values []any, kinds []types.Type) {
			d := display.Values(values, kinds)
			x.Data = &d
		})
		if x.Error == nil && x.Data == nil {
			x.Error = &Error{Name: "TypeError", Value: "no value", Traceback: []string{code + " has no value"}}
		}
		if reply.Expressions == nil {
			reply.Expressions = map[string]ExpressionReply{}
		}
		reply.Expressions[name] = x
	}
	return reply
}

// cell runs one cell with its own way to show values.
func (r *sessionRunner) cell(ctx context.Context, number int, code string, show func([]any, []types.Type)) *Error {
	r.setShow(show)
	defer r.setShow(nil)
	_, err := r.session.Execute(ctx, session.Cell{Number: number, Code: code})
	return err
}

func (r *sessionRunner) setShow(show func([]any, []types.Type)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.show = show
}

// result shows the value of a cell's last expression.
func (r *sessionRunner) result(values []any, kinds []types.Type) {
	d := display.Values(values, kinds)
	if len(d.Data) == 0 {
		return // nil, or no value
	}
	if err := r.emit(Event{Kind: EventResult, Data: &d}); err != nil {
		text := display.Data{Data: display.MIMEMap{display.MIMETypeText: "(" + err.Error() + ")"}}
		// Fails only where the front is gone.
		_ = r.emit(Event{Kind: EventResult, Data: &text})
	}
}

func (r *sessionRunner) complete(code string, cursor int) Completion {
	return r.session.Complete(code, cursor)
}

func (r *sessionRunner) inspect(code string, cursor, _ int) Inspection {
	return r.session.Inspect(code, cursor)
}
