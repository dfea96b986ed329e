package worker

import (
	"fmt"
	"os"
	"runtime/debug"
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
