package worker

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"arch2vec/kernel/comm"
)

// Commer is an [Engine] whose cells can talk to the front end through comms.
type Commer interface {
	// Comm hands a frame from the front end to the session and returns when
	// the session has dealt with it; accepted says that the comm is one of
	// its own. What the session sends comes as events of the kind EventComm.
	Comm(ctx context.Context, f comm.Frame) (accepted bool, err error)
}

var _ Commer = (*Client)(nil)

// Comm implements [Commer].
func (c *Client) Comm(ctx context.Context, f comm.Frame) (accepted bool, err error) {
	p, err := c.worker()
	if err != nil {
		return false, err
	}
	p.noteComm(f) // before the session can close it
	m, err := p.call(ctx, request{Op: opComm, Comm: &f})
	if f.Kind == comm.Opening && !m.Accepted {
		p.noteComm(comm.Frame{Kind: comm.Closing, ID: f.ID})
	}
	return m.Accepted, err
}

// noteComm keeps the list of the comms that a worker takes with it.
func (p *process) noteComm(f comm.Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch f.Kind {
	case comm.Opening:
		p.comms[f.ID] = true
	case comm.Closing:
		delete(p.comms, f.ID)
	}
}

// closeComms tells the front end that nobody is at the other end any more.
func (m *merger) closeComms() {
	m.p.mu.Lock()
	comms := m.p.comms
	m.p.comms = map[string]bool{}
	m.p.mu.Unlock()
	for id := range comms {
		m.emit(Event{Kind: EventComm, Comm: &comm.Frame{Kind: comm.Closing, ID: id}})
	}
}

// The worker's half.

const (
	// maxComms is how many messages of the front end may wait.
	maxComms = 4096
	// commPatience is how long a function may hold up the messages after its
	// own: it may wait for one of them.
	commPatience = time.Second
)

// serveComms delivers what the front end sends, in order.
func (w *server) serveComms(requests <-chan request) {
	for r := range requests {
		done := make(chan bool, 1)
		go func() {
			accepted := true // by a function that panics, too
			defer func() { done <- accepted }()
			defer w.recoverComm()
			accepted = comm.Deliver(*r.Comm)
		}()
		accepted := true
		select {
		case accepted = <-done:
		case <-time.After(commPatience):
		}
		// After what was printed. Fails only when the front is gone.
		_ = w.out.send(message{Op: opComm, ID: r.ID, Accepted: accepted})
	}
}

// recoverComm keeps a function's panic from ending the process.
func (w *server) recoverComm() {
	if p := recover(); p != nil {
		fmt.Fprintf(w.out.stream(w.out.stderr), "panic in a function of a comm: %v\n%s", p, debug.Stack())
	}
}

// sendComm implements the transport of package comm.
func (w *server) sendComm(f comm.Frame) error {
	return w.out.send(message{Op: opEvent, Event: &Event{Kind: EventComm, Comm: &f}})
}
