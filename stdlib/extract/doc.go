// Package extract reads compiled packages and writes what interpreted programs
// need to import them: their symbol tables, as Go source, and their types, as an
// archive of export data. Command generate uses it for the packages that every
// binary has, and %require for others. It needs the go command.
package extract
