// Package lower translates type-checked Go into the subset of Go that the yaegi
// interpreter executes correctly.
//
// The interpreter mishandles much of the language: untyped constants, generics,
// shadowed names, promoted methods, loop variables, range over integers and
// functions, defer. Everything it mishandles is decided here from what go/types
// found out: constants are folded, generic code is instantiated, aliases and
// local types disappear, every object has a name of its own, promoted fields are
// spelled out, and each missing statement is written in terms of those it has.
//
// Some of it takes help at run time, from functions of package [Runtime]:
// methods are plain functions, and interfaces are any, with the types of what is
// in them known to the runtime (identity.go, iface.go, assert.go); deferred calls
// and recover are the runtime's (defer.go); a type made of itself is a struct
// (recursive.go).
//
// The translation goes from syntax tree to syntax tree. Every node that it makes
// carries the position of the source it stands for, so nothing is printed and
// parsed again and a run-time error has the program's own line and column.
package lower
