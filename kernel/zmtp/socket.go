package zmtp

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ErrClosed is returned by the methods of a closed socket.
var ErrClosed = errors.New("zmtp: socket closed")

// Options are the limits of a socket. The zero value of each field stands for
// its default.
type Options struct {
	Handshake  time.Duration // from connecting to READY; 5 s
	MaxFrame   int64         // bytes of a frame; 256 MiB
	MaxMessage int64         // bytes of all frames of a message; 256 MiB
	MaxParts   int           // frames of a message; 4096
	MaxHeld    int64         // bytes held for messages that are arriving or wait for Recv, of all peers; 512 MiB
	MaxPeers   int           // connections at a time; 4096
	Queue      int           // bytes that may wait for a peer to read them; 64 MiB

	// Listen opens an endpoint's port; net.Listen.
	Listen func(network, address string) (net.Listener, error)
}

func (o Options) withDefaults() Options {
	setDefault(&o.Handshake, 5*time.Second)
	setDefault(&o.MaxFrame, 256<<20)
	setDefault(&o.MaxMessage, 256<<20)
	setDefault(&o.MaxParts, 4096)
	setDefault(&o.MaxHeld, 512<<20)
	setDefault(&o.MaxPeers, 4096)
	setDefault(&o.Queue, 64<<20)
	if o.Listen == nil {
		o.Listen = net.Listen
	}
	return o
}

func setDefault[T int | int64 | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// socket accepts connections, shakes hands and reads; what a message or a
// command means is the business of the type around it.
type socket struct {
	kind     string
	listener net.Listener
	options  Options
	// receive and command are called from the peer's reading goroutine; an
	// error ends that connection.
	receive func(p *peer, u unit) error
	command func(p *peer, u unit) error

	done chan struct{} // closed by Close
	wg   sync.WaitGroup
	held atomic.Int64

	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]*peer // nil while shaking hands
	named  map[string][]*peer // by identity
	serial uint32             // for identities of peers that bring none
}

// open listens at "tcp://HOST:PORT" (port 0: a free one) or "ipc://PATH".
func (s *socket) open(kind, endpoint string, options Options) error {
	options = options.withDefaults()
	listener, err := options.listen(endpoint)
	if err != nil {
		return fmt.Errorf("zmtp: %s at %s: %w", kind, endpoint, err)
	}
	s.kind, s.listener, s.options = kind, listener, options
	s.done = make(chan struct{})
	s.conns, s.named = map[net.Conn]*peer{}, map[string][]*peer{}
	s.wg.Go(s.accept)
	return nil
}

func (o Options) listen(endpoint string) (net.Listener, error) {
	transport, address, ok := strings.Cut(endpoint, "://")
	switch {
	case ok && transport == "tcp":
		return o.Listen("tcp", address)
	case ok && transport == "ipc":
		return listenUnix(address)
	}
	return nil, errors.New("an endpoint is tcp://HOST:PORT or ipc://PATH")
}

// listenUnix replaces a socket file that a killed process left behind, and no
// other file.
func listenUnix(path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == os.ModeSocket {
		if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
			_ = c.Close()
		} else if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Addr is the address the socket listens at.
func (s *socket) Addr() net.Addr { return s.listener.Addr() }

// Peers is the number of peers that have shaken hands.
func (s *socket) Peers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, peers := range s.named {
		n += len(peers)
	}
	return n
}

// Close stops listening, lets queued messages reach their peers for at most
// linger, closes every connection, and waits for the socket's goroutines.
func (s *socket) Close(linger time.Duration) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.wg.Wait()
		return nil
	}
	s.closed = true
	close(s.done)
	err := s.listener.Close()
	deadline := time.Now().Add(linger)
	for conn, p := range s.conns {
		switch {
		case p == nil:
			_ = conn.Close()
		case linger <= 0:
			p.close()
		default:
			p.finish(deadline)
		}
	}
	s.mu.Unlock()
	s.wg.Wait()
	return err
}

