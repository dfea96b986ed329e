package jupyter

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"arch2vec/kernel/worker"
)

func TestExecute(t *testing.T) {
	k := startKernel(t, Options{})
	c := newClient(t, k)
	reply, out := c.execute("print one\neprint two\ndisplay text/html <b>x</b>\nprint three\nclear\nupdate text/html <i>y</i>\nvalue 42")
	if got, want := kinds(out), []string{"execute_input", "stream", "stream", "display_data", "stream", "clear_output", "update_display_data", "execute_result"}; !slices.Equal(got, want) {
		t.Fatalf("messages %v, want %v", got, want)
	}
	for i, want := range []object{
		{"code": "print one\neprint two\ndisplay text/html <b>x</b>\nprint three\nclear\nupdate text/html <i>y</i>\nvalue 42", "execution_count": 1.0},
		{"name": "stdout", "text": "one\n"},
		{"name": "stderr", "text": "two\n"},
		{"data": object{"text/html": "<b>x</b>"}, "metadata": object{}, "transient": object{"display_id": "d"}},
		{"name": "stdout", "text": "three\n"},
		{"wait": true},
		{"data": object{"text/html": "<i>y</i>"}, "metadata": object{}, "transient": object{"display_id": "d"}},
		{"execution_count": 1.0, "data": object{"text/plain": "42"}, "metadata": object{}, "transient": object{}},
	} {
		if !reflect.DeepEqual(out[i].Content, want) {
			t.Errorf("%s: %v, want %v", out[i].kind(), out[i].Content, want)
		}
	}
	if want := (object{"status": "ok", "execution_count": 1.0, "user_expressions": object{}, "payload": []any{}}); !reflect.DeepEqual(reply.Content, want) {
		t.Errorf("reply %v, want %v", reply.Content, want)
	}
	if reply.Header["version"] != protocolVersion || reply.Parent["version"] != "5.3" || reply.Parent["username"] != "u" {
		t.Errorf("header %v, parent %v: the parent is the request's own header", reply.Header, reply.Parent)
	}
}

func TestDisplayOfBinaryAndUnencodable(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	_, out := c.execute("binary")
	if len(out) != 2 {
		t.Fatalf("messages %v", kinds(out))
	}
	want := object{"image/png": "iVBORw==", "application/json": object{"a": 1.0}, "text/html": "<b>"}
	if !reflect.DeepEqual(out[1].Content["data"], want) {
		t.Errorf("data %v, want %v", out[1].Content["data"], want)
	}
	if bad, ok := out[1].Content["metadata"].(object)["bad"].(string); !ok || bad == "" {
		t.Errorf("metadata %v", out[1].Content["metadata"])
	}
}

func TestExecuteFlags(t *testing.T) {
	k := startKernel(t, Options{})
	c := newClient(t, k)
	count := func(reply received) any { return reply.Content["execution_count"] }

	reply, out := c.ask("execute_request", object{"code": "print quiet\nvalue 1", "silent": true})
	if got := kinds(out); !slices.Equal(got, []string{"stream"}) || count(reply) != 0.0 {
		t.Errorf("silent: %v, count %v", got, count(reply))
	}
	reply, out = c.ask("execute_request", object{"code": "value 1", "store_history": false})
	if got := kinds(out); !slices.Equal(got, []string{"execute_input", "execute_result"}) || count(reply) != 0.0 {
		t.Errorf("not stored: %v, count %v", got, count(reply))
	}
	if reply, _ = c.execute(" \n"); count(reply) != 0.0 || reply.Content["status"] != "ok" {
		t.Errorf("blank: %v", reply.Content)
	}
	reply, _ = c.ask("execute_request", object{"code": "value 1", "user_expressions": object{"a": "x+1", "b": "bad"}})
	e := reply.Content["user_expressions"].(object)
	if !reflect.DeepEqual(e["a"], object{"status": "ok", "data": object{"text/plain": "x+1"}, "metadata": object{}}) {
		t.Errorf("expression %v", e["a"])
	}
	if b := e["b"].(object); b["status"] != "error" || b["ename"] != "NameError" {
		t.Errorf("expression %v", b)
	}
	if count(reply) != 1.0 {
		t.Errorf("count %v", count(reply))
	}
	if reply, _ = c.ask("execute_request", "not an object"); reply.Content["status"] != "error" {
		t.Errorf("content that is no object: %v", reply.Content)
	}
	if reply, _ = c.ask("execute_request", object{"code": 5}); reply.Content["status"] != "error" {
		t.Errorf("code that is a number: %v", reply.Content)
	}
	reply, _ = c.history(object{"hist_access_type": "tail", "n": 10})
	if got := fmt.Sprint(reply.Content["history"]); got != "[[1 1 value 1]]" {
		t.Errorf("history %v: only the stored cell belongs there", got)
	}
}

func (c *client) history(content object) (received, []received) {
	c.t.Helper()
	return c.ask("history_request", content)
}

