package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"

	"arch2vec/kernel/comm"
	"arch2vec/kernel/display"
	"arch2vec/kernel/session"
)

// runner evaluates cells; the session is the one that Serve uses.
// complete and inspect may be called while execute runs.
type runner interface {
	execute(ctx context.Context, req Request) Reply
	complete(code string, cursor int) Completion
	inspect(code string, cursor, detail int) Inspection
}

// host is what a runner is connected to.
type host struct {
	stdout, stderr io.Writer
	stdin          io.Reader
	emit           func(Event) error
}

// Serve is the worker process: it evaluates the cells that arrive on
// descriptor 3 and reports on descriptor 4. It returns when the front has
// closed its end, having ended the programs that cells started, or when a
// descriptor is not there, since Serve is of use only to a process that a
// [Client] has started. Cells may import modules besides what they always may.
func Serve(ctx context.Context, modules ...session.Module) error {
	return serve(ctx, func(h host) (runner, error) { return newSessionRunner(h, modules...) })
}

func serve(ctx context.Context, newRunner func(host) (runner, error)) error {
	requests, err := inherited(requestFD, "requests")
	if err != nil {
		return err
	}
	messages, err := inherited(messageFD, "messages")
	if err != nil {
		return err
	}
	in := newLineReader(requests)
	var first request
	if err := in.next(&first); err != nil || first.Op != opHello || first.Hello == nil {
		return fmt.Errorf("worker: no greeting from the front: %w", errors.Join(err))
	}
	if os.Getenv("GOGC") == "" {
		tuneCollector()
	}
	if err := limitMemory(first.Hello.MemoryLimit); err != nil {
		return err
	}
	out, err := newOutbox(messages, first.Hello.Nonce)
	if err != nil {
		return err
	}
	if out.held, err = inheritHeld(heldFD); err != nil {
		return err
	}
	handleSignals()

	out.in = &input{out: out}
	w := &server{out: out, in: out.in}
	display.Connect(out)
	defer display.Connect(nil)
	comm.Connect(w.sendComm)
	defer comm.Connect(nil)
	log.SetOutput(out.stream(out.stderr)) // in order with what cells print
	w.runner, err = newRunner(host{
		stdout: out.stream(out.stdout),
		stderr: out.stream(out.stderr),
		stdin:  w.in,
		emit:   out.event,
	})
	if err != nil {
		return err
	}
	Trim()
	out.answer(message{Op: opHello})
	err = w.loop(ctx, in)
	killGroup()
	return err
}

// server handles the requests of the front.
type server struct {
	out    *outbox
	in     *input
	runner runner

	mu     sync.Mutex
	cancel context.CancelFunc // of the running cell
	left   []string           // goroutines of cells that were interrupted and go on
}

func (w *server) loop(ctx context.Context, in *lineReader) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	comms := make(chan request, maxComms)
	defer close(comms)
	go w.serveComms(comms)
	for {
		var r request
		if err := in.next(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		switch r.Op {
		case opExecute:
			if r.Cell != nil {
				// An interrupt may be the next request.
				cell, cancel := context.WithCancel(ctx)
				w.setCancel(cancel)
				go w.execute(cell, cancel, r.ID, *r.Cell)
			}
		case opComplete:
			go w.protect(r, func(m *message) {
				c := w.runner.complete(r.Code, r.Cursor)
				m.Completion = &c
			})
		case opInspect:
			go w.protect(r, func(m *message) {
				i := w.runner.inspect(r.Code, r.Cursor, r.Detail)
				data, err := toWire(&i.Data)
				if err != nil {
					m.Failure = err.Error()
					return
				}
				m.Inspection = &wireInspection{Found: i.Found, Data: data}
			})
		case opInterrupt:
			w.mu.Lock()
			if w.cancel != nil {
				w.cancel()
			}
			w.mu.Unlock()
		case opComm:
			if r.Comm == nil {
				continue
			}
			select {
			case comms <- r:
			default:
				w.out.answer(message{Op: opComm, ID: r.ID})
			}
		case opInput:
			w.in.give(r.ID, inputLine{text: r.Line, closed: r.Closed})
		}
	}
}

// protect answers a request even where serving it panics.
func (w *server) protect(r request, serve func(*message)) {
	m := message{Op: r.Op, ID: r.ID}
	defer func() {
		if p := recover(); p != nil {
			m.Failure = fmt.Sprintf("%s: internal error: %v", r.Op, p)
		}
		w.out.answer(m)
	}()
	serve(&m)
}

func (w *server) setCancel(cancel context.CancelFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancel = cancel
}

func (w *server) execute(ctx context.Context, cancel context.CancelFunc, id uint64, req Request) {
	display.SetContext(ctx)
	w.in.begin(ctx, req.AllowInput)

	// In a deferred function, since a cell may call runtime.Goexit.
	reply := Reply{Error: &Error{Name: "Goexit", Value: "runtime.Goexit ended the cell",
		Traceback: []string{"runtime.Goexit ended the cell"}}}
	defer func() {
		if p := recover(); p != nil {
			text := fmt.Sprintf("internal error: %v", p)
			reply = Reply{Error: &Error{Name: "panic", Value: text, Traceback: []string{text, string(debug.Stack())}}}
		}
		w.in.end()
		display.SetContext(context.Background())
		w.setCancel(nil)
		if ctx.Err() != nil {
			w.noteLeftover(req.Count)
		}
		cancel()
		w.reply(id, reply)
	}()
	reply = w.runner.execute(ctx, req)
}

func (w *server) reply(id uint64, r Reply) {
	wire, err := replyToWire(r)
	if err == nil {
		err = w.out.send(message{Op: opExecute, ID: id, Reply: wire})
	}
	if err != nil {
		w.out.answer(message{Op: opExecute, ID: id, Failure: err.Error()})
	}
}

// inherited opens a descriptor that the front has passed, and keeps it from
// the programs that cells start.
func inherited(fd int, name string) (*os.File, error) {
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil || st.Mode&syscall.S_IFMT != syscall.S_IFIFO {
		return nil, fmt.Errorf("worker: descriptor %d is not a pipe to the front; "+
			"this command is started by the kernel, not by hand", fd)
	}
	syscall.CloseOnExec(fd)
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil, fmt.Errorf("worker: %s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

func newOutbox(messages io.Writer, nonce string) (*outbox, error) {
	stdout, err := duplicate(1, "stdout")
	if err != nil {
		return nil, err
	}
	stderr, err := duplicate(2, "stderr")
	if err != nil {
		return nil, err
	}
	return &outbox{stdout: stdout, stderr: stderr, messages: messages, nonce: nonce}, nil
}

func duplicate(fd int, name string) (*os.File, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	d, err := syscall.Dup(fd)
	if err != nil {
		return nil, fmt.Errorf("worker: %s: %w", name, err)
	}
	syscall.CloseOnExec(d)
	return os.NewFile(uintptr(d), name), nil
}

// handleSignals ends the whole process group at SIGTERM, which the system sends
// when the front dies. An interrupt at the terminal is the front's affair. It is
// caught here and not ignored, since programs that cells start would ignore it, too.
func handleSignals() {
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	go func() {
		<-c
		killGroup()
		os.Exit(143)
	}()
}

// killGroup ends this process and those that cells started. The front gives
// every worker a group of its own; where it has none, nothing is killed.
func killGroup() {
	if syscall.Getpgrp() == os.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
}
