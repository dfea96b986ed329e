package jupyter

import "testing"

func TestPageRequest(t *testing.T) {
	for code, want := range map[string]struct {
		name   string
		detail int
	}{
		"fmt.Println?": {"fmt.Println", 0}, " ?x ": {"x", 0}, "x??": {"x", 1}, "??pkg.T": {"pkg.T", 1},
		"input name?": {}, "?x?": {}, "": {}, "?": {}, "x": {}, "a ? b": {}, "x := `?": {}, "// why?\nx": {}, "\"?\"": {},
	} {
		if name, detail, ok := pageRequest(code); name != want.name || detail != want.detail || ok != (want.name != "") {
			t.Errorf("%q: %q, %d, %v", code, name, detail, ok)
		}
	}
}

func TestPager(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	reply, _ := c.execute("print?")
	payload, _ := reply.Content["payload"].([]any)
	if len(payload) != 1 || payload[0].(object)["source"] != "page" || payload[0].(object)["data"].(object)["text/plain"] == nil {
		t.Errorf("payload %v", payload)
	}
	if reply, out := c.execute("nosuch?"); reply.Content["status"] != "ok" || text(out, "stderr") == "" {
		t.Errorf("reply %v, output %v", reply.Content, kinds(out))
	}
}
