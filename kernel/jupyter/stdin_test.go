package jupyter

import (
	"testing"
)

// question waits for an input_request.
func (c *client) question() received {
	c.t.Helper()
	m := c.recv(c.stdin)
	if m.kind() != "input_request" {
		c.t.Fatalf("%s on stdin", m.kind())
	}
	return m
}

func TestInput(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	for _, withParent := range []bool{true, false} {
		id := c.send(c.shell, "execute_request", object{"code": "input name? \npassword secret? "})
		for _, want := range []object{{"prompt": "name? ", "password": false}, {"prompt": "secret? ", "password": true}} {
			q := c.question()
			if q.Content["prompt"] != want["prompt"] || q.Content["password"] != want["password"] || q.parentID() != id {
				t.Errorf("asked %v for %s", q.Content, q.parentID())
			}
			parent := object{}
			if withParent {
				parent = q.Header
				// The answer to another question is passed over.
				_, stale := c.build("input_reply", object{"value": "stale"}, object{"msg_id": "other", "msg_type": "input_request"})
				c.stdin.sendParts(stale)
			}
			_, answer := c.build("input_reply", object{"value": "Gö"}, parent)
			c.stdin.sendParts(answer)
		}
		if reply := c.recv(c.shell); reply.Content["status"] != "ok" {
			t.Errorf("reply %v", reply.Content)
		}
		if got := text(c.output(id), "stdout"); got != "read Gö\nread Gö\n" {
			t.Errorf("printed %q", got)
		}
	}
}

func TestInputRefused(t *testing.T) {
	k := startKernel(t, Options{})
	c := newClient(t, k)
	reply, _ := c.ask("execute_request", object{"code": "input x", "allow_stdin": false})
	if reply.Content["ename"] != "InputError" || k.engine.first().AllowInput {
		t.Errorf("allow_stdin false: %v", reply.Content)
	}
	// An interrupt ends the wait.
	id := c.send(c.shell, "execute_request", object{"code": "input x"})
	c.question()
	// Another client's answer does not count.
	other := newClient(t, k)
	other.stdin = connect(t, k.Connection().StdinPort, "DEALER", "other")
	other.send(other.stdin, "input_reply", object{"value": "intruder"})
	c.send(c.control, "interrupt_request", object{})
	if reply := c.recv(c.shell); reply.Content["ename"] != "InputError" || reply.parentID() != id {
		t.Errorf("after the interrupt: %v", reply.Content)
	}
	// So does the absence of a stdin connection.
	c.shell = connect(t, k.Connection().ShellPort, "DEALER", "nobody")
	if reply, _ := c.execute("input x"); reply.Content["ename"] != "InputError" {
		t.Errorf("without stdin: %v", reply.Content)
	}
}
