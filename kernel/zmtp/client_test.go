package zmtp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"runtime"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// client is a connecting peer, written against the specification and not with
// this package's encoder.
type client struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

const readyOK = "\x05READY"

func property(name, value string) string {
	return string([]byte{byte(len(name))}) + name + string(binary.BigEndian.AppendUint32(nil, uint32(len(value)))) + value
}

func command(body string) string { return "\x04" + string([]byte{byte(len(body))}) + body }

func clientGreeting(major, minor byte, mechanism string) string {
	g := make([]byte, 64)
	g[0], g[8], g[9], g[10], g[11] = 0xff, 1, 0x7f, major, minor
	copy(g[12:], mechanism)
	return string(g)
}

// connect opens a connection without saying anything.
func connect(t testing.TB, addr net.Addr) *client {
	t.Helper()
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &client{t: t, conn: conn, r: bufio.NewReader(conn)}
}

// dial connects and shakes hands.
func dial(t testing.TB, addr net.Addr, kind, identity string) *client {
	t.Helper()
	c := connect(t, addr)
	c.raw(clientGreeting(3, 1, "NULL") + command(readyOK+property("socket-TYPE", kind)+property("Identity", identity)))
	g := make([]byte, 64)
	if _, err := io.ReadFull(c.r, g); err != nil {
		t.Fatal(err)
	}
	if g[0] != 0xff || g[9]&1 != 1 || g[10] != 3 || string(g[12:17]) != "NULL\x00" || g[32] != 0 {
		t.Fatalf("greeting %x", g)
	}
	flags, body := c.frame()
	if flags != flagCommand || !bytes.HasPrefix(body, []byte(readyOK)) {
		t.Fatalf("frame %x %q is not READY", flags, body)
	}
	return c
}

func (c *client) raw(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, s); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) send(parts ...string) {
	c.t.Helper()
	var b bytes.Buffer
	for i, p := range parts {
		flags := byte(0)
		if i < len(parts)-1 {
			flags = 1
		}
		if len(p) < 256 {
			b.Write([]byte{flags, byte(len(p))})
		} else {
			b.WriteByte(flags | 2)
			b.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		}
		b.WriteString(p)
	}
	c.raw(b.String())
}

func (c *client) tryFrame() (flags byte, body []byte, err error) {
	if flags, err = c.r.ReadByte(); err != nil {
		return 0, nil, err
	}
	size := make([]byte, 8)
	field := size[7:]
	if flags&2 != 0 {
		field = size
	}
	if _, err = io.ReadFull(c.r, field); err != nil {
		return 0, nil, err
	}
	body = make([]byte, binary.BigEndian.Uint64(size))
	_, err = io.ReadFull(c.r, body)
	return flags, body, err
}

func (c *client) frame() (byte, []byte) {
	c.t.Helper()
	flags, body, err := c.tryFrame()
	if err != nil {
		c.t.Fatalf("reading a frame: %v", err)
	}
	return flags, body
}

func (c *client) recv() []string {
	c.t.Helper()
	var parts []string
	for {
		flags, body := c.frame()
		if flags&flagCommand != 0 {
			c.t.Fatalf("command %q instead of a message", body)
		}
		parts = append(parts, string(body))
		if flags&flagMore == 0 {
			return parts
		}
	}
}

// expectClosed reads until the server has closed the connection.
func (c *client) expectClosed() {
	c.t.Helper()
	if _, err := io.Copy(io.Discard, c.r); err != nil {
		if e, ok := err.(net.Error); ok && e.Timeout() {
			c.t.Fatal("the server did not close the connection")
		}
	}
}

// eventually waits until the condition holds.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not: %s", what)
		}
	}
}

// noLeak fails the test when it ends with more goroutines than it began with.
// Call it first, so that its cleanup runs last.
func noLeak(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		end := time.Now().Add(patience)
		for runtime.NumGoroutine() > before {
			if time.Now().After(end) {
				stacks := make([]byte, 1<<16)
				t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
			}
			time.Sleep(time.Millisecond)
		}
	})
}

func newRouter(t testing.TB, options Options) *Router {
	t.Helper()
	r, err := NewRouter("tcp://127.0.0.1:0", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(0) })
	return r
}

// echo returns every message to its sender.
func echo(r *Router) {
	go func() {
		for {
			parts, err := r.Recv(context.Background())
			if err != nil {
				return
			}
			_ = r.Send(parts)
		}
	}()
}

func newPub(t testing.TB, options Options) *Pub {
	t.Helper()
	p, err := NewPub("tcp://127.0.0.1:0", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close(0) })
	return p
}

// subscribe dials and waits until the subscription counts.
func subscribe(t testing.TB, p *Pub, topic string) *client {
	t.Helper()
	c := dial(t, p.Addr(), "SUB", "")
	c.send("\x01" + topic)
	c.raw(command("\x04PING\x00\x00"))
	if _, pong := c.frame(); string(pong) != "\x04PONG" {
		t.Fatalf("%q instead of PONG", pong)
	}
	return c
}

func publish(t testing.TB, p *Pub, parts ...string) {
	t.Helper()
	if err := p.Send(message(parts...)); err != nil {
		t.Fatal(err)
	}
}

func message(parts ...string) [][]byte {
	m := make([][]byte, len(parts))
	for i, p := range parts {
		m[i] = []byte(p)
	}
	return m
}
