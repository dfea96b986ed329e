package comm

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// connect collects what is sent.
func connect(t *testing.T) func() []Frame {
	var mu sync.Mutex
	var sent []Frame
	Connect(func(f Frame) error {
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, f)
		return nil
	})
	t.Cleanup(func() { Connect(nil) })
	return func() []Frame {
		mu.Lock()
		defer mu.Unlock()
		return sent
	}
}

func numbered(n int) Message { return Message{Data: map[string]any{"n": n}} }

func TestOpen(t *testing.T) {
	if _, err := Open("target", Message{}); !errors.Is(err, ErrNoFrontEnd) {
		t.Errorf("without a front end: %v", err)
	}
	sent := connect(t)
	if _, err := Open("", Message{}); err == nil {
		t.Error("a comm to no target")
	}
	c, err := Open("target", numbered(1))
	if err != nil {
		t.Fatal(err)
	}
	if f := sent()[0]; f.Kind != Opening || f.ID != c.ID() || f.Target != "target" || c.Target() != "target" || f.Data["n"] != 1 {
		t.Errorf("sent %+v", f)
	}
	if !Deliver(Frame{Kind: Messaging, ID: c.ID(), Message: numbered(2)}) {
		t.Error("not accepted")
	}
	m, err := c.Receive(t.Context())
	if err != nil || m.Data["n"] != 2 {
		t.Errorf("received %v, %v", m, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Receive(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled wait: %v", err)
	}
	if err := c.Close(numbered(3)); err != nil {
		t.Error(err)
	}
	if f := sent()[1]; f.Kind != Closing || f.Data["n"] != 3 {
		t.Errorf("sent %+v", f)
	}
	for _, err := range []error{c.Close(Message{}), c.Send(Message{})} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
	if _, err := c.Receive(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("a receive after Close: %v", err)
	}
	if Deliver(Frame{Kind: Messaging, ID: c.ID()}) {
		t.Error("a closed comm accepts")
	}
}

// Messages that nobody takes wait, the newest of them, and go to the function
// that is set later, before those that come after.
func TestBacklog(t *testing.T) {
	connect(t)
	c, err := Open("target", Message{})
	if err != nil {
		t.Fatal(err)
	}
	const extra = 10
	for n := range backlog + extra {
		Deliver(Frame{Kind: Messaging, ID: c.ID(), Message: numbered(n)})
	}
	var got []any
	c.OnMessage(func(m Message) { got = append(got, m.Data["n"]) })
	Deliver(Frame{Kind: Messaging, ID: c.ID(), Message: numbered(-1)})
	if len(got) != backlog+1 || got[0] != extra || got[backlog] != -1 {
		t.Errorf("%d messages, from %v to %v", len(got), got[0], got[len(got)-1])
	}
	closed := 0
	c.OnClose(func(m Message) { closed++ })
	for range 2 {
		Deliver(Frame{Kind: Closing, ID: c.ID()})
	}
	if closed != 1 {
		t.Errorf("the close was told %d times", closed)
	}
}

func TestRegister(t *testing.T) {
	connect(t)
	if Register("", func(*Comm, Message) {}) == nil || Register("target", nil) == nil {
		t.Error("a target without a name, or without a function")
	}
	var opened []string
	for _, version := range []string{"old", "new"} {
		if err := Register("target", func(c *Comm, m Message) { opened = append(opened, version+c.ID()) }); err != nil {
			t.Fatal(err)
		}
	}
	open := Frame{Kind: Opening, ID: "a", Target: "target"}
	if first, again := Deliver(open), Deliver(open); !first || !again {
		t.Error("not accepted")
	}
	Unregister("target")
	if Deliver(Frame{Kind: Opening, ID: "b", Target: "target"}) {
		t.Error("accepted after Unregister")
	}
	if !Deliver(Frame{Kind: Closing, ID: "a"}) {
		t.Error("a comm went with its target")
	}
	if len(opened) != 1 || opened[0] != "newa" {
		t.Errorf("opened %v", opened)
	}
}
