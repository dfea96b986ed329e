package jupyter

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"arch2vec/kernel/worker"
)

func TestShutdown(t *testing.T) {
	for _, channel := range []string{"control", "shell"} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprint(channel, restart), func(t *testing.T) {
				k := startKernel(t, Options{})
				c := newClient(t, k)
				// A cell runs and two more wait.
				var ids []string
				for _, code := range []string{"print busy\nblock", "print 2", "print 3"} {
					ids = append(ids, c.send(c.shell, "execute_request", object{"code": code}))
				}
				for m := c.recv(c.sub); m.kind() != "execute_input"; m = c.recv(c.sub) {
				}
				eventually(t, "two cells wait", func() bool {
					k.cells.mu.Lock()
					defer k.cells.mu.Unlock()
					return len(k.cells.cells) == 2
				})
				from := map[string]*socket{"control": c.control, "shell": c.shell}[channel]
				id := c.send(from, "shutdown_request", object{"restart": restart})
				replies := map[string]received{}
				expect := 3
				if channel == "control" {
					replies[id] = c.recv(c.control)
				} else {
					expect = 4
				}
				for range expect {
					m := c.recv(c.shell)
					replies[m.parentID()] = m
				}
				if r := replies[id]; r.kind() != "shutdown_reply" || r.Content["status"] != "ok" || r.Content["restart"] != restart {
					t.Errorf("%s %v", r.kind(), r.Content)
				}
				if r := replies[ids[0]]; r.Content["status"] != "error" {
					t.Errorf("the running cell: %v", r.Content)
				}
				for _, id := range ids[1:] {
					if r := replies[id]; r.Content["status"] != "aborted" {
						t.Errorf("a waiting cell: %v", r.Content)
					}
				}
				for m := c.recv(c.sub); m.kind() != "shutdown_reply"; m = c.recv(c.sub) {
				}
				k.wait(t)
				select {
				case <-k.engine.closed:
				default:
					t.Error("the engine was not closed")
				}
			})
		}
	}
}

func TestCancelEndsTheKernel(t *testing.T) {
	k := startKernel(t, Options{})
	c := newClient(t, k)
	c.send(c.shell, "execute_request", object{"code": "block"})
	for m := c.recv(c.sub); m.kind() != "execute_input"; m = c.recv(c.sub) {
	}
	k.cancel()
	if reply := c.recv(c.shell); reply.Content["status"] != "error" {
		t.Errorf("the running cell: %v", reply.Content)
	}
	k.wait(t)
}

func TestHeartbeat(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	c.hb.sendParts([][]byte{nil, []byte("ping")})
	if got := c.hb.recvParts(); len(got) != 2 || string(got[1]) != "ping" {
		t.Errorf("received %q", got)
	}
}

// Nothing that is wrongly signed or made has any effect but being ignored.
func TestHostileMessages(t *testing.T) {
	k := startKernel(t, Options{})
	c := newClient(t, k)
	resign := func(parts [][]byte) [][]byte {
		parts[1] = sign(testKey, parts[2:6]...)
		return parts
	}
	change := func(at int, value string) [][]byte {
		_, parts := c.build("execute_request", object{"code": "print never"}, object{})
		parts[at] = []byte(value)
		return resign(parts)
	}
	_, right := c.build("execute_request", object{"code": "print never"}, object{})
	wrong := slices.Clone(right)
	wrong[1] = sign("another key", right[2:6]...)
	upper := slices.Clone(right)
	upper[1] = []byte(strings.ToUpper(string(right[1])))
	unsigned := slices.Clone(right)
	unsigned[1] = nil
	tampered := slices.Clone(right)
	tampered[5] = []byte(`{"code": "print evil"}`)
	deep := strings.Repeat("[", 1<<20)
	for name, parts := range map[string][][]byte{
		"wrong key":            wrong,
		"signature upper case": upper,
		"no signature":         unsigned,
		"tampered content":     tampered,
		"one frame":            {[]byte("hello")},
		"empty frame":          {nil},
		"empty frames":         {nil, nil, nil, nil, nil, nil, nil},
		"wrong delimiter":      append([][]byte{[]byte("<IDS|MSG")}, right[1:]...),
		"delimiter alone":      {[]byte(delimiter)},
		"too few frames":       right[:5],
		"delimiter far away":   append(make([][]byte, 100), right...),
		"header null":          change(2, "null"),
		"header list":          change(2, "[]"),
		"header not JSON":      change(2, "{"),
		"header bomb":          change(2, `{"msg_id":`+deep),
		"header without type":  change(2, `{"msg_id": "x"}`),
		"header without id":    change(2, `{"msg_type": "execute_request"}`),
		"header too long":      change(2, `{"msg_id":"x","msg_type":"execute_request","x":"`+strings.Repeat("x", maxHeader)+`"}`),
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range []*socket{c.shell, c.control, c.stdin} {
				s.sendParts(parts)
			}
		})
	}
	// A content that is a bomb gets an error for a reply; the parent is not needed.
	for _, parts := range [][][]byte{change(5, deep), change(5, `{"code":`+deep), change(5, "null")} {
		c.shell.sendParts(parts)
		if reply := c.recv(c.shell); reply.Content["status"] != "error" {
			t.Errorf("content %.20s: %v", parts[5], reply.Content)
		}
	}
	c.shell.sendParts(change(3, "not JSON"))
	if reply := c.recv(c.shell); reply.Content["status"] != "ok" {
		t.Errorf("a broken parent header: %v", reply.Content)
	}
	if reply, out := c.execute("print fine"); reply.Content["status"] != "ok" || text(out, "stdout") != "fine\n" {
		t.Errorf("afterwards: %v", reply.Content)
	}
	if n := k.engine.count(); n != 2 {
		t.Errorf("%d cells were run, want the two right ones", n)
	}
}

