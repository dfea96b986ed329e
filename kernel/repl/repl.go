package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"golang.org/x/term"

	"arch2vec/kernel/worker"
)

// Options of [Run]. The zero value reads os.Stdin and writes os.Stdout and
// os.Stderr, keeps no history, and takes every line as a cell of its own.
type Options struct {
	// IsComplete tells whether code can run as it is: "complete", "incomplete"
	// with the indent of the next line, or "invalid". Cells of several lines
	// need it.
	IsComplete func(code string) (status, indent string)

	// History is the file that keeps what was typed; its folder is made when
	// it is not there. "" keeps none.
	History string

	// Pictures is the folder into which pictures are written, and made when
	// the first one is shown. "" is arch2vec-pictures in the current folder.
	Pictures string

	// Banner is printed first at a terminal.
	Banner string

	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// ErrFailed is what Run returns when a cell that came through a pipe failed; its
// error was printed.
var ErrFailed = errors.New("repl: a cell failed")

// Run reads cells and runs them until the input ends or ctx is cancelled. At a
// terminal a failed cell is only printed; in a pipe it ends the run with
// ErrFailed, as it would end a script.
func Run(ctx context.Context, engine worker.Engine, o Options) error {
	if o.Stdin == nil {
		o.Stdin = os.Stdin
	}
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	if o.Stderr == nil {
		o.Stderr = os.Stderr
	}
	if o.IsComplete == nil {
		o.IsComplete = func(string) (string, string) { return "complete", "" }
	}
	if o.Pictures == "" {
		o.Pictures = "arch2vec-pictures"
	}
	s := &shell{
		engine: engine,
		out:    newPrinter(o.Stdout, o.Stderr, o.Pictures),
		o:      o,
	}
	engine.Background(s.out.event)
	defer engine.Background(func(worker.Event) {})
	if isTerminal(o.Stdin) && isTerminal(o.Stdout) {
		return s.interactive(ctx)
	}
	return s.piped(ctx)
}

// shell runs cells one after the other.
type shell struct {
	engine worker.Engine
	out    *printer
	o      Options
	count  int
	// running: a cell of the terminal is.
	running atomic.Bool
	input   func(ctx context.Context, prompt string, password bool) (string, error)
}

// run runs one cell and prints what it shows. The first result is the cell's
// own failure, which was printed; the second that of the engine.
func (s *shell) run(ctx context.Context, code string) (failed bool, err error) {
	s.count++
	s.out.start(s.count)
	reply, err := s.engine.Execute(ctx, worker.Request{
		Code:       code,
		Count:      s.count,
		Input:      s.input,
		AllowInput: s.input != nil,
	}, s.out.event)
	s.out.end(reply.Error)
	if err != nil {
		return true, fmt.Errorf("repl: %w", err)
	}
	return reply.Error != nil, nil
}

// complete tells whether code can run.
func (s *shell) complete(code string) (ok bool, indent string) {
	status, indent := s.o.IsComplete(code)
	return status != "incomplete", indent
}

func isTerminal(v any) bool {
	f, ok := v.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// columns is the width of the terminal w, or 0.
func columns(w io.Writer) int {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 0
}

// makeHistory makes the folder of the history file, and the file private: it
// may hold what should not be shared.
func makeHistory(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}
