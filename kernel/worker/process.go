package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

// process is one worker process as the front sees it.
type process struct {
	cmd      *exec.Cmd
	requests *os.File
	held     *held // what the worker has printed and not yet written
	nonce    string
	items    chan item     // what its three pipes and its end bring, to the merger
	gone     chan struct{} // closed when it has ended and all it sent was emitted
	down     chan struct{} // closed as soon as it cannot serve any more
	downOnce sync.Once

	mu       sync.Mutex // guards the fields below and writes to requests
	nextID   uint64
	calls    map[uint64]chan message
	comms    map[string]bool // that are open
	running  *execution
	asked    time.Time // the running cell was first interrupted; zero: not yet
	reason   *Error    // why the front killed it
	reaped   bool      // its number may belong to another process
	finished bool      // it takes no more cells
	died     bool      // by itself, and no cell has been told
}

// execution is one running cell.
type execution struct {
	id     uint64
	req    Request
	emit   func(Event)
	ctx    context.Context // ends with the cell
	cancel context.CancelFunc
	done   chan Reply
}

var errDown = errors.New("worker: the process has ended")

// writeTimeout bounds a write to a worker that does not read, as when it was
// stopped by a signal. Its pipe has room for any ordinary cell.
const writeTimeout = 5 * time.Second

func start(opts Options, background func(Event)) (*process, error) {
	pipes, err := openPipes()
	if err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	cmd := exec.Command(opts.Path, opts.Args...)
	cmd.Dir = opts.Dir
	cmd.Env = append(os.Environ(), opts.Env...)
	cmd.Stdout, cmd.Stderr = pipes.stdout.w, pipes.stderr.w
	held, memory, err := newHeld()
	if err != nil {
		pipes.closeChildEnds()
		pipes.closeFrontEnds()
		return nil, err
	}
	defer memory.Close()
	cmd.ExtraFiles = []*os.File{pipes.requests.r, pipes.messages.w, memory}
	isolate(cmd)
	err = cmd.Start()
	pipes.closeChildEnds()
	if err != nil {
		pipes.closeFrontEnds()
		held.close()
		return nil, fmt.Errorf("worker: start: %w", err)
	}
	p := &process{
		cmd:      cmd,
		held:     held,
		requests: pipes.requests.w,
		nonce:    newNonce(),
		items:    make(chan item, 16),
		gone:     make(chan struct{}),
		down:     make(chan struct{}),
		calls:    map[uint64]chan message{},
		comms:    map[string]bool{},
	}
	outKick, errKick := make(chan struct{}, 1), make(chan struct{}, 1)
	go p.readStream(stdout, pipes.stdout.r, outKick)
	go p.readStream(stderr, pipes.stderr.r, errKick)
	go p.readMessages(pipes.messages.r, outKick, errKick)
	go p.wait(pipes)
	go p.watchMemory(opts.MemoryLimit)
	go newMerger(p, background).run()
	// Fails only where the worker is dead already, which is noticed elsewhere.
	_ = p.send(request{Op: opHello, Hello: &hello{Nonce: p.nonce, MemoryLimit: opts.MemoryLimit}})
	return p, nil
}

// wait reaps the process and sees to it that the readers end.
func (p *process) wait(pipes *pipes) {
	// cmd.Wait would be the same here: the pipes are ours.
	state, err := p.cmd.Process.Wait()
	p.setDown()
	p.mu.Lock()
	killProcessGroup(p.cmd.Process.Pid)
	p.reaped = true
	_ = p.requests.Close()
	p.mu.Unlock()
	// A program that left the group may hold the pipes open; what the worker
	// wrote is in them already.
	deadline := time.Now().Add(500 * time.Millisecond)
	for _, f := range []*os.File{pipes.stdout.r, pipes.stderr.r, pipes.messages.r} {
		_ = f.SetReadDeadline(deadline)
	}
	p.items <- item{kind: itemExit, exit: describeExit(state, err)}
}

func (p *process) setDown() { p.downOnce.Do(func() { close(p.down) }) }

func (p *process) ended() bool {
	select {
	case <-p.down:
		return true
	default:
		return false
	}
}

// send writes a request. A worker that does not take it is killed, since half
// a request may be in the pipe.
func (p *process) send(r request) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sendLocked(r)
}