func TestUnsigned(t *testing.T) {
	noLeak(t)
	engine := newFakeEngine()
	s, err := New(Connection{IP: "127.0.0.1"}, Options{Engine: engine})
	if err != nil {
		t.Fatal(err)
	}
	k := &kernel{Server: s, engine: engine, ended: make(chan error, 1)}
	go func() { k.ended <- s.Run(t.Context()) }()
	c := newClient(t, k)
	// Without a key no signature is sent, and none is looked at.
	_, parts := c.build("shutdown_request", object{}, object{})
	parts[1] = []byte("whatever")
	c.control.sendParts(parts)
	if reply := c.control.recvParts(); len(reply[1]) != 0 {
		t.Errorf("signature %q without a key", reply[1])
	}
	k.wait(t)
}

func TestSeveralClients(t *testing.T) {
	k := startKernel(t, Options{})
	done := make(chan string)
	const clients, cells = 4, 25
	for i := range clients {
		c := newClient(t, k)
		// Each has an identity of its own, handed out by the kernel.
		c.shell = connect(t, k.Connection().ShellPort, "DEALER", "")
		go func() {
			for j := range cells {
				want := fmt.Sprintf("client %d cell %d", i, j)
				id := c.send(c.shell, "execute_request", object{"code": "print " + want})
				reply := c.recv(c.shell)
				out := c.output(id)
				if reply.parentID() != id || text(out, "stdout") != want+"\n" {
					done <- fmt.Sprintf("%s: reply to %s, output %q", want, reply.parentID(), text(out, "stdout"))
					return
				}
			}
			done <- ""
		}()
	}
	for range clients {
		if problem := <-done; problem != "" {
			t.Error(problem)
		}
	}
}

func TestIPC(t *testing.T) {
	noLeak(t)
	dir := t.TempDir()
	connection := Connection{Transport: "ipc", IP: filepath.Join(dir, "kernel"), ShellPort: 1, ControlPort: 2, IOPubPort: 3, StdinPort: 4, HBPort: 5}
	s, err := New(connection, Options{Engine: newFakeEngine()})
	if err != nil {
		t.Fatal(err)
	}
	sockets := func() int {
		names, err := filepath.Glob(filepath.Join(dir, "kernel-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	if n := sockets(); n != 5 {
		t.Errorf("%d sockets, want 5", n)
	}
	ended := make(chan error)
	go func() { ended <- s.Run(t.Context()) }()
	s.stopWhenRunning(t)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := sockets(); n != 0 {
		t.Errorf("%d sockets left behind", n)
	}
}

func TestNewErrors(t *testing.T) {
	noLeak(t)
	k := startKernel(t, Options{})
	good := Connection{IP: "127.0.0.1"}
	for name, test := range map[string]struct {
		connection Connection
		engine     worker.Engine
		want       string
	}{
		"no engine":     {good, nil, "Engine is missing"},
		"all addresses": {Connection{IP: "0.0.0.0"}, newFakeEngine(), "not a loopback address"},
		"another host":  {Connection{IP: "192.0.2.1"}, newFakeEngine(), "not a loopback address"},
		"star":          {Connection{IP: "*"}, newFakeEngine(), "not a loopback address"},
		"port":          {Connection{IP: "127.0.0.1", HBPort: 70000}, newFakeEngine(), "hb_port is 70000"},
		"port in use":   {Connection{IP: "127.0.0.1", IOPubPort: k.Connection().ShellPort}, newFakeEngine(), "address already in use"},
		"scheme":        {Connection{Key: "k", SignatureScheme: "hmac-md5"}, newFakeEngine(), "hmac-md5"},
		"transport":     {Connection{Transport: "udp"}, newFakeEngine(), "udp"},
	} {
		s, err := New(test.connection, Options{Engine: test.engine})
		if err == nil {
			s.closeSockets(0)
		}
		if err == nil || !strings.HasPrefix(err.Error(), "jupyter: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, test.want)
		}
	}
}

// stopWhenRunning asks for the end over the shell socket's path.
func (s *Server) stopWhenRunning(t *testing.T) {
	t.Helper()
	c := &client{t: t}
	c.shell = connectTo(t, "unix", s.connection.IP+"-1", "DEALER", "")
	c.send(c.shell, "shutdown_request", object{})
}
