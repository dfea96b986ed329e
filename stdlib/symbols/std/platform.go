//go:build !(linux && amd64)

package std

import "arch2vec/stdlib/symbols/table"

// Packages whose API differs between platforms have no table here.
var table_syscall = table.Table{Path: "syscall"}