func (p *process) sendLocked(r request) error {
	line, err := encodeLine(r)
	if err != nil {
		return err
	}
	_ = p.requests.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := p.requests.Write(line); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			p.killLocked(&Error{Name: "WorkerDied", Value: "the worker took no request for 5 s and was replaced; variables are lost"})
		}
		return errDown
	}
	return nil
}

// execute starts a cell. It reports false when the process has ended before;
// otherwise x.done gets a reply, whatever happens.
func (p *process) execute(x *execution) bool {
	p.mu.Lock()
	if p.finished {
		p.mu.Unlock()
		return false
	}
	p.nextID++
	x.id = p.nextID
	p.running, p.asked = x, time.Time{}
	// Under the same lock, so that an interrupt comes after it.
	err := p.sendLocked(request{Op: opExecute, ID: x.id, Cell: &x.req})
	p.mu.Unlock()
	// A dead worker's merger answers; that a cell is too long to send, it must be told.
	if err != nil && !errors.Is(err, errDown) {
		p.items <- item{kind: itemMessage, message: message{Op: opExecute, ID: x.id, Failure: err.Error()}}
	}
	return true
}

// call makes a request that has an answer of its own.
func (p *process) call(ctx context.Context, r request) (message, error) {
	answer := make(chan message, 1)
	p.mu.Lock()
	p.nextID++
	r.ID = p.nextID
	p.calls[r.ID] = answer
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.calls, r.ID)
		p.mu.Unlock()
	}()
	if err := p.send(r); err != nil {
		return message{}, err
	}
	select {
	case m := <-answer:
		return m, nil
	case <-p.down:
		return message{}, errDown
	case <-ctx.Done():
		return message{}, ctx.Err()
	}
}

// answer hands the reply of a call to its caller.
func (p *process) answer(m message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if answer := p.calls[m.ID]; answer != nil {
		answer <- m
		delete(p.calls, m.ID)
	}
}

// leastGrace is how long a cell has to end before a second interrupt takes its
// process: whoever presses the key twice in a row means it once.
const leastGrace = 500 * time.Millisecond

// interrupt cancels x, or the running cell where x is nil; the process of a
// cell that is interrupted again, or does not end in time, is killed.
func (p *process) interrupt(x *execution, grace time.Duration) {
	p.mu.Lock()
	running, first := p.running, p.asked
	if running == nil || x != nil && x != running {
		p.mu.Unlock()
		return
	}
	if first.IsZero() {
		p.asked = time.Now()
	} else {
		grace = min(grace, leastGrace-time.Since(first))
	}
	p.mu.Unlock()
	if first.IsZero() && p.send(request{Op: opInterrupt}) != nil {
		return
	}
	time.AfterFunc(grace, func() {
		p.mu.Lock()
		same := p.running == running
		p.mu.Unlock()
		if same {
			p.kill(&Error{Name: "Interrupted", Value: "interrupted; the cell did not stop, so its process was replaced and variables are lost"})
		}
	})
}

// kill ends the process; reason is what its running cell says.
func (p *process) kill(reason *Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killLocked(reason)
}

func (p *process) killLocked(reason *Error) {
	if p.reason == nil {
		p.reason = reason
	}
	p.setDown()
	if !p.reaped {
		killProcessGroup(p.cmd.Process.Pid)
	}
}

// stop closes the request pipe, at which the worker ends, and kills it when it
// does not.
func (p *process) stop() {
	p.mu.Lock()
	if p.reason == nil {
		p.reason = &Error{Name: "WorkerDied", Value: "the session was closed"}
	}
	_ = p.requests.Close()
	p.mu.Unlock()
	select {
	case <-p.gone:
	case <-time.After(time.Second):
		p.kill(nil)
	}
}

// answerInput asks the front end for a line and sends it to the worker. Where
// there is nobody to ask, or the user declines, the cell reads an end of file.
func (p *process) answerInput(x *execution, question message) {
	r := request{Op: opInput, ID: question.ID, Closed: true}
	if x != nil && x.req.Input != nil {
		if line, err := x.req.Input(x.ctx, question.Prompt, question.Password); err == nil {
			r.Line, r.Closed = line, false
		}
	}
	_ = p.send(r) // fails only where the worker has ended
}

// lost returns, once, why the process ended where no cell was told.
func (p *process) lost() *Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.died {
		return nil
	}
	p.died = false
	return p.reason
}
