package worker

import (
	"os"
	"syscall"
)

// pipe is both ends of one.
type pipe struct{ r, w *os.File }

// pipes connect the front with one worker.
type pipes struct{ requests, messages, stdout, stderr pipe }

func openPipes() (*pipes, error) {
	p := &pipes{}
	for _, q := range []*pipe{&p.requests, &p.messages, &p.stdout, &p.stderr} {
		var err error
		if q.r, q.w, err = os.Pipe(); err != nil {
			p.closeChildEnds()
			p.closeFrontEnds()
			return nil, err
		}
		grow(q.r)
	}
	return p, nil
}

func (p *pipes) closeChildEnds() { closeAll(p.requests.r, p.messages.w, p.stdout.w, p.stderr.w) }
func (p *pipes) closeFrontEnds() { closeAll(p.requests.w, p.messages.r, p.stdout.r, p.stderr.r) }

func closeAll(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close()
		}
	}
}

func killProcessGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }
