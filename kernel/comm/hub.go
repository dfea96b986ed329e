package comm

import (
	"errors"
	"sync"
)

// Kind is the type of a protocol message.
type Kind string

// The messages about comms.
const (
	Opening   Kind = "comm_open"
	Messaging Kind = "comm_msg"
	Closing   Kind = "comm_close"
)

// Frame is a message with its address, as it crosses between the session and
// the kernel's front.
type Frame struct {
	Kind   Kind
	ID     string
	Target string `json:",omitempty"` // of comm_open
	Message
}

// hub knows the open comms and the targets. It is the package's only state:
// interpreted and native code of one process share it.
var hub = &registry{comms: map[string]*Comm{}, targets: map[string]func(*Comm, Message){}}

type registry struct {
	mu        sync.Mutex
	transport func(Frame) error // nil: no front end
	comms     map[string]*Comm
	targets   map[string]func(*Comm, Message)
}

// Connect sets what carries frames to the front end; the kernel calls it. With
// nil nobody is there.
func Connect(send func(Frame) error) {
	hub.mu.Lock()
	defer hub.mu.Unlock()
	hub.transport = send
}

// Register has opened called when the front end opens a comm to target. A
// target that is registered again gets the new function.
func Register(target string, opened func(c *Comm, m Message)) error {
	if target == "" || opened == nil {
		return errors.New("comm: Register needs a target's name and a function")
	}
	hub.mu.Lock()
	defer hub.mu.Unlock()
	hub.targets[target] = opened
	return nil
}

// Unregister takes back what Register did; comms that are open stay open.
func Unregister(target string) {
	hub.mu.Lock()
	defer hub.mu.Unlock()
	delete(hub.targets, target)
}

// Deliver hands a frame from the front end to the session's side, and calls the
// functions that wait for it. It reports whether somebody is at this end: a
// comm_open that is not accepted must be answered by comm_close.
func Deliver(f Frame) (accepted bool) {
	hub.mu.Lock()
	c, known := hub.comms[f.ID]
	switch f.Kind {
	case Opening:
		opened := hub.targets[f.Target]
		if known || opened == nil || f.ID == "" {
			hub.mu.Unlock()
			return known
		}
		c = newComm(f.ID, f.Target)
		hub.comms[f.ID] = c
		hub.mu.Unlock()
		opened(c, f.Message)
		return true
	case Closing:
		delete(hub.comms, f.ID)
	}
	hub.mu.Unlock()
	if !known {
		return false
	}
	if f.Kind == Closing {
		c.closedByPeer(f.Message)
	} else {
		c.take(f.Message)
	}
	return true
}

func (r *registry) open(c *Comm, m Message) error {
	r.mu.Lock()
	if r.transport == nil {
		r.mu.Unlock()
		return ErrNoFrontEnd
	}
	r.comms[c.id] = c // before the front end can answer
	r.mu.Unlock()
	err := r.send(Frame{Kind: Opening, ID: c.id, Target: c.target, Message: m})
	if err != nil {
		r.forget(c.id)
	}
	return err
}

func (r *registry) send(f Frame) error {
	r.mu.Lock()
	send := r.transport
	r.mu.Unlock()
	if send == nil {
		return ErrNoFrontEnd
	}
	return send(f)
}

func (r *registry) forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.comms, id)
}
