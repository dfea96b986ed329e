// Package symbols gives the interpreter the compiled packages that programs
// may import: Go's library, gonum, gonum/plot and this project's own.
//
// Linking it costs no time at start: a package's table is built when it is
// asked for. An interpreter loads a package, with those that its API mentions,
// before it evaluates the import:
//
//	exports, err := symbols.Set{}.Exports("strings")
//	err = interpreter.Use(exports)
//
// The symbols are the real ones. A session that wants os.Exit, log.Fatal or
// os.Stdin to behave otherwise replaces them with a second Use.
//
// Not there are unsafe (which the interpreter has itself), plugin,
// net/http/pprof, net/http/cgi, net/http/fcgi, log/syslog, time/tzdata and
// packages for the toolchain's own tests; gonum's unit, lapack/gonum and graph
// file formats; and, as the interpreter cannot use them, generic functions and
// types.
package symbols
