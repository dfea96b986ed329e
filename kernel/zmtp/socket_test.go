package zmtp

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRouterRoundTrip(t *testing.T) {
	noLeak(t)
	r := newRouter(t, Options{})
	echo(r)
	c := dial(t, r.Addr(), "DEALER", "client-1")
	for _, size := range []int{0, 1, 255, 256, readAhead - 1, readAhead, readAhead + 1, 3<<20 + 7} {
		want := []string{"", strings.Repeat("x", size), "end"}
		c.send(want...)
		if got := c.recv(); !slices.Equal(got, want) {
			t.Fatalf("size %d came back as %d parts", size, len(got))
		}
	}
	if held := r.held.Load(); held != 0 {
		t.Errorf("%d bytes still charged after every message was received", held)
	}
}

func TestRouterIdentities(t *testing.T) {
	noLeak(t)
	r := newRouter(t, Options{})
	ctx := t.Context()
	named, other, anonymous := dial(t, r.Addr(), "DEALER", "ann"), dial(t, r.Addr(), "DEALER", "ann"), dial(t, r.Addr(), "REQ", "")

	anonymous.send("", "hello")
	m, err := r.Recv(ctx)
	if err != nil || len(m) != 3 || len(m[0]) != 5 || m[0][0] != 0 {
		t.Fatalf("message %q, error %v: want a 5-byte identity that starts with 0", m, err)
	}
	named.send("x")
	if m, err = r.Recv(ctx); err != nil || string(m[0]) != "ann" {
		t.Fatalf("message %q, error %v", m, err)
	}
	// Both connections that call themselves ann are reached.
	eventually(t, "all peers are there", func() bool { return r.Peers() == 3 })
	if err := r.Send(message("ann", "reply")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*client{named, other} {
		if got := c.recv(); !slices.Equal(got, []string{"reply"}) {
			t.Errorf("received %q", got)
		}
	}
	// One of them goes; the other stays reachable.
	named.conn.Close()
	eventually(t, "the closed peer is gone", func() bool { return r.Peers() == 2 })
	if err := r.Send(message("ann", "again")); err != nil {
		t.Fatal(err)
	}
	if got := other.recv(); got[0] != "again" {
		t.Errorf("received %q", got)
	}
	if err := r.Send(message("nobody", "x")); !errors.Is(err, ErrNoPeer) {
		t.Errorf("sending to an unknown identity: %v", err)
	}
	if err := r.Send(message("ann")); err == nil {
		t.Error("a message without a body was sent")
	}
}

func TestRecvEnds(t *testing.T) {
	noLeak(t)
	r := newRouter(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Recv(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := r.Close(0); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Recv(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if err := r.Send(message("a", "b")); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if err := r.Close(time.Second); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

func TestPubSubscriptions(t *testing.T) {
	noLeak(t)
	p := newPub(t, Options{})
	all, some := subscribe(t, p, ""), subscribe(t, p, "stream")
	modern := dial(t, p.Addr(), "SUB", "")
	modern.raw(command("\x09SUBSCRIBEstatus") + command("\x09SUBSCRIBEerr") + command("\x06CANCELerr") + command("\x04PING\x00\x00ctx"))
	if _, pong := modern.frame(); string(pong) != "\x04PONGctx" {
		t.Fatalf("%q instead of PONG with its context", pong)
	}
	publish(t, p, "stream.stdout", "1")
	publish(t, p, "status", "2")
	publish(t, p, "error", "3")
	for name, c := range map[string]struct {
		*client
		want []string
	}{"all": {all, []string{"1", "2", "3"}}, "prefix": {some, []string{"1"}}, "3.1": {modern, []string{"2"}}} {
		for _, want := range c.want {
			if got := c.recv(); got[1] != want {
				t.Errorf("%s: received %q, want %q", name, got, want)
			}
		}
	}
	all.send("\x00")
	all.raw(command("\x04PING\x00\x00"))
	all.frame()
	publish(t, p, "status", "unheard")
	publish(t, p, "stream", "4")
	if got := some.recv(); got[1] != "4" {
		t.Errorf("received %q", got)
	}
	all.raw(command("\x04PING\x00\x00"))
	if flags, body := all.frame(); flags&flagCommand == 0 {
		t.Errorf("received %q after cancelling", body)
	}
}

func TestHeartbeat(t *testing.T) {
	noLeak(t)
	h, err := NewHeartbeat("tcp://127.0.0.1:0", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(0)
	c := dial(t, h.Addr(), "REQ", "")
	c.send("no envelope, no answer")
	for _, want := range [][]string{{"", "ping"}, {"route", "", "ping", "more"}} {
		c.send(want...)
		if got := c.recv(); !slices.Equal(got, want) {
			t.Errorf("sent %q, received %q", want, got)
		}
	}
}

func TestPingBetweenFrames(t *testing.T) {
	r := newRouter(t, Options{})
	echo(r)
	c := dial(t, r.Addr(), "DEALER", "")
	c.raw("\x01\x01a" + command("\x04PING\x00\x05context") + "\x00\x01b")
	if _, body := c.frame(); string(body) != "\x04PONGcontext" {
		t.Fatalf("%q instead of PONG", body)
	}
	if got := c.recv(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("received %q", got)
	}
}

func TestIPC(t *testing.T) {
	noLeak(t)
	path := filepath.Join(t.TempDir(), "kernel-1")
	r, err := NewRouter("ipc://"+path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(0)
	echo(r)
	c := dial(t, r.Addr(), "DEALER", "")
	c.send("over a file")
	if got := c.recv(); got[0] != "over a file" {
		t.Errorf("received %q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket file: %v, %v", info, err)
	}
	if _, err := NewRouter("ipc://"+path, Options{}); err == nil {
		t.Error("a second socket took over a living one's path")
	}
	if err := r.Close(0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket file is still there: %v", err)
	}
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewRouter("ipc://"+path, Options{}); err == nil {
		t.Error("an ordinary file was replaced by a socket")
	}
}

func TestEndpointErrors(t *testing.T) {
	for _, endpoint := range []string{"", "127.0.0.1:0", "udp://127.0.0.1:0", "tcp://127.0.0.1:99999", "ipc:///no/such/folder/x"} {
		if r, err := NewRouter(endpoint, Options{}); err == nil {
			r.Close(0)
			t.Errorf("endpoint %q was accepted", endpoint)
		} else if !strings.HasPrefix(err.Error(), "zmtp: ROUTER at "+endpoint) {
			t.Errorf("endpoint %q: %v", endpoint, err)
		}
	}
}

func TestCloseDelivers(t *testing.T) {
	noLeak(t)
	p := newPub(t, Options{})
	c := subscribe(t, p, "")
	body := strings.Repeat("x", 4<<10)
	const n = 1000
	for i := range n {
		publish(t, p, fmt.Sprint(i), body)
	}
	closed := make(chan error, 1)
	go func() { closed <- p.Close(patience) }()
	// Input that nobody reads any more must not reset the connection.
	c.send("\x01more")
	for i := range n {
		if got := c.recv(); got[0] != fmt.Sprint(i) {
			t.Fatalf("message %d is %q", i, got[0])
		}
	}
	c.expectClosed()
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
}

// Close returns although a subscriber never reads and another connection never
// shook hands.
func TestCloseDoesNotHang(t *testing.T) {
	noLeak(t)
	p := newPub(t, Options{})
	subscribe(t, p, "")
	connect(t, p.Addr())
	for range 32 {
		publish(t, p, "t", strings.Repeat("x", 1<<20))
	}
	if err := p.Close(50 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
}
