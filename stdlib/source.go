package stdlib

import "embed"

// Source is this folder, from which %require builds workers.
//
//go:embed *
var Source embed.FS
