//go:build !amd64 || noasm

package md5batch

func eight() bool { return false }

func blocks(*[4][lanes]uint32, []byte, *[lanes]int, int) { panic("md5batch: no such kernel") }
