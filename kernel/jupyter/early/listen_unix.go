//go:build unix

package early

import (
	"os"
	"strconv"
	"syscall"
)

// listen opens a port of Address; nil where it cannot.
func listen(port int) *os.File {
	syscall.ForkLock.RLock()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil
	}
	// As package net opens them.
	address := &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}
	if syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) != nil ||
		syscall.Bind(fd, address) != nil || syscall.Listen(fd, syscall.SOMAXCONN) != nil {
		_ = syscall.Close(fd)
		return nil
	}
	return os.NewFile(uintptr(fd), Address+":"+strconv.Itoa(port))
}
