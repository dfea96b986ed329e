package jupyter

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"arch2vec/kernel/worker"
)

// dispatch takes a request from the shell or control socket. It does not wait for
// the engine, so that an interrupt is heard at once.
func (s *Server) dispatch(r *request) {
	switch r.header.Type {
	case "execute_request":
		if !s.cells.add(r) {
			s.answer(r, func() any { return refusal("QueueFull", errors.New("too many cells wait to be run")) })
		}
	case "complete_request", "inspect_request":
		select {
		case s.questions <- question{r, s.cells.newest()}:
		default:
			s.answer(r, func() any { return refusal("QueueFull", errors.New("too many requests wait for an answer")) })
		}
	case "interrupt_request":
		// The engine may take its time; a second interrupt must not wait for it.
		s.wg.Go(func() { s.answer(r, s.interrupt) })
	case "shutdown_request":
		s.shutdown(r)
	case "comm_open", "comm_msg", "comm_close":
		select {
		case s.frames <- question{r, s.cells.newest()}:
		default:
			s.log.Debug("message on a comm dropped: too many wait")
		}
	case "kernel_info_request":
		s.awaitSubscriber()
		s.answer(r, func() any { return s.kernelInfo() })
	default:
		s.answer(r, func() any { return s.information(r) })
	}
}

// subscriberPatience is longer than libzmq waits to connect a socket again.
const subscriberPatience = 150 * time.Millisecond

// awaitSubscriber lets the front end that asks first connect its iopub socket,
// too: it would miss the status that it waits for before it counts the kernel
// as ready.
func (s *Server) awaitSubscriber() {
	s.greeting.Do(func() {
		select {
		case <-s.pub.Subscribed():
		case <-time.After(subscriberPatience):
		}
	})
}

// answer surrounds a request with busy and idle, and sends its reply.
func (s *Server) answer(r *request, content func() any) {
	s.out.begin(r.raw, false)
	s.reply(r, replyType(r.header.Type), content())
	s.out.end(r.raw, false)
}

func replyType(request string) string {
	return strings.TrimSuffix(request, "_request") + "_reply"
}

// information answers what needs no engine.
func (s *Server) information(r *request) any {
	switch r.header.Type {
	case "is_complete_request":
		var c struct {
			Code string `json:"code"`
		}
		if err := unmarshalObject(r.content, &c); err != nil {
			return refusal("ValueError", err)
		}
		return s.isComplete(c.Code)
	case "history_request":
		var c historyRequest
		if err := unmarshalObject(r.content, &c); err != nil {
			return refusal("ValueError", err)
		}
		rows, err := s.history.find(c)
		if err != nil {
			return refusal("ValueError", err)
		}
		return map[string]any{"status": "ok", "history": rows}
	case "comm_info_request":
		return s.commInfo(r)
	case "debug_request":
		var c struct {
			Seq     int    `json:"seq"`
			Command string `json:"command"`
		}
		_ = unmarshalObject(r.content, &c)
		// A response of the Debug Adapter Protocol.
		return map[string]any{
			"type": "response", "request_seq": c.Seq, "command": c.Command,
			"success": false, "message": "this kernel has no debugger", "body": struct{}{},
		}
	default:
		s.log.Debug("unknown request", "type", r.header.Type)
		return refusal("UnknownMessage", fmt.Errorf("message type %q is not known here", r.header.Type))
	}
}

func (s *Server) kernelInfo() any {
	version, _, _ := strings.Cut(strings.TrimPrefix(runtime.Version(), "go"), " ")
	return map[string]any{
		"status":                 "ok",
		"protocol_version":       protocolVersion,
		"implementation":         "arch2vec",
		"implementation_version": s.options.Version,
		"language_info": map[string]any{
			"name":            "go",
			"version":         version,
			"mimetype":        "text/x-go",
			"file_extension":  ".go",
			"pygments_lexer":  "go",
			"codemirror_mode": "go",
		},
		"banner":   s.options.Banner,
		"debugger": false,
		"help_links": []map[string]string{
			{"text": "Go language", "url": "https://go.dev/ref/spec"},
			{"text": "Go standard library", "url": "https://pkg.go.dev/std"},
			{"text": "Gonum", "url": "https://pkg.go.dev/gonum.org/v1/gonum"},
		},
		"supported_features": []string{},
	}
}

