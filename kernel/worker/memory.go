package worker

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
	"time"
)

// A memory limit works on three levels. Near it the worker's runtime collects
// harder; when the worker has more in memory, the front ends it and says so; and
// what asks for far more at once is refused by the system. The limit of the
// system alone would not do: the runtime meets a refusal in the middle of its
// own work with a variety of crashes that do not speak of memory.

// limitMemory is the worker's part.
func limitMemory(limit int64) error {
	if limit <= 0 {
		return nil
	}
	debug.SetMemoryLimit(limit / 10 * 9)
	hard := 2*uint64(limit) + 256<<20
	r := syscall.Rlimit{Cur: hard, Max: hard}
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &r); err != nil {
		return fmt.Errorf("worker: memory limit: %w", err)
	}
	return nil
}

// Interpreted code makes much short-lived garbage: collecting it less often saves
// a fifth of its time. That is worth some memory, but not four times what a large
// session holds: it gets half as much again.
const (
	mostGarbage  = 48 << 20 // bytes for which the collector is held back
	lazyPercent  = 400
	eagerPercent = 50
)

// gcPercent is how much garbage there may be, in percent of what lives.
func gcPercent(live uint64) int {
	return int(max(eagerPercent, min(lazyPercent, 100*mostGarbage/max(live, 1))))
}

// tuneCollector sets the collector now and after each of its runs.
func tuneCollector() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	percent := lazyPercent
	debug.SetGCPercent(percent)
	var again func()
	again = func() {
		// An object that nobody holds is finalized after the next run.
		runtime.SetFinalizer(&[16]byte{}, func(*[16]byte) {
			metrics.Read(live)
			if p := gcPercent(live[0].Value.Uint64()); p != percent {
				percent = p
				debug.SetGCPercent(p)
			}
			again()
		})
	}
	again()
}

// memoryInterval is how often the front looks.
const memoryInterval = 20 * time.Millisecond

// watchMemory is the front's part; it ends with the process.
func (p *process) watchMemory(limit int64) {
	if limit <= 0 {
		return
	}
	tick := time.NewTicker(memoryInterval)
	defer tick.Stop()
	for {
		select {
		case <-p.down:
			return
		case <-tick.C:
		}
		if resident(p.cmd.Process.Pid) > limit {
			p.kill(&Error{Name: "WorkerDied", Value: fmt.Sprintf(
				"the cell's process ended: out of memory, it needed more than its limit of %d MB; variables are lost", limit>>20)})
			return
		}
	}
}

// resident returns how many bytes a process has in memory; 0 where the system
// does not tell.
func resident(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(b), &size, &pages); err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
