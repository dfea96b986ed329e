package benchmark

import "syscall"

// diesWithUs has the system kill the program when we are killed.
func diesWithUs(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
