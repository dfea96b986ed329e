package magic

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// shellGrace is how long an interrupted command may take to end by itself.
const shellGrace = 500 * time.Millisecond

// runShell runs a line with sh. What it prints is seen as it comes; it has no
// input. An interrupt goes to it and to what it has started.
func runShell(ctx context.Context, s *Session, c call) error {
	if c.args == "" {
		return errors.New("$ needs a command, such as $ ls")
	}
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", c.args)
	cmd.Stdout, cmd.Stderr = s.stdout(), s.stderr()
	// An open file goes to the command itself, which may then outlive its cell.
	// Before that, what Go printed to the other stream has to be out.
	if s.opts.ShellOut != nil && s.opts.ShellErr != nil {
		_, _ = s.stdout().Write(nil)
		cmd.Stdout, cmd.Stderr = s.opts.ShellOut, s.opts.ShellErr
	}
	cmd.Cancel = func() error {
		tree := descendants(cmd.Process.Pid)
		signalAll(tree, syscall.SIGINT)
		time.AfterFunc(shellGrace/2, func() { signalAll(tree, syscall.SIGKILL) })
		return nil
	}
	cmd.WaitDelay = shellGrace
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) { // that is a command in the background
		return fmt.Errorf("$ %s: %w", c.args, err)
	}
	return nil
}

// descendants lists a process and those that it started, as far as the system
// tells. They share the group of this process, so that they end with it, and
// can therefore not be signalled as a group of their own.
func descendants(pid int) []int {
	list := []int{pid}
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, f := range files {
		b, _ := os.ReadFile(f)
		for _, word := range strings.Fields(string(b)) {
			if child, err := strconv.Atoi(word); err == nil {
				list = append(list, descendants(child)...)
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
