package worker

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// An interrupt ends interpreted code at once, and compiled code that looks at
// its context. A cell that has called any other compiled code is left behind by
// the interpreter, so that the session keeps its variables; whoever wonders why
// the machine is still busy is told.

// leftoverDelay is how long compiled code may take to notice.
const leftoverDelay = time.Second

// noteLeftover tells, after an interrupt, of a cell whose compiled code goes on.
func (w *server) noteLeftover(number int) {
	time.AfterFunc(leftoverDelay, func() {
		stacks := make([]byte, 1<<20)
		w.mu.Lock()
		defer w.mu.Unlock()
		goroutine, call := leftover(stacks[:runtime.Stack(stacks, true)], w.left)
		if call == "" {
			return
		}
		w.left = append(w.left, goroutine)
		fmt.Fprintf(w.out.stream(w.out.stderr),
			"cell[%d] was interrupted, but %s, which it called, does not stop: it goes on in the background until it is done or the kernel is restarted\n",
			number, call)
	})
}

// leftover finds an abandoned cell that is computing, other than the known ones,
// and gives its goroutine and the function that it called. One that sleeps or
// waits costs nothing and does not count.
func leftover(stacks []byte, known []string) (goroutine, function string) {
	for stack := range bytes.SplitSeq(stacks, []byte("\n\n")) {
		head, frames, _ := strings.Cut(string(stack), "\n")
		if !strings.Contains(head, "[running") && !strings.Contains(head, "[runnable") ||
			!strings.Contains(frames, "session.(*stopper).execute.func1(") {
			continue
		}
		goroutine, _, _ = strings.Cut(head, " [")
		if slices.Contains(known, goroutine) {
			continue
		}
		// The innermost frames, up to the interpreter's.
		for line := range strings.Lines(frames) {
			if strings.HasPrefix(line, "reflect.") || strings.Contains(line, "traefik/yaegi") {
				break
			}
			if !strings.HasPrefix(line, "\t") {
				function, _, _ = strings.Cut(line, "(0x")
				function = strings.TrimSuffix(strings.TrimSpace(function), "(...)")
			}
		}
		if function != "" {
			return goroutine, function
		}
	}
	return "", ""
}
