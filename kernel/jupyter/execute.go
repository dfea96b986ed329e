package jupyter

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"arch2vec/kernel/display"
	"arch2vec/kernel/worker"
)

// maxQueue bounds the cells that wait to be run.
const maxQueue = 10_000

// queue holds the execute requests in the order of their arrival.
type queue struct {
	mu     sync.Mutex
	more   *sync.Cond
	cells  []*request
	last   *request // the last that was added
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.more = sync.NewCond(&q.mu)
	return q
}

// add says whether there is room.
func (q *queue) add(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.cells) >= maxQueue {
		return false
	}
	q.cells, q.last = append(q.cells, r), r
	q.more.Signal()
	return true
}

// next waits for a request; nil: the queue is closed.
func (q *queue) next() *request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.cells) == 0 && !q.closed {
		q.more.Wait()
	}
	if q.closed {
		return nil
	}
	r := q.cells[0]
	q.cells[0] = nil
	q.cells = q.cells[1:]
	return r
}

// takeAll empties the queue.
func (q *queue) takeAll() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.cells
	q.cells = nil
	return all
}

// newest is the request that was added last, nil for none.
func (q *queue) newest() *request {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.last
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.more.Broadcast()
}

// executeRequest is the content of an execute_request.
type executeRequest struct {
	Code        string            `json:"code"`
	Silent      bool              `json:"silent"`
	Store       *bool             `json:"store_history"`
	Expressions map[string]string `json:"user_expressions"`
	AllowStdin  *bool             `json:"allow_stdin"`
	StopOnError *bool             `json:"stop_on_error"`
}

// or gives the value of an optional flag.
func or(flag *bool, otherwise bool) bool {
	if flag == nil {
		return otherwise
	}
	return *flag
}

// abortDelay is how long the reply to a failed cell is held back. The requests
// that a front end sent in one go ("run all") are a little apart when they arrive;
// those that arrive before the reply is sent are aborted, and a client that waits
// for the reply before it sends the next is never hit.
const abortDelay = 30 * time.Millisecond

// runCells is the loop that executes cells, until the queue is closed.
func (s *Server) runCells(ctx context.Context) {
	count := 0 // execution counter
	for r := s.cells.next(); r != nil; r = s.cells.next() {
		s.out.begin(r.raw, true)
		content, abort := s.execute(ctx, r, &count)
		var aborted []*request
		if abort {
			select {
			case <-time.After(abortDelay):
			case <-ctx.Done():
			}
			aborted = s.cells.takeAll()
		}
		s.reply(r, "execute_reply", content)
		s.out.end(r.raw, true)
		close(r.done)
		s.abort(aborted, count)
	}
	s.abort(s.cells.takeAll(), count)
}

func (s *Server) abort(cells []*request, count int) {
	for _, r := range cells {
		s.answer(r, func() any {
			return map[string]any{"status": "aborted", "execution_count": count}
		})
		close(r.done)
	}
}

// executeReply is the content of an execute_reply.
type executeReply struct {
	Status      string           `json:"status"`
	Count       int              `json:"execution_count"`
	Expressions map[string]any   `json:"user_expressions"`
	Payload     []map[string]any `json:"payload"`
	*failure
}

