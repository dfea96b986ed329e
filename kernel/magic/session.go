package magic

import (
	"context"
	"errors"
	"go/types"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"arch2vec/kernel/session"
)

// Options connect a session to the world.
type Options struct {
	session.Options

	// ShellOut and ShellErr are where shell commands print, also those that a
	// cell leaves in the background; nil: where the session prints.
	ShellOut, ShellErr *os.File
}

// Session runs cells of Go and magics. Its methods are those of
// [session.Session]; one Execute runs at a time.
type Session struct {
	opts Options

	mu      sync.Mutex // guards the fields below
	session *session.Session
	show    func(values []any, kinds []types.Type) // what the running part does with its values
}

// New starts a session.
func New(opts Options) (*Session, error) {
	s := &Session{opts: opts, show: opts.Show}
	if err := s.restart(); err != nil {
		return nil, err
	}
	return s, nil
}

// restart begins with nothing declared.
func (s *Session) restart() error {
	opts := s.opts.Options
	opts.Show = func(values []any, kinds []types.Type) {
		s.mu.Lock()
		show := s.show
		s.mu.Unlock()
		if show != nil {
			show(values, kinds)
		}
	}
	fresh, err := session.New(opts)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session = fresh
	return nil
}

func (s *Session) current() *session.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session
}

func (s *Session) stdout() io.Writer {
	if s.opts.Stdout != nil {
		return s.opts.Stdout
	}
	return os.Stdout
}

func (s *Session) stderr() io.Writer {
	if s.opts.Stderr != nil {
		return s.opts.Stderr
	}
	return os.Stderr
}

// Execute runs a cell, as [session.Session.Execute] does, and the magics in it. When
// ctx ends, so do the programs that the cell has started, unless they ignore SIGINT.
func (s *Session) Execute(ctx context.Context, cell session.Cell) (session.Result, *session.Error) {
	begun := time.Now()
	defer context.AfterFunc(ctx, func() { interruptPrograms(begun) })()
	if !hasMagic(cell.Code) {
		return s.current().Execute(ctx, cell)
	}
	parts, bad := split(cell.Code)
	if bad != nil {
		name := "SyntaxError"
		if bad.unknown {
			name = "UnknownMagic"
		}
		return session.Result{}, failure(cell.Number, bad.line, bad.column, name, bad.msg, lineAt(cell.Code, bad.line))
	}
	if len(parts) == 0 || len(parts) == 1 && !parts[0].magic {
		return s.current().Execute(ctx, cell)
	}
	if e := s.check(cell, parts); e != nil {
		return session.Result{}, e
	}
	var result session.Result
	for i, p := range parts {
		if ctx.Err() != nil {
			return session.Result{}, interrupted()
		}
		last := i == len(parts)-1
		if !p.magic {
			r, e := s.run(ctx, session.Cell{Number: cell.Number, Code: keep(cell.Code, [2]int{p.start, p.end})}, last)
			if e != nil {
				return r, e
			}
			result.Imports = append(result.Imports, r.Imports...)
			result.Values, result.Kinds = r.Values, r.Kinds
			continue
		}
		r, e := s.magic(ctx, cell, p, last)
		if e != nil {
			return session.Result{}, e
		}
		result.Values, result.Kinds = r.Values, r.Kinds
	}
	return result, nil
}

// check finds what is wrong with the cell's Go before anything of it runs, as
// far as no magic changes what its names mean.
func (s *Session) check(cell session.Cell, parts []part) *session.Error {
	var checkable []part
	for _, p := range parts {
		if p.magic && p.command.Renames {
			break
		}
		if !p.magic || p.command.Name == "time" {
			checkable = append(checkable, p)
		}
	}
	return s.current().Check(session.Cell{Number: cell.Number, Code: goOnly(cell.Code, checkable)})
}

// run runs Go; only the last part of a cell shows its value.
func (s *Session) run(ctx context.Context, cell session.Cell, last bool) (session.Result, *session.Error) {
	if last {
		return s.current().Execute(ctx, cell)
	}
	return s.runWith(ctx, cell, nil)
}

// runWith runs Go whose value goes to show.
func (s *Session) runWith(ctx context.Context, cell session.Cell, show func([]any, []types.Type)) (session.Result, *session.Error) {
	s.setShow(show)
	defer s.setShow(s.opts.Show)
	return s.current().Execute(ctx, cell)
}

func (s *Session) setShow(show func([]any, []types.Type)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.show = show
}

// magic runs a command. Those that run Go once leave its value.
func (s *Session) magic(ctx context.Context, cell session.Cell, p part, last bool) (session.Result, *session.Error) {
	var result session.Result
	c := call{result: &result, number: cell.Number, line: p.line, args: cell.Code[p.args[0]:p.args[1]], last: last}
	if p.command.TakesCode {
		c.code = keep(cell.Code, statement(cell.Code, p))
	}
	err := p.command.run(ctx, s, c)
	if err == nil {
		return result, nil
	}
	var e *session.Error
	switch {
	case errors.As(err, &e):
		return result, e
	case ctx.Err() != nil:
		return result, interrupted()
	}
	name := "MagicError"
	if p.command.Name == "$" {
		name = "ShellError"
	}
	return result, failure(cell.Number, p.line, p.indent+1, name, err.Error(), lineAt(cell.Code, p.line))
}

func interrupted() *session.Error {
	return &session.Error{Name: "Interrupted", Value: "interrupted", Traceback: []string{"interrupted"}}
}

// lineAt is a line of the cell, by number from 1.
func lineAt(code string, number int) string {
	lines := strings.Split(code, "\n")
	if number < 1 || number > len(lines) {
		return ""
	}
	return strings.TrimRight(lines[number-1], "\r")
}

// asError keeps a nil *session.Error from becoming an error that is not nil.
func asError(e *session.Error) error {
	if e == nil {
		return nil
	}
	return e
}
