package jupyter

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"arch2vec/kernel/display"
	"arch2vec/kernel/worker"
)

// fakeEngine is a worker.Engine whose cells are lines of commands:
//
//	print TEXT, eprint TEXT   text and a line end on stdout, stderr
//	flood N                   N lines of 100 bytes on stdout
//	value TEXT                the cell's value
//	display MIME TEXT         display_data with display_id "d"; update MIME TEXT replaces it
//	binary                    four bytes of image/png, and metadata that JSON cannot hold
//	clear                     clear_output with wait
//	input PROMPT              asks, and prints the answer; password PROMPT
//	block                     until it is interrupted
//	fail TEXT                 ends in an error, which the engine shows; quietly TEXT: which it does not
//	break                     the engine itself fails
type fakeEngine struct {
	mu          sync.Mutex
	interrupt   chan struct{} // not nil while a cell runs
	interrupted int
	background  func(worker.Event)
	requests    []worker.Request
	running     bool
	closed      chan struct{}
	closeOnce   sync.Once
}

func newFakeEngine() *fakeEngine { return &fakeEngine{closed: make(chan struct{})} }

func (e *fakeEngine) Execute(ctx context.Context, req worker.Request, emit func(worker.Event)) (worker.Reply, error) {
	e.mu.Lock()
	if e.running {
		e.mu.Unlock()
		return worker.Reply{}, errors.New("two cells at a time")
	}
	e.running = true
	interrupt := make(chan struct{})
	e.interrupt = interrupt
	e.requests = append(e.requests, req)
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		e.running, e.interrupt = false, nil
		e.mu.Unlock()
	}()
	failure := func(name, value string) *worker.Error {
		return &worker.Error{Name: name, Value: value, Traceback: []string{name + ": " + value, "  cell[" + strconv.Itoa(req.Count) + "]:1:1"}}
	}
	for line := range strings.Lines(req.Code) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch name {
		case "":
		case "print":
			emit(worker.Event{Kind: worker.EventStream, Stream: "stdout", Text: rest + "\n"})
		case "eprint":
			emit(worker.Event{Kind: worker.EventStream, Stream: "stderr", Text: rest + "\n"})
		case "flood":
			n, _ := strconv.Atoi(rest)
			for i := range n {
				emit(worker.Event{Kind: worker.EventStream, Stream: "stdout", Text: fmt.Sprintf("%099d\n", i)})
			}
		case "value":
			if !req.Silent {
				emit(worker.Event{Kind: worker.EventResult, Data: &display.Data{Data: display.MIMEMap{"text/plain": rest}}})
			}
		case "display", "update":
			mime, text, _ := strings.Cut(rest, " ")
			kind := map[string]worker.EventKind{"display": worker.EventDisplay, "update": worker.EventUpdate}[name]
			emit(worker.Event{Kind: kind, Data: &display.Data{
				Data: display.MIMEMap{mime: text}, Transient: display.MIMEMap{"display_id": "d"}}})
		case "binary":
			emit(worker.Event{Kind: worker.EventDisplay, Data: &display.Data{
				Data:     display.MIMEMap{"image/png": []byte("\x89PNG"), "application/json": map[string]int{"a": 1}, "text/html": []byte("<b>")},
				Metadata: display.MIMEMap{"bad": func() {}}}})
		case "clear":
			emit(worker.Event{Kind: worker.EventClear, Wait: true})
		case "input", "password":
			if !req.AllowInput {
				return worker.Reply{Error: failure("InputError", "no input here")}, nil
			}
			ctx, cancel := context.WithCancel(ctx)
			go func() {
				select {
				case <-interrupt:
				case <-ctx.Done():
				}
				cancel()
			}()
			text, err := req.Input(ctx, rest, name == "password")
			cancel()
			if err != nil {
				return worker.Reply{Error: failure("InputError", err.Error())}, nil
			}
			emit(worker.Event{Kind: worker.EventStream, Stream: "stdout", Text: "read " + text + "\n"})
		case "block":
			select {
			case <-interrupt:
				return worker.Reply{Error: failure("Interrupted", "interrupted")}, nil
			case <-ctx.Done():
				return worker.Reply{Error: failure("Interrupted", "cancelled")}, nil
			case <-e.closed:
				return worker.Reply{Error: failure("WorkerDied", "closed")}, nil
			}
		case "fail":
			f := failure("Failure", rest)
			emit(worker.Event{Kind: worker.EventError, Error: f})
			return worker.Reply{Error: f}, nil
		case "quietly":
			return worker.Reply{Error: &worker.Error{Name: "Failure", Value: rest}}, nil
		case "break":
			return worker.Reply{}, errors.New("the worker cannot be started")
		default:
			return worker.Reply{Error: failure("SyntaxError", "unknown command "+name)}, nil
		}
	}
	reply := worker.Reply{Expressions: map[string]worker.ExpressionReply{}}
	for key, code := range req.Expressions {
		if code == "bad" {
			reply.Expressions[key] = worker.ExpressionReply{Error: failure("NameError", "bad")}
		} else {
			reply.Expressions[key] = worker.ExpressionReply{Data: &display.Data{Data: display.MIMEMap{"text/plain": code}}}
		}
	}
	return reply, nil
}

// Complete offers "print" for the word before the cursor.
func (e *fakeEngine) Complete(_ context.Context, code string, cursor int) (worker.Completion, error) {
	if code == "broken" {
		return worker.Completion{}, errors.New("no completion today")
	}
	start := cursor
	for start > 0 && code[start-1] != ' ' && code[start-1] != '\n' {
		start--
	}
	word := code[start:cursor]
	if !strings.HasPrefix("print", word) {
		return worker.Completion{}, nil
	}
	return worker.Completion{Matches: []worker.Match{{Text: "print", Kind: "function", Signature: "print(text)"}}, Start: start, End: cursor}, nil
}

func (e *fakeEngine) Inspect(_ context.Context, code string, cursor, detail int) (worker.Inspection, error) {
	if !strings.HasPrefix(code, "print") {
		return worker.Inspection{}, nil
	}
	return worker.Inspection{Found: true, Data: display.Data{Data: display.MIMEMap{"text/plain": fmt.Sprintf("print, at %d, detail %d", cursor, detail)}}}, nil
}

func (e *fakeEngine) Interrupt() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.interrupted++
	if e.interrupt != nil {
		close(e.interrupt)
		e.interrupt = nil
	}
	return nil
}

func (e *fakeEngine) Background(emit func(worker.Event)) { e.background = emit }

func (e *fakeEngine) Restart(context.Context) error { return nil }

func (e *fakeEngine) Close() error {
	e.closeOnce.Do(func() { close(e.closed) })
	return nil
}

func (e *fakeEngine) first() worker.Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.requests[0]
}

func (e *fakeEngine) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.requests)
}

// fakeIsComplete: a cell that ends in a brace wants more.
func fakeIsComplete(code string) (status, indent string) {
	switch {
	case strings.HasSuffix(code, "{"):
		return "incomplete", "\t"
	case strings.HasPrefix(code, ")"):
		return "invalid", ""
	}
	return "complete", ""
}
