package worker

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// exitState is how a worker ended.
type exitState struct {
	code   int // -1 where a signal ended it
	signal syscall.Signal
	err    error
}

func describeExit(state *os.ProcessState, err error) exitState {
	if err != nil || state == nil {
		return exitState{code: -1, err: err}
	}
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return exitState{code: -1, signal: ws.Signal()}
	}
	return exitState{code: state.ExitCode()}
}

// traceLines bounds the crash report in an error. The whole report is in the
// cell's stderr.
const traceLines = 24

// failure is the error of the cell that ran when its process ended; errText is
// the end of what the process wrote to standard error.
func (e exitState) failure(errText string) *Error {
	report := crashReport(errText)
	var why string
	switch {
	case report != nil:
		why = strings.TrimPrefix(report[0], "runtime: ")
	case e.signal == syscall.SIGKILL:
		why = "it was killed (SIGKILL or SIGTERM), by somebody or by the system for want of memory"
	case e.signal != 0:
		why = fmt.Sprintf("it was ended by a signal (%v)", e.signal)
	case e.err != nil:
		why = e.err.Error()
	default:
		why = fmt.Sprintf("os.Exit(%d) or log.Fatal: exit status %d", e.code, e.code)
	}
	value := "the cell's process ended: " + why + "; variables are lost"
	trace := []string{value}
	trace = append(trace, report[:min(len(report), traceLines)]...)
	if len(report) > traceLines {
		trace = append(trace, fmt.Sprintf("... %d more lines", len(report)-traceLines))
	}
	return &Error{Name: "WorkerDied", Value: value, Traceback: trace}
}

// crashReport finds the runtime's report of a crash at the end of text.
func crashReport(text string) []string {
	start := -1
	for _, opening := range []string{"panic: ", "fatal error: ", "runtime: goroutine stack exceeds", "unexpected fault address",
		"SIGSEGV: ", "SIGBUS: ", "SIGABRT: ", "SIGQUIT: "} {
		if strings.HasPrefix(text, opening) {
			start = 0
			break
		}
		// The first one: a panic's trace may hold the word again.
		if i := strings.Index(text, "\n"+opening); i >= 0 && (start < 0 || i+1 < start) {
			start = i + 1
		}
	}
	if start < 0 {
		return nil
	}
	return strings.Split(strings.TrimRight(text[start:], "\n"), "\n")
}

// tail keeps the last bytes written to it.
type tail struct{ b []byte }

const tailSize = 64 << 10

func (t *tail) write(p []byte) {
	if len(p) >= tailSize {
		t.b = append(t.b[:0], p[len(p)-tailSize:]...)
		return
	}
	t.b = append(t.b, p...)
	if len(t.b) > 2*tailSize {
		t.b = append(t.b[:0], t.b[len(t.b)-tailSize:]...)
	}
}

func (t *tail) String() string { return string(t.b[max(0, len(t.b)-tailSize):]) }
