package jupyter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func find(t *testing.T, h *history, r historyRequest) string {
	t.Helper()
	rows, err := h.find(r)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(rows)
}

func intp(n int) *int { return &n }

func TestHistoryRequests(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	for _, code := range []string{"value a1", "value b\nprint x", "value a2", "value a1"} {
		c.execute(code)
	}
	for _, test := range []struct {
		request object
		want    string
	}{
		{object{"hist_access_type": "tail", "n": 2}, "[[1 3 value a2] [1 4 value a1]]"},
		{object{"hist_access_type": "tail", "n": 1, "output": true}, "[[1 4 [value a1 a1]]]"},
		{object{"hist_access_type": "range", "session": 0, "start": 2, "stop": 4}, "[[1 2 value b\nprint x] [1 3 value a2]]"},
		{object{"hist_access_type": "range", "session": 1, "start": 4}, "[[1 4 value a1]]"},
		{object{"hist_access_type": "range", "session": 9}, "[]"},
		{object{"hist_access_type": "search", "pattern": "*a?"}, "[[1 1 value a1] [1 3 value a2] [1 4 value a1]]"},
		{object{"hist_access_type": "search", "pattern": "*a?", "unique": true}, "[[1 3 value a2] [1 4 value a1]]"},
		{object{"hist_access_type": "search", "pattern": "*b*x", "n": 1}, "[[1 2 value b\nprint x]]"},
		{object{"hist_access_type": "search", "pattern": "a.*"}, "[]"},
	} {
		reply, _ := c.history(test.request)
		if got := fmt.Sprint(reply.Content["history"]); got != test.want {
			t.Errorf("%v: %s, want %s", test.request, got, test.want)
		}
	}
}

func TestHistoryIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "history.jsonl")
	for session := 1; session <= 2; session++ {
		h, err := openHistory(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.add(1, fmt.Sprintf("x := %d", session)); err != nil {
			t.Fatal(err)
		}
		if err := h.close(); err != nil {
			t.Fatal(err)
		}
	}
	// A line that a crash cut off, and rubbish, are passed over.
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("rubbish\n{\"session\":3,\"li"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	h, err := openHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	if got := find(t, h, historyRequest{Access: "tail"}); got != "[[1 1 x := 1] [2 1 x := 2]]" {
		t.Errorf("history %s", got)
	}
	if got := find(t, h, historyRequest{Access: "range", Session: -1}); got != "[[2 1 x := 2]]" {
		t.Errorf("the session before: %s", got)
	}
	if err := h.add(1, "y"); err != nil || h.session != 3 {
		t.Errorf("session %d, %v", h.session, err)
	}
	again, err := openHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	if got := find(t, again, historyRequest{Access: "tail", N: intp(1)}); got != "[[3 1 y]]" {
		t.Errorf("after the cut line: %s", got)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	var b strings.Builder
	for i := range 2*maxHistory + 1 {
		fmt.Fprintf(&b, `{"session":1,"line":%d,"code":"x"}`+"\n", i)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := openHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	if len(h.entries) != maxHistory || h.entries[maxHistory-1].Line != 2*maxHistory {
		t.Errorf("%d entries, the last is line %d", len(h.entries), h.entries[len(h.entries)-1].Line)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != maxHistory+1 { // and this session's beginning
		t.Errorf("the file has %d lines, %v", strings.Count(string(text), "\n"), err)
	}
	for i := range maxHistory {
		if err := h.add(i, "y"); err != nil {
			t.Fatal(err)
		}
	}
	if len(h.entries) > maxHistory+maxHistory/10 {
		t.Errorf("%d entries in memory", len(h.entries))
	}
}

// A history that cannot be kept does not keep the kernel from working.
func TestHistoryUnavailable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, startKernel(t, Options{History: filepath.Join(file, "history")}))
	c.execute("value 1")
	reply, _ := c.history(object{"hist_access_type": "tail", "n": 5})
	if got := fmt.Sprint(reply.Content["history"]); got != "[[1 1 value 1]]" {
		t.Errorf("history %s", got)
	}
}

// Kernels that run at the same time have sessions of their own, and lose nothing
// when one of them shortens the file.
func TestHistoryIsShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	var kernels []*history
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range 8 {
		wg.Go(func() {
			h, err := openHistory(path)
			if err != nil {
				t.Error(err)
				return
			}
			for i := range 50 {
				if err := h.add(i+1, fmt.Sprintf("cell %d", i)); err != nil {
					t.Error(err)
				}
				if i == 25 && h.session == 3 { // as an opening kernel does
					unlock, err := lock(path + ".lock")
					if err != nil {
						t.Error(err)
						return
					}
					text, err := os.ReadFile(path)
					if err != nil {
						t.Error(err)
					}
					var all []entry
					for line := range bytes.Lines(text) {
						var e entry
						if err := json.Unmarshal(line, &e); err != nil {
							t.Error(err)
						}
						all = append(all, e)
					}
					if err := rewriteHistory(path, all); err != nil {
						t.Error(err)
					}
					unlock()
				}
			}
			mu.Lock()
			defer mu.Unlock()
			kernels = append(kernels, h)
		})
	}
	wg.Wait()
	sessions := map[int]bool{}
	for _, h := range kernels {
		sessions[h.session] = true
		if err := h.close(); err != nil {
			t.Error(err)
		}
	}
	if len(sessions) != 8 {
		t.Errorf("sessions %v", sessions)
	}
	lines := 0
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			t.Errorf("line %q: %v", line, err)
		} else if e.Code != "" {
			lines++
		}
	}
	if lines != 8*50 {
		t.Errorf("%d cells of 400 are in the file", lines)
	}
}
