package zmtp

import (
	"context"
	"errors"
	"slices"
)

// ErrNoPeer is returned by Router.Send when no connected peer has the identity.
var ErrNoPeer = errors.New("zmtp: no such peer")

// Router is a bound ROUTER socket. The first part of a message is the identity
// of the peer that it comes from or goes to.
type Router struct {
	socket
	inbox chan unit
}

// NewRouter listens at endpoint: "tcp://127.0.0.1:0" or "ipc://PATH".
func NewRouter(endpoint string, options Options) (*Router, error) {
	r := &Router{inbox: make(chan unit)}
	r.receive = r.deliver
	if err := r.open("ROUTER", endpoint, options); err != nil {
		return nil, err
	}
	return r, nil
}

// deliver waits for Recv: a peer that sends faster than the program receives
// fills its own connection, and peers take turns.
func (r *Router) deliver(p *peer, u unit) error {
	u.parts = slices.Insert(u.parts, 0, []byte(p.identity))
	select {
	case r.inbox <- u:
	case <-r.done: // closing; go on reading until the peer closes its side
		r.release(u.size)
	}
	return nil
}

// Recv waits for the next message; its first part is the sender's identity. It
// fails with ErrClosed after Close, or with the context's error.
func (r *Router) Recv(ctx context.Context) ([][]byte, error) {
	if r.isClosed() {
		return nil, ErrClosed
	}
	select {
	case u := <-r.inbox:
		r.release(u.size)
		return u.parts, nil
	case <-r.done:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Send queues parts[1:] for the peers with identity parts[0] and returns without
// waiting; the parts may be reused at once. ErrNoPeer says that there is no such
// peer, or that it was just dropped because it does not read.
func (r *Router) Send(parts [][]byte) error {
	if len(parts) < 2 {
		return errors.New("zmtp: a routed message has an identity and at least one more part")
	}
	if r.isClosed() {
		return ErrClosed
	}
	r.mu.Lock()
	peers := slices.Clone(r.named[string(parts[0])])
	r.mu.Unlock()
	sent := false
	if len(peers) > 0 {
		wire := encodeMessage(parts[1:])
		for _, p := range peers {
			sent = p.push(wire) || sent
		}
	}
	if !sent {
		return ErrNoPeer
	}
	return nil
}
