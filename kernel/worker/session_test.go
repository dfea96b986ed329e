package worker

import (
	"context"
	"strings"
	"testing"
	"time"
)

func newSession(t *testing.T, opts Options) *Client {
	t.Helper()
	c, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// value returns the text of the cell's result.
func (r result) value() string {
	for _, e := range r.events {
		if e.Kind == EventResult {
			text, _ := e.Data.Data["text/plain"].(string)
			return text
		}
	}
	return ""
}

func TestSession(t *testing.T) {
	c := newSession(t, Options{})
	if got := succeed(t, c, "import \"strings\"\nvar _ = strings.ToUpper\nx := 41\nfmt.Println(\"hello\")"); got != "hello\n" {
		t.Errorf("printed %q", got)
	}
	if got := run(t, c, "x + 1").value(); got != "42" {
		t.Errorf("value %q", got)
	}
	r := runRequest(t, c, Request{Code: "x", Silent: true})
	if r.reply.Error != nil || r.value() != "" {
		t.Errorf("a silent cell showed %q, %+v", r.value(), r.reply.Error)
	}
	r = run(t, c, "var y int = \"a\"")
	if r.reply.Error == nil || r.reply.Error.Line != 1 {
		t.Errorf("type error: %+v", r.reply.Error)
	}
	r = run(t, c, "display.Display(display.HTML(\"<b>x</b>\"))")
	if len(r.events) == 0 || r.events[0].Kind != EventDisplay || r.events[0].Data.Data["text/html"] != "<b>x</b>" {
		t.Errorf("events %+v", r.events)
	}
	r = runRequest(t, c, Request{Code: "x = 7", Expressions: map[string]string{"good": "x*2", "bad": "nosuch", "void": "x = x"}})
	good, bad, void := r.reply.Expressions["good"], r.reply.Expressions["bad"], r.reply.Expressions["void"]
	if good.Error != nil || good.Data == nil || good.Data.Data["text/plain"] != "14" || bad.Error == nil || void.Error == nil {
		t.Errorf("expressions %+v", r.reply.Expressions)
	}
	com, err := c.Complete(context.Background(), "strings.Has", 11)
	if err != nil || len(com.Matches) == 0 || com.Matches[0].Text != "HasPrefix" {
		t.Errorf("completion %+v, %v", com, err)
	}
	if ins, err := c.Inspect(context.Background(), "x", 1, 0); err != nil || !ins.Found {
		t.Errorf("inspection %+v, %v", ins, err)
	}
	ask := func(context.Context, string, bool) (string, error) { return "Ada 36", nil }
	r = runRequest(t, c, Request{Code: "var name string\nvar age int\nfmt.Scan(&name, &age)\nfmt.Println(name, age)", Input: ask})
	if r.reply.Error != nil || r.text("stdout") != "Ada 36\n" {
		t.Errorf("printed %q, %+v", r.text("stdout"), r.reply.Error)
	}
	r = run(t, c, "fmt.Print(\"a\")\nprintln(\"b\")\nfmt.Print(\"c\")\nlog.SetFlags(0)\nlog.Print(\"d\")\nfmt.Print(\"e\")")
	var all string
	for _, e := range r.events {
		all += e.Text
	}
	if r.reply.Error != nil || all != "imported log\nab\ncd\ne" {
		t.Errorf("printed %q, %+v", all, r.reply.Error)
	}
}

// Cells that stop when they are asked keep their variables.
func TestSessionInterrupt(t *testing.T) {
	c := newSession(t, Options{Grace: time.Minute})
	succeed(t, c, "x := 5")
	for _, code := range []string{"for {\n}", "time.Sleep(time.Hour)", "select {}", "<-make(chan int)", "<-display.Context().Done()"} {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		r, err := c.Execute(ctx, Request{Code: code}, func(Event) {})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if code != "<-display.Context().Done()" && (r.Error == nil || r.Error.Name != "Interrupted") {
			t.Errorf("%s: %+v", code, r.Error)
		}
		if got := run(t, c, "x").value(); got != "5" {
			t.Errorf("after %q x is %q", code, got)
		}
	}
}

func TestSessionDeath(t *testing.T) {
	c := newSession(t, Options{})
	for _, tc := range []struct{ code, value string }{
		{"os.Exit(3)", "exit status 3"},
		{"log.Fatal(\"bad\")", "exit status 1"},
		{"go func() { panic(\"boom\") }()\ntime.Sleep(time.Second)", "boom"},
		{"func f(n int) int { return f(n+1) + 1 }\nf(0)", "stack"},
		{"syscall.Kill(os.Getpid(), syscall.SIGKILL)", "SIGKILL"},
	} {
		succeed(t, c, "x := 5")
		r := run(t, c, tc.code)
		if r.reply.Error == nil || !strings.Contains(r.reply.Error.Value, tc.value) {
			t.Errorf("%s: %+v", tc.code, r.reply.Error)
		}
		if got := run(t, c, "1 + 1").value(); got != "2" {
			t.Errorf("after %s: %q", tc.code, got)
		}
	}
}