// failure is what a reply says of an error beside its status.
type failure struct {
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

// execute runs one cell, counting it when it is stored. It gives the reply, and
// whether the cells that wait must be aborted.
func (s *Server) execute(ctx context.Context, r *request, count *int) (content any, abort bool) {
	var c executeRequest
	if err := unmarshalObject(r.content, &c); err != nil {
		return refusal("ValueError", err), false
	}
	reply := executeReply{Status: "ok", Count: *count, Expressions: map[string]any{}, Payload: []map[string]any{}}
	blank := strings.TrimSpace(c.Code) == ""
	number := *count + 1
	kept := func() {}
	if !c.Silent {
		s.out.publish("execute_input", r.raw, map[string]any{"code": c.Code, "execution_count": number})
		if or(c.Store, true) && !blank {
			*count = number
			reply.Count = number
			kept = s.keep(number, c.Code)
		}
	}
	if blank && len(c.Expressions) == 0 {
		return reply, false
	}

	run := &execution{number: number, silent: c.Silent}
	request := worker.Request{Code: c.Code, Count: number, Silent: c.Silent, Expressions: c.Expressions}
	if or(c.AllowStdin, true) {
		request.AllowInput = true
		request.Input = func(inner context.Context, prompt string, password bool) (string, error) {
			inner, cancel := context.WithCancel(inner)
			defer cancel()
			defer context.AfterFunc(ctx, cancel)()
			return s.askInput(inner, r, prompt, password)
		}
	}
	result, err := s.evaluate(ctx, request, func(e worker.Event) { s.show(ctx, r.raw, e, run) })
	if err != nil && result.Error == nil {
		result.Error = &worker.Error{Name: "EngineError", Value: err.Error(), Traceback: []string{"EngineError: " + err.Error()}}
	}
	kept()
	if result.Payload != nil {
		reply.Payload = result.Payload
	}
	for name, e := range result.Expressions {
		reply.Expressions[name] = expressionContent(e)
	}
	if run.result != "" && reply.Count == number {
		s.history.setOutput(run.result)
	}
	if result.Error == nil {
		return reply, false
	}
	if !run.failed { // the engine left it to us
		s.out.publish("error", r.raw, newErrorContent("", result.Error))
	}
	e := newErrorContent("error", result.Error)
	reply.Status, reply.failure = e.Status, &failure{e.Name, e.Value, e.Traceback}
	return reply, or(c.StopOnError, true)
}

// keep writes a cell to the history while it runs; the function that it returns
// waits until that is done.
func (s *Server) keep(number int, code string) (wait func()) {
	var done sync.WaitGroup
	done.Go(func() {
		if err := s.history.add(number, code); err != nil {
			s.log.Warn("the cell is not kept in the history", "error", err)
		}
	})
	return done.Wait
}

func (s *Server) evaluate(ctx context.Context, r worker.Request, emit func(worker.Event)) (worker.Reply, error) {
	if name, detail, ok := pageRequest(r.Code); ok {
		return s.page(ctx, name, detail, emit)
	}
	return s.options.Engine.Execute(ctx, r, emit)
}

func expressionContent(e worker.ExpressionReply) any {
	if e.Error != nil {
		return newErrorContent("error", e.Error)
	}
	d := newDisplayContent(e.Data)
	return map[string]any{"status": "ok", "data": d.Data, "metadata": d.Metadata}
}

// execution is what the events of a running cell leave behind.
type execution struct {
	number int
	silent bool
	failed bool   // an error was shown
	result string // text of its value
}

// show publishes an event; run is nil for those that arrive after their cell.
func (s *Server) show(ctx context.Context, parent json.RawMessage, e worker.Event, run *execution) {
	switch e.Kind {
	case worker.EventStream:
		if !s.out.print(e.Stream, parent, e.Text) {
			return // gathered: nothing was sent that a reader could be late with
		}
	case worker.EventDisplay:
		s.out.publish("display_data", parent, newDisplayContent(e.Data))
	case worker.EventUpdate:
		s.out.publish("update_display_data", parent, newDisplayContent(e.Data))
	case worker.EventClear:
		s.out.publish("clear_output", parent, map[string]any{"wait": e.Wait})
	case worker.EventResult:
		if run == nil || run.silent || e.Data == nil {
			return
		}
		d := newDisplayContent(e.Data)
		run.result, _ = d.Data[display.MIMETypeText].(string)
		s.out.publish("execute_result", parent, map[string]any{
			"execution_count": run.number, "data": d.Data, "metadata": d.Metadata, "transient": d.Transient,
		})
	case worker.EventError:
		if e.Error == nil {
			return
		}
		if run != nil {
			run.failed = true
		}
		s.out.publish("error", parent, newErrorContent("", e.Error))
	case worker.EventComm:
		if e.Comm == nil {
			return
		}
		s.publishFrame(parent, *e.Comm)
	default:
		s.log.Debug("event of an unknown kind", "kind", e.Kind)
		return
	}
	s.pub.Pace(ctx, iopubBacklog)
}
