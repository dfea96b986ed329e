//go:build unix

package lock

import (
	"errors"
	"os"
	"syscall"
)

// Alone takes a file for this process; it fails when another process, or another part
// of this one, has it. The system gives it back when the file is closed or the process
// ends, however it ends.
func Alone(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrTaken
	}
	if errors.Is(err, errors.ErrUnsupported) {
		return nil // a file system without locks, as some networks have
	}
	return err
}
