package jupyter

import (
	"context"
	"regexp"

	"arch2vec/kernel/worker"
)

// A cell that is a name with a question mark before or behind it asks for
// documentation, as in IPython: "fmt.Println?", or "fmt.Println??" for more. The
// answer is a payload, which front ends show in their pager; no Go code ends so.

var pageForm = regexp.MustCompile(`^\s*(\?{0,2})\s*([\pL_][\pL\pN_.]*)\s*(\?{0,2})\s*$`)

// pageRequest takes such a cell apart.
func pageRequest(code string) (name string, detail int, ok bool) {
	m := pageForm.FindStringSubmatch(code)
	if m == nil || (m[1] == "") == (m[3] == "") {
		return "", 0, false
	}
	return m[2], len(m[1]+m[3]) - 1, true
}

// page is the engine's answer to such a cell.
func (s *Server) page(ctx context.Context, name string, detail int, emit func(worker.Event)) (worker.Reply, error) {
	found, err := s.options.Engine.Inspect(ctx, name, len(name), detail)
	if err != nil {
		return worker.Reply{}, err
	}
	if !found.Found {
		emit(worker.Event{Kind: worker.EventStream, Stream: "stderr", Text: "nothing is known of " + name + "\n"})
		return worker.Reply{}, nil
	}
	d := newDisplayContent(&found.Data)
	return worker.Reply{Payload: []map[string]any{{"source": "page", "data": d.Data, "start": 0}}}, nil
}
