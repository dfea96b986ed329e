//go:build unix

package benchmark

import (
	"os/exec"
	"syscall"
)

// together puts a program and all that it starts into one group, so that they can
// be ended together: asked to and, after the time of grace, killed.
func together(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	diesWithUs(cmd.SysProcAttr)
	cmd.Cancel = func() error {
		return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
	}
}

// end kills what is left of the group.
func end(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