func (s *socket) accept() {
	for {
		conn, err := s.listener.Accept()
		switch {
		case err == nil:
			if !s.admit(conn) {
				_ = conn.Close()
			}
		case errors.Is(err, net.ErrClosed):
			return
		default: // out of descriptors, or the peer is gone already: go on soon
			select {
			case <-s.done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
}

func (s *socket) admit(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.conns) >= s.options.MaxPeers {
		return false
	}
	s.conns[conn] = nil
	s.wg.Go(func() { s.serve(conn) })
	return true
}

// serve is the life of one connection.
func (s *socket) serve(conn net.Conn) {
	defer func() {
		_ = conn.Close()
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	}()
	d := &decoder{
		maxFrame: s.options.MaxFrame,
		maxSize:  s.options.MaxMessage,
		maxParts: s.options.MaxParts,
		charge:   s.charge,
	}
	defer func() { s.release(d.size) }()
	identity, err := s.shakeHands(conn, d)
	if err != nil {
		return
	}
	p := s.join(conn, identity)
	if p == nil {
		return
	}
	defer s.leave(p)
	for {
		u, err := d.next()
		if err != nil {
			return
		}
		if u.parts != nil {
			err = s.receive(p, u)
		} else {
			err = s.control(p, u)
		}
		if err != nil {
			return
		}
	}
}

func (s *socket) shakeHands(conn net.Conn, d *decoder) (identity string, err error) {
	// One deadline for all of it: trickling octets in do not extend it.
	if err := conn.SetDeadline(time.Now().Add(s.options.Handshake)); err != nil {
		return "", err
	}
	if _, err := conn.Write(greeting()); err != nil {
		return "", err
	}
	if err := readGreeting(conn); err != nil {
		return "", err
	}
	if _, err := conn.Write(encodeReady(s.kind)); err != nil {
		return "", err
	}
	// The large buffer comes after the greeting: silent connections are cheap.
	d.r = bufio.NewReaderSize(conn, 32<<10)
	flags, n, err := d.header()
	if err != nil {
		return "", err
	}
	if flags&flagCommand == 0 {
		return "", malformed("a message before READY")
	}
	u, err := d.command(flags, n)
	if err != nil {
		return "", err
	}
	if u.command != "READY" {
		return "", malformed("command %q before READY", u.command)
	}
	kind, identity, err := parseReady(u.data)
	if err != nil {
		return "", err
	}
	if !compatible(s.kind, kind) {
		reason := "incompatible socket type"
		_, _ = conn.Write(encodeCommand("ERROR", append([]byte{byte(len(reason))}, reason...)))
		return "", malformed("a %.20q cannot talk to a %s", kind, s.kind)
	}
	return identity, conn.SetDeadline(time.Time{})
}

// join registers the peer and starts its writer. Several peers may bring the same
// identity (a client that connects again before its old connection is known to be
// dead; two clients of one Jupyter session): what is sent to the identity reaches
// each, so that neither a newcomer nor a stale connection can cut off the other.
func (s *socket) join(conn net.Conn, identity string) *peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	if identity == "" {
		s.serial++
		identity = string([]byte{0, byte(s.serial >> 24), byte(s.serial >> 16), byte(s.serial >> 8), byte(s.serial)})
	}
	p := newPeer(conn, identity, s.options.Queue)
	s.conns[conn] = p
	s.named[identity] = append(s.named[identity], p)
	s.wg.Go(p.write)
	return p
}

func (s *socket) leave(p *peer) {
	p.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	var others []*peer
	for _, q := range s.named[p.identity] {
		if q != p {
			others = append(others, q)
		}
	}
	if len(others) > 0 {
		s.named[p.identity] = others
	} else {
		delete(s.named, p.identity)
	}
}

// control answers the commands that every socket type knows. Unknown ones are
// ignored, as the protocol asks.
func (s *socket) control(p *peer, u unit) error {
	switch u.command {
	case "PING": // time to live (2 octets), context
		if len(u.data) < 2 || len(u.data) > 2+16 {
			return malformed("a PING of %d bytes", len(u.data))
		}
		p.push(encodeCommand("PONG", u.data[2:]))
	case "ERROR":
		return malformed("the peer reports an error: %.100q", u.data)
	default:
		if s.command != nil {
			return s.command(p, u)
		}
	}
	return nil
}

var errFull = errors.New("zmtp: too much is held for all peers together")

func (s *socket) charge(n int64) error {
	if s.held.Add(n) > s.options.MaxHeld {
		s.held.Add(-n)
		return errFull
	}
	return nil
}

func (s *socket) release(n int64) { s.held.Add(-n) }

// all gives every peer.
func (s *socket) all() []*peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*peer
	for _, peers := range s.named {
		all = append(all, peers...)
	}
	return all
}

func (s *socket) isClosed() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}
