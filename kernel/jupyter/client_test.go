package jupyter

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"runtime"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

const testKey = "6f9c3a5e-key"

// object is a decoded JSON object.
type object = map[string]any

// kernel is a server that runs for a test.
type kernel struct {
	*Server
	engine *fakeEngine
	ended  chan error
	cancel context.CancelFunc
}

func startKernel(t *testing.T, options Options) *kernel {
	t.Helper()
	noLeak(t)
	engine := newFakeEngine()
	options.Engine, options.IsComplete = engine, fakeIsComplete
	s, err := New(Connection{Transport: "tcp", IP: "127.0.0.1", Key: testKey, SignatureScheme: "hmac-sha256"}, options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	k := &kernel{Server: s, engine: engine, ended: make(chan error, 1), cancel: cancel}
	go func() { k.ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		k.wait(t)
	})
	return k
}

// wait waits for Run to end.
func (k *kernel) wait(t *testing.T) {
	t.Helper()
	select {
	case err := <-k.ended:
		k.ended <- nil // for the next wait
		if err != nil {
			t.Errorf("the kernel ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the kernel does not end")
	}
}

func noLeak(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				stacks := make([]byte, 1<<16)
				t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
			}
		}
	})
}

// socket is the connecting side of one ZeroMQ connection.
type socket struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func connect(t *testing.T, port int, kind, identity string) *socket {
	t.Helper()
	return connectTo(t, "tcp", fmt.Sprintf("127.0.0.1:%d", port), kind, identity)
}

func connectTo(t *testing.T, network, address, kind, identity string) *socket {
	t.Helper()
	conn, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	s := &socket{t: t, conn: conn, r: bufio.NewReaderSize(conn, 1<<16)}
	g := make([]byte, 64)
	g[0], g[9], g[10] = 0xff, 0x7f, 3
	copy(g[12:], "NULL")
	ready := "\x05READY"
	for _, p := range [][2]string{{"Socket-Type", kind}, {"Identity", identity}} {
		ready += string([]byte{byte(len(p[0]))}) + p[0] + string(binary.BigEndian.AppendUint32(nil, uint32(len(p[1])))) + p[1]
	}
	s.write(append(append(g, 4, byte(len(ready))), ready...))
	if _, err := io.ReadFull(s.r, g); err != nil {
		t.Fatal(err)
	}
	s.frame() // READY
	return s
}

func (s *socket) write(b []byte) {
	s.t.Helper()
	if _, err := s.conn.Write(b); err != nil {
		s.t.Fatal(err)
	}
}

func (s *socket) frame() (flags byte, body []byte) {
	s.t.Helper()
	head := make([]byte, 9)
	_, err := io.ReadFull(s.r, head[:2])
	size := uint64(head[1])
	if err == nil && head[0]&2 != 0 {
		_, err = io.ReadFull(s.r, head[2:])
		size = binary.BigEndian.Uint64(head[1:])
	}
	body = make([]byte, size)
	if err == nil {
		_, err = io.ReadFull(s.r, body)
	}
	if err != nil {
		s.t.Fatalf("reading a frame: %v", err)
	}
	return head[0], body
}

func (s *socket) sendParts(parts [][]byte) {
	s.t.Helper()
	var wire []byte
	for i, p := range parts {
		flags := byte(2)
		if i < len(parts)-1 {
			flags |= 1
		}
		wire = binary.BigEndian.AppendUint64(append(wire, flags), uint64(len(p)))
		wire = append(wire, p...)
	}
	s.write(wire)
}

func (s *socket) recvParts() [][]byte {
	s.t.Helper()
	var parts [][]byte
	for {
		flags, body := s.frame()
		parts = append(parts, body)
		if flags&1 == 0 {
			return parts
		}
	}
}

// received is a message as a client sees it.
type received struct {
	Header, Parent, Metadata, Content object
	topic                             string
}

func (m received) kind() string     { s, _ := m.Header["msg_type"].(string); return s }
func (m received) parentID() string { s, _ := m.Parent["msg_id"].(string); return s }

// client is a front end.
type client struct {
	t                              *testing.T
	key                            string
	shell, control, stdin, sub, hb *socket
	n                              int
}

