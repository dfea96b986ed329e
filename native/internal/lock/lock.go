// Package lock keeps two processes from writing to one file.
package lock

import "errors"

// ErrTaken is the error of [Alone] where somebody else has the file.
var ErrTaken = errors.New("another search is using it")
