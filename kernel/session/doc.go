// Package session is a running Go program that grows cell by cell: what stands
// behind a notebook or a prompt. It also runs whole programs as scripts.
//
// A cell holds what a Go file and a function body may hold, mixed: imports,
// types, functions, variables, constants, statements. Its way is
//
//	split   into top-level pieces                            split.go
//	parse   them as one file, at their own places            source.go
//	place   declarations before the statements, or after
//	        those that declare what they mention             place.go
//	check   with go/types against earlier cells              check.go
//	lower   to Go that the interpreter executes correctly    lower/
//	run     it with yaegi                                    run.go
//
// A cell that fails before it runs changes nothing. Errors are go/types' own, at
// the cell's lines and columns, all of them. A panic comes back as an [Error]
// with the interpreted calls that led to it, and the session goes on.
//
// # Semantics
//
// Variables at the top level of a cell live as long as the session. Declaring
// one again with the same type sets the same variable, so that functions of
// earlier cells see the new value; with another type it is a new variable.
// Declaring a function or a method again with the same signature replaces it for
// all earlier code; with another signature, and where it is generic, earlier
// code keeps the old one. A type declared again is another type. Methods may be
// added in later cells, except to generic types. What keeps using an earlier
// definition is told in a note.
//
// Variables and values that are not used are noted in a cell, not errors, and
// packages of Go's library are imported without being asked for where their name
// means only one, with a note; in programs both are as in the compiler. A
// deferred call at the top level runs at the end of its cell. A function main is
// not called by itself.
//
// What the interpreter is known to get wrong and the lowering cannot mend is an
// Error named "Unsupported", with its place.
//
// os.Exit, log.Fatal and a panic in a goroutine end the process, as they do a
// compiled program: a notebook's worker process, whose parent reports it, or
// the script.
package session
