package comm

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"
)

// Message is what travels on a comm, in both directions.
type Message struct {
	// Data is the message, a JSON object. In messages that have arrived
	// numbers are float64, lists are []any and objects map[string]any.
	Data map[string]any
	// Metadata is for the machinery of the front end: widgets want
	// {"version": "2.1.0"} when they are opened. Mostly nil.
	Metadata map[string]any
	// Buffers are bytes that travel beside the message as they are.
	Buffers [][]byte
}

// ErrClosed is returned by the methods of a comm that either side has closed.
var ErrClosed = errors.New("comm: closed")

// ErrNoFrontEnd is returned by Open where no front end is connected, as in a
// compiled program.
var ErrNoFrontEnd = errors.New("comm: no front end is connected; comms need a Jupyter front end")

// backlog is how many messages wait in Messages; the oldest give way. A slider
// that nobody reads must not take all memory.
const backlog = 1024

// Comm is one end of a channel. Its methods may be called by several goroutines.
type Comm struct {
	id, target string

	mu        sync.Mutex
	messages  chan Message
	closed    bool
	onMessage func(Message)
	onClose   func(Message)
}

func newComm(id, target string) *Comm {
	return &Comm{id: id, target: target, messages: make(chan Message, backlog)}
}

// Open opens a comm to the front end's target. The front end closes it at once
// where it does not know the target.
func Open(target string, m Message) (*Comm, error) {
	if target == "" {
		return nil, errors.New("comm: Open needs the name of a target of the front end")
	}
	c := newComm(uuid.NewString(), target)
	if err := hub.open(c, m); err != nil {
		return nil, err
	}
	return c, nil
}

// ID is the comm's identifier, the same at both ends.
func (c *Comm) ID() string { return c.id }

// Target is the name that the comm was opened to.
func (c *Comm) Target() string { return c.target }

// Send sends a message to the front end.
func (c *Comm) Send(m Message) error {
	if c.isClosed() {
		return ErrClosed
	}
	return hub.send(Frame{Kind: Messaging, ID: c.id, Message: m})
}

// Close closes the comm; m goes with the news to the front end, and may be
// empty. OnClose's function is not called.
func (c *Comm) Close(m Message) error {
	if !c.shut() {
		return ErrClosed
	}
	hub.forget(c.id)
	return hub.send(Frame{Kind: Closing, ID: c.id, Message: m})
}

// OnMessage has f called with every message, those that wait in Messages first.
// A nil f lets them wait again.
func (c *Comm) OnMessage(f func(Message)) {
	c.mu.Lock()
	c.onMessage = f
	var waiting []Message
	for f != nil && len(c.messages) > 0 {
		waiting = append(waiting, <-c.messages)
	}
	c.mu.Unlock()
	for _, m := range waiting {
		f(m)
	}
}

// OnClose has f called with the front end's last message when it closes the
// comm.
func (c *Comm) OnClose(f func(Message)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onClose = f
}

// Messages is where messages wait that no function of OnMessage takes. It is
// closed with the comm. Of more than 1024 messages the oldest are dropped.
func (c *Comm) Messages() <-chan Message { return c.messages }

// Receive waits for a message; display.Context, for one, ends with the cell's
// interrupt. It returns ErrClosed when the comm is closed and no message waits.
func (c *Comm) Receive(ctx context.Context) (Message, error) {
	select {
	case m, ok := <-c.messages:
		if !ok {
			return Message{}, ErrClosed
		}
		return m, nil
	case <-ctx.Done():
		return Message{}, fmt.Errorf("comm: waiting for a message: %w", ctx.Err())
	}
}

func (c *Comm) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// shut closes Messages and reports whether it was open.
func (c *Comm) shut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.closed = true
	close(c.messages)
	return true
}

// take is called with each message that arrives.
func (c *Comm) take(m Message) {
	c.mu.Lock()
	f := c.onMessage
	if f == nil && !c.closed {
		for len(c.messages) == cap(c.messages) {
			select {
			case <-c.messages:
			default:
			}
		}
		c.messages <- m // has room: only take sends, under the lock
	}
	c.mu.Unlock()
	if f != nil {
		f(m)
	}
}

func (c *Comm) closedByPeer(m Message) {
	c.mu.Lock()
	f := c.onClose
	c.mu.Unlock()
	if c.shut() && f != nil {
		f(m)
	}
}
