package session

import (
	"context"
	"fmt"
	"go/token"
	"os"
	"strings"

	"github.com/traefik/yaegi/interp"
)

// execute runs a compiled program.
func (s *Session) execute(ctx context.Context, t text, prog *interp.Program) *Error {
	if ctx.Err() != nil {
		return interrupted()
	}
	s.trace.begin()
	err := s.stop.execute(ctx, s.in, prog)
	switch {
	case ctx.Err() != nil && (err == nil || err == ctx.Err()):
		return interrupted()
	case err == nil:
		return nil
	}
	if p, ok := err.(interp.Panic); ok {
		return s.panicked(t, p)
	}
	return s.unsupported(t, err)
}

func interrupted() *Error {
	return &Error{Name: "Interrupted", Value: "interrupted", Traceback: []string{"interrupted"}}
}

// panicked reports a panic with the interpreted calls that led to it.
func (s *Session) panicked(t text, p interp.Panic) *Error {
	return s.panicError(t, p.Value)
}

func (s *Session) panicError(t text, value any) *Error {
	frames := s.trace.take() // before the value's own methods run
	e := &Error{Name: "panic", Value: "panic: " + s.panicText(value)}
	var places []location
	for _, f := range frames {
		l, ok := s.position(f.pos)
		if !ok || s.isStart(f.pos) {
			continue
		}
		if n := len(places); n > 0 && places[n-1].name == l.name && places[n-1].line == l.line {
			continue // parts of one expression
		}
		places = append(places, l)
	}
	e.Traceback = []string{e.Value}
	const most = 20
	for i, l := range places {
		if i == most && len(places) > most+1 {
			e.Traceback = append(e.Traceback, fmt.Sprintf("  ... %d more calls", len(places)-most))
			break
		}
		e.Traceback = append(e.Traceback, fmt.Sprintf("  at %s:%d:%d", l.name, l.line, l.column))
		e.Traceback = append(e.Traceback, l.excerpt(l.line, l.column)...)
	}
	if len(places) > 0 {
		l := places[0]
		e.Value += fmt.Sprintf(" (%s:%d:%d)", l.name, l.line, l.column)
		e.Traceback[0] = e.Value
	}
	for _, l := range places { // the cell's own line, where the panic was in another's function
		if l.name == t.name {
			e.Line, e.Column = l.line, l.column
			break
		}
	}
	return e
}

// goStmt starts a goroutine.
func (s *Session) goStmt(call func()) {
	cell := s.stop.current()
	go func() {
		defer s.stop.enter(cell)()
		defer func() { s.goroutinePanicked(recover()) }()
		call()
	}()
}

// goroutinePanicked ends the process as a panic in a goroutine does, with the
// interpreted stack in place of the interpreter's own. A nil value is none, and an
// interrupted goroutine ends alone.
func (s *Session) goroutinePanicked(value any) {
	if value == nil || value == (stopped{}) {
		return
	}
	e := s.panicError(text{}, value)
	fmt.Fprintf(os.Stderr, "%s\n\ngoroutine started by the program:\n%s\n", e.Value, strings.Join(e.Traceback[1:], "\n"))
	os.Exit(2)
}

func (s *Session) isStart(pos token.Pos) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.starts[pos]
}
