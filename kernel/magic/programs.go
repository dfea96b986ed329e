package magic

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// interruptPrograms sends SIGINT to the programs that were started since begun, as
// Ctrl-C at a terminal does. Those that an earlier cell left in the background go on.
func interruptPrograms(begun time.Time) {
	for _, child := range children(os.Getpid()) {
		if age, ok := age(child); ok && age <= time.Since(begun)+ageError {
			signalAll(descendants(child), syscall.SIGINT)
		}
	}
}

// ageError is how far age may be off: the system counts hundredths of a second.
const ageError = 20 * time.Millisecond

// age is how long a process has been there; proc(5) explains the two files.
func age(pid int) (time.Duration, bool) {
	uptime, _ := os.ReadFile("/proc/uptime")
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	// The program's name, the second field, may hold spaces and parentheses.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return 0, false
	}
	now, _, _ := strings.Cut(string(uptime), " ")
	seconds, err := strconv.ParseFloat(now, 64)
	started, err2 := strconv.ParseFloat(fields[19], 64)
	return time.Duration((seconds - started/100) * float64(time.Second)), err == nil && err2 == nil
}

// descendants lists a process and those that it started, as far as the system
// tells. They share the group of this process, so that they end with it, and
// can therefore not be signalled as a group of their own.
func descendants(pid int) []int {
	list := []int{pid}
	for _, child := range children(pid) {
		list = append(list, descendants(child)...)
	}
	return list
}

// children lists the processes that one has started, as far as the system tells.
func children(pid int) []int {
	var list []int
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, f := range files {
		b, _ := os.ReadFile(f)
		for _, word := range strings.Fields(string(b)) {
			if child, err := strconv.Atoi(word); err == nil {
				list = append(list, child)
			}
		}
	}
	return list
}

// signalAll signals the children before their parents.
func signalAll(pids []int, signal syscall.Signal) {
	for _, pid := range slices.Backward(pids) {
		_ = syscall.Kill(pid, signal) // it may have ended
	}
}
