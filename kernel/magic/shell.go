package magic

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
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
	cmd.Cancel = func() error { // it is interrupted as every program of the cell is
		tree := descendants(cmd.Process.Pid)
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
