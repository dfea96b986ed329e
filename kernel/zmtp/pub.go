package zmtp

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Pub is a bound PUB socket: every message goes to the peers that subscribed to
// a prefix of its first part.
type Pub struct {
	socket
	heard chan struct{} // closed at the first subscription
	once  sync.Once
}

// NewPub listens at endpoint: "tcp://127.0.0.1:0" or "ipc://PATH".
func NewPub(endpoint string, options Options) (*Pub, error) {
	p := &Pub{heard: make(chan struct{})}
	p.receive, p.command = p.subscription, p.subscriptionCommand
	if err := p.open("PUB", endpoint, options); err != nil {
		return nil, err
	}
	return p, nil
}

// subscription reads ZMTP 3.0's form: a message of one frame, 1 or 0 and the
// topic. Other messages are an XSUB's own and mean nothing to a PUB.
func (p *Pub) subscription(from *peer, u unit) error {
	p.release(u.size)
	if len(u.parts) != 1 || len(u.parts[0]) == 0 {
		return nil
	}
	topic := u.parts[0][1:]
	switch u.parts[0][0] {
	case 1:
		return p.subscribe(from, topic)
	case 0:
		from.cancel(topic)
	}
	return nil
}

// subscriptionCommand reads ZMTP 3.1's form.
func (p *Pub) subscriptionCommand(from *peer, u unit) error {
	switch u.command {
	case "SUBSCRIBE":
		return p.subscribe(from, u.data)
	case "CANCEL":
		from.cancel(u.data)
	}
	return nil
}

func (p *Pub) subscribe(from *peer, topic []byte) error {
	defer p.once.Do(func() { close(p.heard) })
	return from.subscribe(topic)
}

// Subscribed is closed when somebody has subscribed for the first time.
func (p *Pub) Subscribed() <-chan struct{} { return p.heard }

// Send queues a message for every subscriber and never waits for one: a
// subscriber whose queue is full is dropped. The parts may be reused at once.
func (p *Pub) Send(parts [][]byte) error {
	if len(parts) == 0 {
		return errors.New("zmtp: a message has at least one part")
	}
	if p.isClosed() {
		return ErrClosed
	}
	topic := string(parts[0])
	var wire []byte
	for _, to := range p.all() {
		if to.subscribed(topic) {
			if wire == nil {
				wire = encodeMessage(parts)
			}
			to.push(wire)
		}
	}
	return nil
}

// stall is how long a subscriber may take nothing and still be paced for. With
// up to a mebibyte in a write, a slower reader than 4 MB/s is not waited for.
const stall = 250 * time.Millisecond

// Pace waits while a subscriber that keeps reading has more than backlog bytes
// queued: the program that floods is slowed down to what its readers take,
// instead of losing them. Subscribers that have stopped reading do not count.
func (p *Pub) Pace(ctx context.Context, backlog int) {
	for {
		lags := false
		for _, to := range p.all() {
			lags = lags || to.lags(backlog, stall)
		}
		if !lags {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-p.done:
			return
		case <-time.After(time.Millisecond):
		}
	}
}
