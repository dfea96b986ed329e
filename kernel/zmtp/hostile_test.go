package zmtp

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Each of these closes the connection that it comes over, and no other.
func TestHostileInput(t *testing.T) {
	noLeak(t)
	r := newRouter(t, Options{MaxMessage: 1 << 20, MaxParts: 10})
	echo(r)
	good := dial(t, r.Addr(), "DEALER", "good")

	hello := clientGreeting(3, 0, "NULL")
	dealer := hello + command(readyOK+property("Socket-Type", "DEALER"))
	frame := func(flags byte, size uint64) string {
		return string(binary.BigEndian.AppendUint64([]byte{flags | 2}, size))
	}
	for name, input := range map[string]string{
		"browser":                "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + strings.Repeat(" ", 64),
		"zeros":                  strings.Repeat("\x00", 100),
		"signature without bit":  "\xff" + strings.Repeat("\x00", 63),
		"version 2":              clientGreeting(2, 0, "NULL"),
		"PLAIN":                  clientGreeting(3, 0, "PLAIN"),
		"message before READY":   hello + "\x00\x05hello",
		"other before READY":     hello + command("\x04PING\x00\x00"),
		"READY too long":         hello + string(binary.BigEndian.AppendUint64([]byte{6}, maxCommand+1)),
		"READY without type":     hello + command(readyOK),
		"PULL":                   hello + command(readyOK+property("Socket-Type", "PULL")),
		"property name 0":        hello + command(readyOK+"\x00\x00\x00\x00\x00"),
		"property cut":           hello + command(readyOK+"\x0bSocket-Type\x00\x00\x00\xffDEALER"),
		"property of 4 GiB":      hello + command(readyOK+"\x0bSocket-Type\xff\xff\xff\xffDEALER"),
		"reserved identity":      hello + command(readyOK+property("Socket-Type", "DEALER")+property("Identity", "\x00abcd")),
		"empty command":          dealer + "\x04\x00",
		"command without name":   dealer + command("\x00PING"),
		"command name too long":  dealer + command("\xffPING"),
		"command with MORE":      dealer + "\x05\x05\x04PING",
		"command of 2^40":        dealer + frame(4, 1<<40),
		"reserved flags":         dealer + "\x08\x00",
		"short PING":             dealer + command("\x04PING\x00"),
		"ERROR":                  dealer + command("\x05ERROR\x03bad"),
		"frame of 2^45":          dealer + frame(0, 1<<45),
		"frame of 2^63":          dealer + frame(0, 1<<63),
		"frame of 2^64-1":        dealer + frame(1, 1<<64-1),
		"too many parts":         dealer + strings.Repeat("\x01\x00", 11),
		"too much in one frame":  dealer + frame(0, 1<<21) + strings.Repeat("x", 1<<20),
		"too much in ten frames": dealer + strings.Repeat(frame(1, 1<<18)+strings.Repeat("x", 1<<18), 4),
	} {
		t.Run(name, func(t *testing.T) {
			bad := connect(t, r.Addr())
			_, _ = bad.conn.Write([]byte(input)) // may be cut off on the way
			bad.expectClosed()
			good.t = t
			good.send("still", "there")
			if got := good.recv(); len(got) != 2 {
				t.Errorf("received %q", got)
			}
		})
	}
	eventually(t, "every hostile peer is gone", func() bool { return r.Peers() == 1 })
	if held := r.held.Load(); held != 0 {
		t.Errorf("%d bytes still charged for peers that are gone", held)
	}
}