func TestErrors(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	for code, want := range map[string]string{
		"print before\nfail boom": "Failure", // shown by the engine
		"print before\nquietly x": "Failure", // left to the server
		"print before\nbreak":     "EngineError",
	} {
		reply, out := c.execute(code)
		if got := kinds(out); !slices.Equal(got, []string{"execute_input", "stream", "error"}) {
			t.Errorf("%q: messages %v", code, got)
			continue
		}
		shown := out[2].Content
		if shown["ename"] != want || shown["status"] != nil {
			t.Errorf("%q: error %v", code, shown)
		}
		r := reply.Content
		if r["status"] != "error" || r["ename"] != want || r["evalue"] != shown["evalue"] || !reflect.DeepEqual(r["traceback"], shown["traceback"]) {
			t.Errorf("%q: reply %v, shown %v", code, r, shown)
		}
		if _, ok := r["traceback"].([]any); !ok {
			t.Errorf("%q: traceback %v is no list", code, r["traceback"])
		}
	}
	if reply, _ := c.execute("value 1"); reply.Content["status"] != "ok" || reply.Content["execution_count"] != 4.0 {
		t.Errorf("after the errors: %v", reply.Content)
	}
}

// "Run all" with an error in the second cell.
func TestStopOnError(t *testing.T) {
	k := startKernel(t, Options{})
	c := newClient(t, k)
	var ids []string
	for _, code := range []string{"print 1", "fail here", "print 3", "print 4"} {
		ids = append(ids, c.send(c.shell, "execute_request", object{"code": code}))
	}
	for i, want := range []string{"ok", "error", "aborted", "aborted"} {
		if reply := c.recv(c.shell); reply.Content["status"] != want || reply.parentID() != ids[i] {
			t.Errorf("cell %d: %v to %s, want %s", i, reply.Content, reply.parentID(), want)
		}
	}
	for _, id := range ids { // busy and idle for each
		c.output(id)
	}
	// A client that waits for the reply is never hit.
	c.execute("fail again")
	if reply, _ := c.execute("print 5"); reply.Content["status"] != "ok" {
		t.Errorf("after the reply: %v", reply.Content)
	}
	// Without stop_on_error nothing is aborted.
	c.send(c.shell, "execute_request", object{"code": "fail", "stop_on_error": false})
	c.send(c.shell, "execute_request", object{"code": "print 6"})
	for _, want := range []string{"error", "ok"} {
		if reply := c.recv(c.shell); reply.Content["status"] != want {
			t.Errorf("%v, want %s", reply.Content, want)
		}
	}
}

// Ten megabytes of prints are few messages, complete and in order.
func TestFlood(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	const n = 100_000
	id := c.send(c.shell, "execute_request", object{"code": fmt.Sprintf("flood %d\neprint end", n)})
	out := c.output(id)
	var want strings.Builder
	for i := range n {
		fmt.Fprintf(&want, "%099d\n", i)
	}
	if got := text(out, "stdout"); got != want.String() {
		t.Errorf("%d bytes arrived of %d, or in another order", len(got), want.Len())
	}
	if last := out[len(out)-1]; last.Content["name"] != "stderr" {
		t.Errorf("the last message is %v", last.Content["name"])
	}
	t.Logf("%d messages", len(out))
	if len(out) > n/100 { // some 20; a slow machine's timer sends more
		t.Errorf("%d messages for %d prints", len(out), n)
	}
}

// Text is shown while the cell still runs.
func TestStreamBeforeTheEnd(t *testing.T) {
	k := startKernel(t, Options{})
	c := newClient(t, k)
	id := c.send(c.shell, "execute_request", object{"code": "print early\nblock"})
	for m := c.recv(c.sub); ; m = c.recv(c.sub) {
		if m.kind() == "stream" && m.topic == "stream.stdout" {
			break
		}
	}
	c.send(c.control, "interrupt_request", object{})
	if reply := c.recv(c.shell); reply.Content["ename"] != "Interrupted" {
		t.Errorf("reply %v", reply.Content)
	}
	for m := c.recv(c.sub); m.parentID() != id || m.Content["execution_state"] != "idle"; m = c.recv(c.sub) {
	}
}

// Output of goroutines that outlive their cell belongs to it.
func TestBackground(t *testing.T) {
	k := startKernel(t, Options{})
	c := newClient(t, k)
	_, out := c.execute("print cell")
	id := out[0].parentID()
	k.engine.background(worker.Event{Kind: worker.EventStream, Stream: "stdout", Text: "later\n"})
	if m := c.recv(c.sub); m.kind() != "stream" || m.parentID() != id || m.Content["text"] != "later\n" {
		t.Errorf("received %s %v for %s", m.kind(), m.Content, m.parentID())
	}
	k.engine.background(worker.Event{Kind: worker.EventError, Error: &worker.Error{Name: "panic", Value: "in a goroutine"}})
	if m := c.recv(c.sub); m.kind() != "error" || m.parentID() != id {
		t.Errorf("received %s for %s", m.kind(), m.parentID())
	}
}
