// Package kernel is how people reach the project: the kernel, the prompt, the
// runner and the one binary. Its folders are packages of their own; this one holds
// their source, so that %require can build a worker with more modules on a machine
// that has only the binary.
package kernel

import "embed"

// Source is this folder.
//
//go:embed *
var Source embed.FS
