// Package repl is the prompt: a person types Go at a terminal, and each complete
// input runs as a cell on a [worker.Engine].
//
// On a terminal it edits lines with history, completion and continuation of
// open brackets; Ctrl-C interrupts the running cell or drops the input, Ctrl-D
// ends. Where standard input is no terminal, [Run] reads the same cells from it
// without a prompt, for pipes and scripts.
package repl
