// Package arch2vec is the module's own source. The binary carries it so that
// %require can build a worker with more modules where no source is at hand.
package arch2vec

import "embed"

// Source holds the module without its commands' notebooks and documents.
//
//go:embed go.mod go.sum kernel stdlib native
var Source embed.FS
