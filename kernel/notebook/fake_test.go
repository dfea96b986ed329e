package notebook

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	kernel "arch2vec/kernel/display"
	"arch2vec/kernel/worker"
)

// fakeEngine runs scripted cells: each line of the code is looked up in steps.
type fakeEngine struct {
	steps      map[string]func(emit func(worker.Event))
	mu         sync.Mutex
	background func(worker.Event)
	ran        []worker.Request
}

func (f *fakeEngine) Execute(ctx context.Context, req worker.Request, emit func(worker.Event)) (worker.Reply, error) {
	f.ran = append(f.ran, req)
	for line := range strings.Lines(req.Code) {
		line = strings.TrimSpace(line)
		switch name, text, _ := strings.Cut(line, " "); name {
		case "print":
			emit(worker.Event{Kind: worker.EventStream, Stream: "stdout", Text: text + "\n"})
		case "warn":
			emit(worker.Event{Kind: worker.EventStream, Stream: "stderr", Text: text + "\n"})
		case "result":
			emit(worker.Event{Kind: worker.EventResult, Data: &kernel.Data{Data: kernel.MIMEMap{"text/plain": text}}})
		case "fail":
			e := &worker.Error{Name: "panic", Value: text, Traceback: []string{"\x1b[31mpanic: " + text + "\x1b[0m", "cell[1]:1:1"}, Line: 1}
			emit(worker.Event{Kind: worker.EventError, Error: e})
			return worker.Reply{Error: e}, nil
		case "failquietly":
			return worker.Reply{Error: &worker.Error{Name: "TypeError", Value: text}}, nil
		case "die":
			return worker.Reply{}, errors.New("worker is gone")
		case "hang":
			<-ctx.Done()
			return worker.Reply{Error: &worker.Error{Name: "Interrupted", Value: "interrupted"}}, nil
		case "sleep":
			time.Sleep(time.Millisecond)
		default:
			if step := f.steps[line]; step != nil {
				step(emit)
			}
		}
	}
	return worker.Reply{}, nil
}

func (f *fakeEngine) Background(emit func(worker.Event)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.background = emit
}

func (f *fakeEngine) late(e worker.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.background(e)
}

func (f *fakeEngine) Complete(context.Context, string, int) (worker.Completion, error) {
	return worker.Completion{}, nil
}
func (f *fakeEngine) Inspect(context.Context, string, int, int) (worker.Inspection, error) {
	return worker.Inspection{}, nil
}
func (f *fakeEngine) Interrupt() error              { return nil }
func (f *fakeEngine) Restart(context.Context) error { return nil }
func (f *fakeEngine) Close() error                  { return nil }
