package jupyter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"

	"arch2vec/native/aside"
)

// What a history keeps: the newest entries, in memory and in the file.
const (
	maxHistory     = 10_000
	maxHistoryFile = 16 << 20 // bytes read of a history file, from its end
	maxOutput      = 10_000   // bytes of a result kept for history with output
)

// entry is one executed cell: a line of the history file.
type entry struct {
	Session int    `json:"session"`
	Line    int    `json:"line"` // its execution count
	Code    string `json:"code"`

	output string // text of its result; this session only
}

// history is the cells executed in this session and in earlier ones. It may be
// used concurrently.
type history struct {
	mu      sync.Mutex
	session int
	entries []entry
	path    string
	file    *os.File // nil: this session's cells are not kept
}

// openHistory reads the history file at path and opens it for this session's
// cells. Without a path there is no file. The history is usable even if it comes
// with an error: it then keeps this session in memory.
//
// Several kernels share the file: each takes a session number of its own when it
// opens it, and writes every cell as one line at the end, under a lock.
func openHistory(path string) (*history, error) {
	h := &history{session: 1}
	if path == "" {
		return h, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return h, fmt.Errorf("jupyter: history: %w", err)
	}
	unlock, err := lock(path + ".lock")
	if err != nil {
		return h, fmt.Errorf("jupyter: history: %w", err)
	}
	defer unlock()
	text, err := readTail(path, maxHistoryFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return h, fmt.Errorf("jupyter: history: %w", err)
	}
	lines := 0
	for line := range bytes.Lines(text) {
		lines++
		var e entry
		if json.Unmarshal(line, &e) != nil {
			continue // cut off by a crash
		}
		h.session = max(h.session, e.Session+1)
		if e.Code != "" { // else it says that a session has begun
			h.entries = append(h.entries, e)
		}
	}
	h.trim()
	if lines > 2*maxHistory {
		if err := rewriteHistory(path, h.entries); err != nil {
			return h, err
		}
	}
	if err := h.open(path); err != nil {
		return h, err
	}
	begin := fmt.Sprintf("{\"session\":%d}\n", h.session)
	if len(text) > 0 && text[len(text)-1] != '\n' { // end the line that a crash cut off
		begin = "\n" + begin
	}
	_, err = h.file.WriteString(begin)
	return h, err
}

func (h *history) open(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("jupyter: history: %w", err)
	}
	h.path, h.file = path, f
	return nil
}

// reopen follows the file where another kernel has shortened it.
func (h *history) reopen() error {
	mine, err := h.file.Stat()
	if err != nil {
		return fmt.Errorf("jupyter: history: %w", err)
	}
	if there, err := os.Stat(h.path); err == nil && os.SameFile(mine, there) {
		return nil
	}
	if err := h.file.Close(); err != nil {
		return fmt.Errorf("jupyter: history: %w", err)
	}
	return h.open(h.path)
}

// lock holds a file that nobody else holds; the function that it returns lets go.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}

func readTail(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	start := max(0, info.Size()-limit)
	text := make([]byte, info.Size()-start)
	n, err := f.ReadAt(text, start)
	if n < len(text) && err != nil {
		return nil, err
	}
	return text, nil
}

// rewriteHistory shortens the file; other kernels that have it open notice.
func rewriteHistory(path string, entries []entry) error {
	err := aside.Write(path, 0o600, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		for _, e := range entries {
			if err := encoder.Encode(e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("jupyter: history: %w", err)
	}
	return nil
}

func (h *history) trim() {
	if extra := len(h.entries) - maxHistory; extra > 0 {
		h.entries = append([]entry(nil), h.entries[extra:]...)
	}
}

// add records a cell.
func (h *history) add(line int, code string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := entry{Session: h.session, Line: line, Code: code}
	h.entries = append(h.entries, e)
	if len(h.entries) > maxHistory+maxHistory/10 {
		h.trim()
	}
	if h.file == nil {
		return nil
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	unlock, err := lock(h.path + ".lock")
	if err != nil {
		return fmt.Errorf("jupyter: history: %w", err)
	}
	defer unlock()
	if err := h.reopen(); err != nil {
		return err
	}
	_, err = h.file.Write(append(text, '\n'))
	return err
}

// setOutput records the result of the cell that was added last.
func (h *history) setOutput(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.entries) > 0 && len(text) <= maxOutput {
		h.entries[len(h.entries)-1].output = text
	}
}

func (h *history) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		return nil
	}
	err := h.file.Close()
	h.file = nil
	return err
}

// historyRequest is the content of a history_request.
type historyRequest struct {
	Output  bool   `json:"output"`
	Access  string `json:"hist_access_type"` // "range", "tail" or "search"
	Session int    `json:"session"`          // range: 0 is this one, -1 the one before
	Start   int    `json:"start"`            // range: from this line
	Stop    *int   `json:"stop"`             // range: up to, not including
	N       *int   `json:"n"`                // tail, search: the last n
	Pattern string `json:"pattern"`          // search: a glob over the whole cell
	Unique  bool   `json:"unique"`           // search: each text once
}

// find selects entries, oldest first, in the protocol's form: (session, line,
// code) or, with output, (session, line, (code, output or null)).
func (h *history) find(r historyRequest) ([][]any, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []entry
	switch r.Access {
	case "range":
		session := r.Session
		if session <= 0 {
			session += h.session
		}
		for _, e := range h.entries {
			if e.Session == session && e.Line >= r.Start && (r.Stop == nil || e.Line < *r.Stop) {
				found = append(found, e)
			}
		}
	case "tail", "":
		found = last(h.entries, r.N)
	case "search":
		pattern, err := globPattern(r.Pattern)
		if err != nil {
			return nil, err
		}
		for _, e := range h.entries {
			if pattern.MatchString(e.Code) {
				found = append(found, e)
			}
		}
		if r.Unique {
			found = unique(found)
		}
		found = last(found, r.N)
	default:
		return nil, fmt.Errorf("jupyter: hist_access_type %q is not one of range, tail, search", r.Access)
	}
	rows := make([][]any, len(found))
	for i, e := range found {
		rows[i] = []any{e.Session, e.Line, e.Code}
		if r.Output {
			var output any
			if e.output != "" {
				output = e.output
			}
			rows[i][2] = []any{e.Code, output}
		}
	}
	return rows, nil
}

func last(entries []entry, n *int) []entry {
	if n == nil || *n < 0 || *n >= len(entries) {
		return entries
	}
	return entries[len(entries)-*n:]
}

// unique keeps the last of each text, in order.
func unique(entries []entry) []entry {
	newest := map[string]int{}
	for i, e := range entries {
		newest[e.Code] = i
	}
	var kept []entry
	for i, e := range entries {
		if newest[e.Code] == i {
			kept = append(kept, e)
		}
	}
	return kept
}

// globPattern compiles a glob: * and ? match any text, line ends included. An
// empty one matches everything.
func globPattern(glob string) (*regexp.Regexp, error) {
	if glob == "" {
		glob = "*"
	}
	if len(glob) > 4<<10 {
		return nil, errors.New("jupyter: the search pattern is longer than 4 KiB")
	}
	quoted := regexp.QuoteMeta(glob)
	quoted = strings.ReplaceAll(quoted, `\*`, `.*`)
	quoted = strings.ReplaceAll(quoted, `\?`, `.`)
	return regexp.Compile(`(?s)\A` + quoted + `\z`)
}
