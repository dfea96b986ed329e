// Package require adds third-party Go modules to a session. The line
//
//	%require github.com/google/uuid@v1.6.0
//
// before a cell's code, or one with the folder of a module, builds a worker
// program that has the module compiled in, and restarts the session in it. It
// needs the Go toolchain on the PATH.
//
// The worker is an ordinary Go program: this module's source, which the binary
// carries, a main package, and symbol tables and type information of the
// module's packages, extracted as for the packages that every binary has. So
// there are no plugins and no versions that do not match: one go command
// resolves and compiles everything. Finished workers are kept in the user's
// cache folder under a key made of all that they are made of.
package require