func TestSilentConnections(t *testing.T) {
	noLeak(t)
	r := newRouter(t, Options{Handshake: 200 * time.Millisecond})
	echo(r)
	var silent []*client
	for range 300 {
		silent = append(silent, connect(t, r.Addr()))
	}
	// While they say nothing, another is served.
	c := dial(t, r.Addr(), "DEALER", "")
	c.send("hello")
	c.recv()
	// Octets that trickle in do not extend the deadline.
	trickle := silent[0]
	go func() {
		for _, b := range []byte(clientGreeting(3, 0, "NULL")) {
			if _, err := trickle.conn.Write([]byte{b}); err != nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
	for _, c := range silent {
		c.expectClosed()
	}
	c.send("hello")
	c.recv()
}

func TestTooManyPeers(t *testing.T) {
	r := newRouter(t, Options{MaxPeers: 3})
	echo(r)
	for i := range 3 {
		dial(t, r.Addr(), "DEALER", fmt.Sprint(i))
	}
	connect(t, r.Addr()).expectClosed()
}

// What a peer announces is not allocated, and what all peers hold is limited.
func TestMemoryFollowsArrival(t *testing.T) {
	noLeak(t)
	const block = 1 << 20
	r := newRouter(t, Options{MaxHeld: 4 * block})
	announce := string(binary.BigEndian.AppendUint64([]byte{2}, 200<<20))

	first := dial(t, r.Addr(), "DEALER", "first")
	first.raw(announce + "0123456789")
	eventually(t, "the first octets are charged for", func() bool { return r.held.Load() > 0 })
	if held := r.held.Load(); held > readAhead+partOverhead {
		t.Errorf("10 octets of an announced 200 MiB hold %d bytes", held)
	}
	// A second peer goes over the total: it is the one that is sent away.
	second := dial(t, r.Addr(), "DEALER", "second")
	_, _ = second.conn.Write([]byte(announce + strings.Repeat("x", 5*block)))
	second.expectClosed()
	eventually(t, "the first peer is alone", func() bool {
		return r.Peers() == 1 && r.held.Load() <= readAhead+partOverhead
	})
	first.conn.Close()
	eventually(t, "nothing is held", func() bool { return r.held.Load() == 0 })
}

// A subscriber that never reads is dropped; the others miss nothing.
func TestSlowSubscriber(t *testing.T) {
	noLeak(t)
	p := newPub(t, Options{Queue: 8 << 20})
	slow, quick := subscribe(t, p, ""), subscribe(t, p, "")
	body := strings.Repeat("x", 1<<20)
	const n = 64 // far beyond the queue and the system's buffers
	for i := range n {
		publish(t, p, fmt.Sprint(i), body)
		if got := quick.recv(); got[0] != fmt.Sprint(i) {
			t.Fatalf("message %d is %q", i, got[0])
		}
	}
	eventually(t, "the slow subscriber is dropped", func() bool { return p.Peers() == 1 })
	slow.expectClosed()
}

// A client that asks and never reads the answers is dropped as well.
func TestRouterPeerThatNeverReads(t *testing.T) {
	noLeak(t)
	r := newRouter(t, Options{Queue: 1 << 20})
	c := dial(t, r.Addr(), "DEALER", "deaf")
	for {
		if err := r.Send(message("deaf", strings.Repeat("x", 1<<20))); err != nil {
			break
		}
	}
	eventually(t, "the peer is dropped", func() bool { return r.Peers() == 0 })
	c.expectClosed()
}

// Pace holds the publisher back for a reader and not for one who never reads.
func TestPace(t *testing.T) {
	noLeak(t)
	p := newPub(t, Options{Queue: 32 << 20})
	quick := subscribe(t, p, "")
	const n, size, backlog = 200, 1 << 20, 2 << 20
	go func() {
		for range n {
			_ = p.Send(message("t", strings.Repeat("x", size)))
			p.Pace(t.Context(), backlog)
		}
	}()
	for range n { // 200 MiB through a queue of 32 MiB, none lost
		quick.recv()
	}
	subscribe(t, p, "") // reads nothing from here on
	for range 20 {
		publish(t, p, "t", strings.Repeat("x", size))
	}
	p.Pace(t.Context(), backlog) // returns
}

func TestSubscriptionLimits(t *testing.T) {
	p := newPub(t, Options{})
	long := dial(t, p.Addr(), "SUB", "")
	long.send("\x01" + strings.Repeat("x", maxTopic+1))
	long.expectClosed()
	many := dial(t, p.Addr(), "SUB", "")
	for i := range maxTopics + 1 {
		if _, err := fmt.Fprintf(many.conn, "\x00\x05\x01%04d", i); err != nil {
			break
		}
	}
	many.expectClosed()
}
