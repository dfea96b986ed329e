// Package stdlib holds what interpreted programs can import, prepared when the
// project is built so that nothing but the binary is needed to run them:
//
//   - symbols: the compiled functions, variables, constants and types, by name,
//     for the interpreter;
//   - typeinfo: the same packages as the type checker sees them.
//
// Both are generated, for Go's library, gonum, gonum/plot and this project's
// own packages. Only the last part changes often:
//
//	go run ./stdlib/generate          # everything; after a change of Go or gonum
//	go run ./stdlib/generate native   # this project's packages only
package stdlib

//go:generate go run arch2vec/stdlib/generate
