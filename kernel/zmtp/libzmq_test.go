package zmtp

import (
	"context"
	"os/exec"
	"testing"
	"time"
)

// python is Debian's interpreter, where python3-zmq lives.
const python = "/usr/bin/python3"

// TestLibzmq lets real libzmq talk to the three sockets.
func TestLibzmq(t *testing.T) {
	if err := exec.Command(python, "-c", "import zmq").Run(); err != nil {
		t.Skip("python3-zmq is not installed: the test against libzmq is skipped")
	}
	noLeak(t)
	r, p := newRouter(t, Options{}), newPub(t, Options{})
	h, err := NewHeartbeat("tcp://127.0.0.1:0", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(0)
	subscribed := make(chan struct{})
	go func() {
		for {
			m, err := r.Recv(t.Context())
			if err != nil {
				return
			}
			if string(m[1]) == "publish" {
				for range 1000 {
					_ = p.Send(message("stream", string(make([]byte, 1000))))
				}
				_ = p.Send(message("end", ""))
				close(subscribed)
			}
			_ = r.Send(m)
		}
	}()
	script := `
import sys, zmq, faulthandler; faulthandler.dump_traceback_later(30, exit=True)
router, pub, hb = sys.argv[1:]
c = zmq.Context()
c.linger = 0
d = c.socket(zmq.DEALER); d.identity = b'me'; d.setsockopt(zmq.HEARTBEAT_IVL, 5); d.setsockopt(zmq.HEARTBEAT_TIMEOUT, 20000); d.connect(router)
for m in [[b'a'], [b'', b'b'], [b'x' * 255, b'y' * 256, b'z' * (5 << 20)]]:
    d.send_multipart(m)
    assert d.recv_multipart() == m
q = c.socket(zmq.REQ); q.connect(hb)
for i in range(100):
    q.send(b'ping%d' % i)
    assert q.recv() == b'ping%d' % i
s = c.socket(zmq.SUB); s.subscribe(b'nothing'); s.subscribe(b'st'); s.subscribe(b'end'); s.unsubscribe(b'nothing')
s.setsockopt(zmq.RCVHWM, 0)
m = s.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
s.connect(pub); m.recv_multipart()
import time; time.sleep(0.2)   # the subscription is sent after the handshake
d.send(b'publish')
n = 0
while True:
    topic, body = s.recv_multipart()
    if topic == b'end': break
    assert topic == b'stream' and body == bytes(1000)
    n += 1
assert n == 1000, n
assert d.recv() == b'publish'
late = c.socket(zmq.SUB); late.subscribe(b''); late.connect(pub)
wrong = c.socket(zmq.PULL); wrong.connect(router)
print('ok', flush=True)
import os; os._exit(0)   # without waiting for sockets that still try to connect
`
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	command := exec.CommandContext(ctx, python, "-c", script,
		"tcp://"+r.Addr().String(), "tcp://"+p.Addr().String(), "tcp://"+h.Addr().String())
	command.WaitDelay = time.Second
	out, err := command.CombinedOutput()
	if err != nil || string(out) != "ok\n" {
		t.Fatalf("libzmq's side: %v\n%s", err, out)
	}
	<-subscribed
}
