// Package native is the compiled engine: search spaces, models, searches. Its
// folders are packages of their own; this one holds their source, from which
// %require builds workers.
package native

import "embed"

// Source is this folder.
//
//go:embed *
var Source embed.FS