func newClient(t *testing.T, k *kernel) *client {
	t.Helper()
	c := k.Connection()
	identity := fmt.Sprintf("client-%p", t)
	x := &client{t: t, key: testKey,
		shell: connect(t, c.ShellPort, "DEALER", identity), control: connect(t, c.ControlPort, "DEALER", identity),
		stdin: connect(t, c.StdinPort, "DEALER", identity), sub: connect(t, c.IOPubPort, "SUB", ""), hb: connect(t, c.HBPort, "REQ", "")}
	// The subscription counts when the PING after it is answered.
	x.sub.write([]byte("\x00\x01\x01\x04\x07\x04PING\x00\x00"))
	for {
		if flags, _ := x.sub.frame(); flags&4 != 0 {
			return x
		}
	}
}

func sign(key string, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	for _, p := range parts {
		mac.Write(p)
	}
	return []byte(hex.EncodeToString(mac.Sum(nil)))
}

// build makes the frames of a message and gives its id.
func (c *client) build(kind string, content any, parent any) (id string, parts [][]byte) {
	c.n++
	id = fmt.Sprintf("%s-%p-%d", kind, c, c.n)
	h, _ := json.Marshal(object{"msg_id": id, "session": "s", "username": "u", "date": "2026-01-01T00:00:00Z", "msg_type": kind, "version": "5.3"})
	p, _ := json.Marshal(parent)
	body, err := json.Marshal(content)
	if err != nil {
		c.t.Fatal(err)
	}
	m := []byte("{}")
	return id, [][]byte{[]byte(delimiter), sign(c.key, h, p, m, body), h, p, m, body}
}

func (c *client) send(to *socket, kind string, content any) string {
	c.t.Helper()
	id, parts := c.build(kind, content, object{})
	to.sendParts(parts)
	return id
}

func (c *client) decode(parts [][]byte) received {
	c.t.Helper()
	var m received
	for len(parts) > 0 && string(parts[0]) != delimiter {
		m.topic = string(parts[0])
		parts = parts[1:]
	}
	if len(parts) < 6 {
		c.t.Fatalf("%d frames", len(parts))
	}
	if got, want := string(parts[1]), string(sign(c.key, parts[2:6]...)); got != want {
		c.t.Fatalf("signature %s, want %s", got, want)
	}
	for i, into := range []*object{&m.Header, &m.Parent, &m.Metadata, &m.Content} {
		if err := json.Unmarshal(parts[2+i], into); err != nil || *into == nil {
			c.t.Fatalf("part %d is %s: %v", i, parts[2+i], err)
		}
	}
	return m
}

func (c *client) recv(from *socket) received {
	c.t.Helper()
	return c.decode(from.recvParts())
}

// output reads iopub up to the idle of the request, and gives what came between
// its busy and its idle; what others caused is passed over.
func (c *client) output(id string) []received {
	c.t.Helper()
	var all []received
	busy := false
	for {
		m := c.recv(c.sub)
		if m.parentID() != id {
			continue
		}
		if m.kind() == "status" {
			switch m.Content["execution_state"] {
			case "busy":
				busy = true
				continue
			case "idle":
				if !busy {
					c.t.Fatalf("idle before busy for %s", id)
				}
				return all
			}
		}
		if !busy {
			c.t.Fatalf("%s before busy", m.kind())
		}
		all = append(all, m)
	}
}

// ask sends a request on the shell and gives its reply, and the output it caused.
func (c *client) ask(kind string, content any) (received, []received) {
	c.t.Helper()
	id := c.send(c.shell, kind, content)
	reply := c.recv(c.shell)
	if reply.parentID() != id || reply.kind() != replyType(kind) {
		c.t.Fatalf("%s to %s, want %s to %s", reply.kind(), reply.parentID(), replyType(kind), id)
	}
	return reply, c.output(id)
}

func (c *client) execute(code string) (received, []received) {
	c.t.Helper()
	return c.ask("execute_request", object{"code": code})
}

// kinds lists the types of messages.
func kinds(messages []received) []string {
	list := []string{}
	for _, m := range messages {
		list = append(list, m.kind())
	}
	return list
}

// text joins the text of a stream.
func text(messages []received, stream string) string {
	var all string
	for _, m := range messages {
		if m.kind() == "stream" && m.Content["name"] == stream {
			all += m.Content["text"].(string)
		}
	}
	return all
}

// waitForPort waits until something listens there.
func waitForPort(t *testing.T, port int) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not: %s", what)
		}
	}
}
