//go:build unix

package jupyter

import (
	"context"
	"errors"
	"os"
	"strconv"
	"syscall"
	"time"
)

// parentInterval is the time between two looks at the parent.
const parentInterval = time.Second

// watchParent calls gone when the process that JPY_PARENT_PID names has ended: a
// Jupyter server that is killed cannot ask its kernels to shut down. A process
// that is not seen at the start (another pid namespace) is not watched.
func watchParent(ctx context.Context, gone func()) {
	pid, err := strconv.Atoi(os.Getenv("JPY_PARENT_PID"))
	if err != nil || pid <= 1 || !alive(pid) {
		return
	}
	// A parent that ended stays visible as long as nobody waited for it; a
	// child of its own sees its end by its new parent.
	child := os.Getppid() == pid
	ticker := time.NewTicker(parentInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if !alive(pid) || child && os.Getppid() != pid {
				gone()
				return
			}
		}
	}
}

func alive(pid int) bool {
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
