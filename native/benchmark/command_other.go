//go:build !unix

package benchmark

import "os/exec"

// together and end are for systems with process groups; elsewhere only the program
// itself is killed.
func together(*exec.Cmd) {}

func end(*exec.Cmd) {}
