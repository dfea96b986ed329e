package worker

import (
	"os"
	"os/exec"
	"syscall"
)

// pipe is both ends of one.
type pipe struct{ r, w *os.File }

// pipes connect the front with one worker.
type pipes struct{ requests, messages, stdout, stderr pipe }

// pipeSize lets a worker that prints run on while the front is busy.
const pipeSize = 1 << 20

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

// grow is best effort: the system may have less to give.
func grow(f *os.File) {
	c, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = c.Control(func(fd uintptr) {
		_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_SETPIPE_SZ, pipeSize)
	})
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

// isolate gives the worker a process group of its own, so that Ctrl-C at the
// terminal reaches the front alone and the worker ends with all its children,
// and has the system end it when the front dies.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

func killProcessGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }
