//go:build !unix

package jupyter

import "context"

// watchParent does nothing where a process cannot be looked at by its number.
func watchParent(context.Context, func()) {}
