package jupyter

import (
	"reflect"
	"testing"
	"time"
)

func TestKernelInfo(t *testing.T) {
	k := startKernel(t, Options{Banner: "hello", Version: "1.2"})
	c := newClient(t, k)
	reply, _ := c.ask("kernel_info_request", object{})
	r := reply.Content
	if r["status"] != "ok" || r["protocol_version"] != "5.4" || r["banner"] != "hello" || r["implementation_version"] != "1.2" {
		t.Errorf("reply %v", r)
	}
	info := r["language_info"].(object)
	for key, want := range map[string]any{"name": "go", "mimetype": "text/x-go", "file_extension": ".go", "pygments_lexer": "go", "codemirror_mode": "go"} {
		if info[key] != want {
			t.Errorf("%s is %v, want %v", key, info[key], want)
		}
	}
}

// Cursors count code points on the wire and bytes in the engine.
func TestCompleteAndInspect(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	code := "print äöü 😀\npr x"
	reply, _ := c.ask("complete_request", object{"code": code, "cursor_pos": 14}) // after "pr"
	want := object{
		"status": "ok", "matches": []any{"print"}, "cursor_start": 12.0, "cursor_end": 14.0,
		"metadata": object{"_jupyter_types_experimental": []any{
			object{"start": 12.0, "end": 14.0, "text": "print", "type": "function", "signature": "print(text)"}}},
	}
	if !reflect.DeepEqual(reply.Content, want) {
		t.Errorf("%v, want %v", reply.Content, want)
	}
	for cursor, at := range map[any]float64{nil: 16, -5: 0, 1000: 16} {
		content := object{"code": "print äöü 😀\npr z"}
		if cursor != nil {
			content["cursor_pos"] = cursor
		}
		reply, _ := c.ask("complete_request", content)
		if len(reply.Content["matches"].([]any)) == 0 && reply.Content["cursor_end"] != at {
			t.Errorf("cursor %v: %v, want %v", cursor, reply.Content["cursor_end"], at)
		}
	}
	if reply, _ := c.ask("complete_request", object{"code": "broken"}); reply.Content["status"] != "error" {
		t.Errorf("a failing engine: %v", reply.Content)
	}
	if reply, _ := c.ask("complete_request", object{"code": object{}}); reply.Content["status"] != "error" {
		t.Errorf("bad content: %v", reply.Content)
	}

	reply, _ = c.ask("inspect_request", object{"code": "print ä", "cursor_pos": 7, "detail_level": 1})
	if !reflect.DeepEqual(reply.Content, object{"status": "ok", "found": true, "data": object{"text/plain": "print, at 8, detail 1"}, "metadata": object{}}) {
		t.Errorf("inspect: %v", reply.Content)
	}
	reply, _ = c.ask("inspect_request", object{"code": "x", "cursor_pos": 1})
	if !reflect.DeepEqual(reply.Content, object{"status": "ok", "found": false, "data": object{}, "metadata": object{}}) {
		t.Errorf("inspect of nothing: %v", reply.Content)
	}
}

func TestInformation(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	for _, test := range []struct {
		kind    string
		content any
		want    object
	}{
		{"is_complete_request", object{"code": "print"}, object{"status": "complete"}},
		{"is_complete_request", object{"code": "if {"}, object{"status": "incomplete", "indent": "\t"}},
		{"is_complete_request", object{"code": ")"}, object{"status": "invalid"}},
		{"comm_info_request", object{}, object{"status": "ok", "comms": object{}}},
		{"debug_request", object{"type": "request", "seq": 7, "command": "initialize"}, object{
			"type": "response", "request_seq": 7.0, "command": "initialize", "success": false,
			"message": "this kernel has no debugger", "body": object{}}},
		{"interrupt_request", object{}, object{"status": "ok"}},
	} {
		if reply, _ := c.ask(test.kind, test.content); !reflect.DeepEqual(reply.Content, test.want) {
			t.Errorf("%s: %v, want %v", test.kind, reply.Content, test.want)
		}
	}
	for kind, content := range map[string]any{
		"nosuch_request":      object{},
		"is_complete_request": []int{1},
		"history_request":     object{"hist_access_type": "everything"},
	} {
		if reply, _ := c.ask(kind, content); reply.Content["status"] != "error" || reply.Content["evalue"] == "" {
			t.Errorf("%s: %v", kind, reply.Content)
		}
	}
}

func TestComm(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	out := c.output(c.send(c.shell, "comm_open", object{"comm_id": "c1", "target_name": "nobody", "data": object{}}))
	if len(out) != 1 || out[0].kind() != "comm_close" || out[0].Content["comm_id"] != "c1" {
		t.Errorf("comm_open was answered with %v", kinds(out))
	}
	if out := c.output(c.send(c.shell, "comm_msg", object{"comm_id": "c1", "data": object{}})); len(out) != 0 {
		t.Errorf("comm_msg was answered with %v", kinds(out))
	}
}

// Everything but cells is answered while a cell runs, on both channels, and front
// ends are reminded that the cell is busy.
func TestAnswersWhileACellRuns(t *testing.T) {
	k := startKernel(t, Options{})
	c := newClient(t, k)
	cell := c.send(c.shell, "execute_request", object{"code": "block"})
	for m := c.recv(c.sub); m.kind() != "execute_input"; m = c.recv(c.sub) {
	}
	for _, kind := range []string{"kernel_info_request", "complete_request", "inspect_request", "is_complete_request", "history_request", "comm_info_request"} {
		for _, channel := range []*socket{c.shell, c.control} {
			id := c.send(channel, kind, object{"code": "print"})
			if reply := c.recv(channel); reply.parentID() != id || reply.Content["status"] == "error" {
				t.Errorf("%s while a cell runs: %v", kind, reply.Content)
			}
			c.output(id)
			if m := c.recv(c.sub); m.parentID() != cell || m.Content["execution_state"] != "busy" {
				t.Errorf("after %s: %s %v of %s, want the cell's busy", kind, m.kind(), m.Content, m.parentID())
			}
		}
	}
	c.send(c.control, "interrupt_request", object{})
	if reply := c.recv(c.control); reply.Content["status"] != "ok" {
		t.Errorf("interrupt: %v", reply.Content)
	}
	if reply := c.recv(c.shell); reply.Content["ename"] != "Interrupted" || reply.parentID() != cell {
		t.Errorf("reply %v", reply.Content)
	}
}

// A cell that has long been running is not waited for again by every question.
func TestCompletionDoesNotWaitForALongCell(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	c.send(c.shell, "execute_request", object{"code": "block"})
	for m := c.recv(c.sub); m.kind() != "execute_input"; m = c.recv(c.sub) {
	}
	time.Sleep(questionPatience)
	begun := time.Now()
	const questions = 50
	for range questions {
		c.ask("complete_request", object{"code": "pr"})
	}
	if took := time.Since(begun); took > questions*questionPatience/2 {
		t.Errorf("%d completions took %v", questions, took)
	}
	c.send(c.control, "interrupt_request", object{})
}

// A completion that is sent right behind a cell is answered after it.
func TestCompletionFollowsCell(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	for range 20 {
		first := c.send(c.shell, "execute_request", object{"code": "value 1"})
		second := c.send(c.shell, "complete_request", object{"code": "pr"})
		for _, want := range []string{first, second} {
			if reply := c.recv(c.shell); reply.parentID() != want {
				t.Fatalf("reply to %s, want %s", reply.parentID(), want)
			}
		}
	}
}
