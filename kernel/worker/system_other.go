//go:build !linux

package worker

import (
	"os"
	"os/exec"
	"syscall"
)

// grow does nothing: pipes are as large as the system makes them.
func grow(*os.File) {}

// memoryFile is a file without a name, for processes to share.
func memoryFile() (*os.File, error) {
	f, err := os.CreateTemp("", "arch2vec-output-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// isolate gives the worker a process group of its own, so that Ctrl-C at the
// terminal reaches the front alone and the worker ends with all its children. When
// the front dies, the worker reads the end of its requests.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