func (s *Server) isComplete(code string) any {
	status, indent := "unknown", ""
	if s.options.IsComplete != nil {
		status, indent = s.options.IsComplete(code)
	}
	if status != "incomplete" {
		return map[string]any{"status": status}
	}
	return map[string]any{"status": status, "indent": indent}
}

func (s *Server) interrupt() any {
	if err := s.options.Engine.Interrupt(); err != nil {
		return refusal("InterruptError", err)
	}
	return map[string]any{"status": "ok"}
}

// shutdown replies first, and on iopub too, for other front ends to know; then
// everything ends. A restart is the front end's business: it starts a new kernel.
func (s *Server) shutdown(r *request) {
	var c struct {
		Restart bool `json:"restart"`
	}
	_ = unmarshalObject(r.content, &c)
	content := map[string]any{"status": "ok", "restart": c.Restart}
	s.answer(r, func() any { return content })
	s.out.publish("shutdown_reply", r.raw, content)
	s.stop()
}

// question is a request that the engine answers beside the running cell. after is
// the cell that was requested last before it, nil for none.
type question struct {
	*request
	after *request
}

const (
	maxQuestions = 1000 // that wait
	// A question that follows a cell is about what the cell defines: it waits
	// until the cell has had that long since it was requested.
	questionPatience = 100 * time.Millisecond
	questionLimit    = 10 * time.Second
)

func (s *Server) answerQuestions(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case q := <-s.questions:
			if q.after != nil {
				q.after.wait(ctx, time.Until(q.after.since.Add(questionPatience)))
			}
			ctx, cancel := context.WithTimeout(ctx, questionLimit)
			s.answer(q.request, func() any { return s.ask(ctx, q.request) })
			cancel()
		}
	}
}

func (s *Server) ask(ctx context.Context, r *request) any {
	var c struct {
		Code   string `json:"code"`
		Cursor *int   `json:"cursor_pos"`
		Detail int    `json:"detail_level"`
	}
	if err := unmarshalObject(r.content, &c); err != nil {
		return refusal("ValueError", err)
	}
	cursor := len(c.Code)
	if c.Cursor != nil {
		cursor = byteOffset(c.Code, *c.Cursor)
	}
	if r.header.Type == "inspect_request" {
		found, err := s.options.Engine.Inspect(ctx, c.Code, cursor, c.Detail)
		if err != nil {
			return refusal("EngineError", err)
		}
		d := newDisplayContent(&found.Data)
		return map[string]any{"status": "ok", "found": found.Found, "data": d.Data, "metadata": d.Metadata}
	}
	completion, err := s.options.Engine.Complete(ctx, c.Code, cursor)
	if err != nil {
		return refusal("EngineError", err)
	}
	return completionContent(c.Code, cursor, completion)
}

func completionContent(code string, cursor int, c worker.Completion) any {
	if len(c.Matches) == 0 {
		c.Start, c.End = cursor, cursor
	}
	start, end := pointOffset(code, c.Start), pointOffset(code, c.End)
	texts, typed := []string{}, []map[string]any{}
	for _, m := range c.Matches {
		texts = append(texts, m.Text)
		typed = append(typed, map[string]any{
			"start": start, "end": end, "text": m.Text, "type": m.Kind, "signature": m.Signature,
		})
	}
	return map[string]any{
		"status": "ok", "matches": texts, "cursor_start": start, "cursor_end": end,
		// JupyterLab and VS Code draw the kind of each match from this.
		"metadata": map[string]any{"_jupyter_types_experimental": typed},
	}
}
