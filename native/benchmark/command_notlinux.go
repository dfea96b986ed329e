//go:build unix && !linux

package benchmark

import "syscall"

// diesWithUs is there for Linux only.
func diesWithUs(*syscall.SysProcAttr) {}
