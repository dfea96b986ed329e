// Package magic is what a cell may hold beside Go: commands such as %time, and
// $ lines that the shell runs.
//
// A [Session] wraps a [session.Session] and takes cells in which both mix:
//
//	%cd data
//	$ ls -l *.csv
//	table, err := benchmark.OpenCSV("nb201.csv.gz", benchmark.CIFAR10)
//	%time table.Best()
//
// Commands stand at the start of a line and outside of brackets. The cell runs
// from the top: what stands before a command has run when the command does. A
// cell whose Go does not check, or that names a command that is not there,
// changes nothing. [Commands] lists what there is; a new command is one more
// entry there.
package magic
