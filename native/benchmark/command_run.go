package benchmark

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"arch2vec/native/cell"
)

// Failure is a way in which a program fails.
type Failure int

// The failures.
const (
	NotStarted Failure = iota // it could not be started
	ExitStatus                // it ended with a status other than 0, or by a signal
	TimedOut                  // it took longer than the timeout
	Garbage                   // it wrote what is no progress and no result
	BadResult                 // its result is not complete, or no accuracy
	NoResult                  // it ended without a result
)

var failures = []string{"could not be started", "failed", "timed out", "wrote garbage", "gave a bad result", "gave no result"}

// String returns what a program did, as in "timed out".
func (f Failure) String() string { return name(failures, int(f), "Failure") }

// CommandError is the failure of the last attempt of a cell.
type CommandError struct {
	Program string
	Cell    string // in the notation of the space
	Attempt int    // from 1
	Failure Failure
	Detail  string
	Stderr  string // the last lines of its standard error
	Log     string // the file that has all of it, if any
}

func (e *CommandError) Error() string {
	text := fmt.Sprintf("benchmark: %s %v, attempt %d, cell %s: %s", e.Program, e.Failure, e.Attempt, e.Cell, e.Detail)
	if e.Stderr != "" {
		text += "; it said: " + e.Stderr
	}
	if e.Log != "" {
		text += " (all of it is in " + e.Log + ")"
	}
	return text
}

// grace is how long a program has to end after it was asked to, before it is
// killed with all that it started, and how long its pipes may stay open after it.
const grace = 2 * time.Second

// attempt runs the program once.
func (c *Command) attempt(ctx context.Context, x cell.Cell, q question) (Score, error) {
	input, err := json.Marshal(q)
	if err != nil {
		return Score{}, err
	}
	fail := &CommandError{Program: c.opts.Program[0], Cell: q.Cell, Attempt: q.Attempt}
	failed := func(f Failure, detail string) (Score, error) {
		fail.Failure, fail.Detail = f, detail
		return Score{}, fail
	}
	run, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if c.opts.Timeout > 0 {
		var cancel context.CancelFunc
		run, cancel = context.WithTimeoutCause(run, c.opts.Timeout, errTimeout)
		defer cancel()
	}
	cmd := exec.CommandContext(run, c.opts.Program[0], c.opts.Program[1:]...)
	cmd.Dir, cmd.Env = c.opts.Dir, append(os.Environ(), c.opts.Env...)
	cmd.Stdin = bytes.NewReader(append(input, '\n'))
	cmd.WaitDelay = grace
	together(cmd)
	out := &answers{stop: stop, tell: func(p Progress) {
		if c.opts.Progress != nil {
			p.Cell, p.Attempt = x, q.Attempt
			c.opts.Progress(p)
		}
	}}
	cmd.Stdout = out
	last := &tail{}
	cmd.Stderr = last
	if c.opts.Logs != "" {
		fail.Log = filepath.Join(c.opts.Logs, fmt.Sprintf("%s-%d.stderr", q.Class, q.Attempt))
		log, err := os.Create(fail.Log)
		if err != nil {
			return Score{}, fmt.Errorf("benchmark: %w", err)
		}
		defer log.Close()
		cmd.Stderr = io.MultiWriter(log, last)
	}

	// A program is to end with the thread that started it, where systems have that.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return failed(NotStarted, err.Error())
	}
	err = cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it ended well, and in time; what it left running keeps its output open
	}
	end(cmd) // what it left running
	took := time.Since(begun)
	fail.Stderr = last.String()
	answered, garbage := out.close()
	switch {
	case ctx.Err() != nil:
		return Score{}, ctx.Err()
	case garbage != nil:
		return failed(Garbage, garbage.Error())
	case errors.Is(context.Cause(run), errTimeout) && err != nil:
		return failed(TimedOut, fmt.Sprintf("after %v", c.opts.Timeout))
	case err != nil:
		return failed(ExitStatus, err.Error())
	case answered == nil:
		return failed(NoResult, "it ended with status 0")
	}
	s, err := answered.score(took)
	if err != nil {
		return failed(BadResult, err.Error())
	}
	return s, nil
}

var errTimeout = errors.New("timeout")

// maxLine is more than an answer needs.
const maxLine = 1 << 20

// answers is what a program writes, taken line by line. The first bad line stops
// the program.
type answers struct {
	lock    sync.Mutex
	tell    func(Progress)
	stop    context.CancelCauseFunc
	rest    []byte // of a line that is not complete
	result  *result
	garbage error
}

func (a *answers) Write(p []byte) (int, error) {
	a.lock.Lock()
	defer a.lock.Unlock()
	n := len(p)
	for a.garbage == nil {
		line, after, whole := bytes.Cut(p, []byte("\n"))
		if len(a.rest)+len(line) > maxLine {
			a.fail(fmt.Errorf("a line of more than %d bytes", maxLine))
			break
		}
		a.rest = append(a.rest, line...)
		if !whole {
			break
		}
		a.line()
		p = after
	}
	return n, nil
}

// line takes a complete line.
func (a *answers) line() {
	line := bytes.TrimSpace(a.rest)
	a.rest = a.rest[:0]
	if len(line) == 0 {
		return
	}
	x, err := parseAnswer(line)
	switch {
	case err != nil:
		a.fail(err)
	case x.Progress != nil:
		a.tell(*x.Progress)
	case a.result != nil:
		a.fail(errors.New("a second result"))
	default:
		a.result = x.Result
	}
}

func (a *answers) fail(err error) {
	a.garbage = err
	a.stop(err)
}

// close takes a last line without an end.
func (a *answers) close() (*result, error) {
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.garbage == nil {
		a.line()
	}
	return a.result, a.garbage
}

// tail keeps the end of what is written.
type tail struct {
	lock sync.Mutex
	text []byte
}

const tailSize = 2000

func (t *tail) Write(p []byte) (int, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.text = append(t.text, p[max(0, len(p)-tailSize):]...)
	if len(t.text) > 2*tailSize {
		t.text = append(t.text[:0], t.text[len(t.text)-tailSize:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.lock.Lock()
	defer t.lock.Unlock()
	return strings.TrimSpace(strings.ToValidUTF8(string(t.text[max(0, len(t.text)-tailSize):]), "?"))
}
