package zmtp

import (
	"net"
	"strings"
	"sync"
	"time"
)

// peer is a connection after its handshake: a queue with a goroutine that
// writes it out, beside the goroutine that reads.
type peer struct {
	conn     net.Conn
	identity string
	limit    int // bytes that may wait in the queue

	mu        sync.Mutex
	changed   *sync.Cond // the queue, or one of the flags
	queue     [][]byte
	queued    int       // bytes in queue, those being written included
	moved     time.Time // when the peer last took something, or had nothing to take
	finishing bool      // no more is queued; end when the queue is empty
	closed    bool

	topics map[string]bool // subscriptions of a SUB peer
}

func newPeer(conn net.Conn, identity string, limit int) *peer {
	p := &peer{conn: conn, identity: identity, limit: limit, moved: time.Now(), topics: map[string]bool{}}
	p.changed = sync.NewCond(&p.mu)
	return p
}

// push queues wire without waiting. A peer whose queue is full has stopped
// reading: it is dropped, and may connect again. One message is taken however
// long it is.
func (p *peer) push(wire []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.finishing {
		return false
	}
	if p.queued > 0 && p.queued+len(wire) > p.limit {
		p.closeLocked()
		return false
	}
	if p.queued == 0 {
		p.moved = time.Now()
	}
	p.queue = append(p.queue, wire)
	p.queued += len(wire)
	p.changed.Broadcast()
	return true
}

// batch is how much goes to the system in one call.
const (
	batchMessages = 64
	batchBytes    = 1 << 20
)

// write sends the queue until the peer is closed, or finished and empty.
func (p *peer) write() {
	for {
		p.mu.Lock()
		for len(p.queue) == 0 && !p.closed && !p.finishing {
			p.changed.Wait()
		}
		if p.closed || len(p.queue) == 0 {
			closed := p.closed
			p.mu.Unlock()
			if !closed {
				p.halfClose()
			}
			return
		}
		var buffers net.Buffers
		count, size := 0, 0
		for _, wire := range p.queue {
			if count == batchMessages || count > 0 && size+len(wire) > batchBytes {
				break
			}
			buffers = append(buffers, wire)
			count, size = count+1, size+len(wire)
		}
		p.mu.Unlock()

		if _, err := buffers.WriteTo(p.conn); err != nil {
			p.close()
			return
		}

		p.mu.Lock()
		if p.closed { // dropped meanwhile, with its queue
			p.mu.Unlock()
			return
		}
		clear(p.queue[:count]) // let go of what was sent
		if p.queue = p.queue[count:]; len(p.queue) == 0 {
			p.queue = nil
		}
		p.queued -= size
		p.moved = time.Now()
		p.mu.Unlock()
	}
}

// farewell is how long a peer that was sent everything may take to close its
// side. Closing ours while its octets are unread would reset the connection and
// could take back what it has not read yet.
const farewell = 100 * time.Millisecond

func (p *peer) halfClose() {
	_ = p.conn.SetReadDeadline(time.Now().Add(farewell))
	if c, ok := p.conn.(interface{ CloseWrite() error }); ok && c.CloseWrite() == nil {
		return
	}
	p.close()
}

// finish lets the queue drain until the deadline and ends the connection.
func (p *peer) finish(deadline time.Time) {
	_ = p.conn.SetDeadline(deadline)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finishing = true
	p.changed.Broadcast()
}

func (p *peer) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closeLocked()
}

func (p *peer) closeLocked() {
	if !p.closed {
		p.closed, p.queue, p.queued = true, nil, 0
		_ = p.conn.Close()
		p.changed.Broadcast()
	}
}

// The subscriptions that a peer may hold; a Jupyter client has one.
const (
	maxTopics = 1024
	maxTopic  = 4 << 10
)

func (p *peer) subscribe(topic []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(topic) > maxTopic || len(p.topics) >= maxTopics {
		return malformed("more than %d subscriptions, or one of more than %d bytes", maxTopics, maxTopic)
	}
	p.topics[string(topic)] = true
	return nil
}

func (p *peer) cancel(topic []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.topics, string(topic))
}

func (p *peer) subscribed(topic string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for prefix := range p.topics {
		if strings.HasPrefix(topic, prefix) {
			return true
		}
	}
	return false
}

// lags says that more than backlog bytes wait for a peer that is still reading.
func (p *peer) lags(backlog int, stall time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queued > backlog && time.Since(p.moved) < stall
}
