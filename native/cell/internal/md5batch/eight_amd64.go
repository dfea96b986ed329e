//go:build amd64 && !noasm

package md5batch

import "golang.org/x/sys/cpu"

func eight() bool { return cpu.X86.HasAVX2 }

// blocks takes n blocks of each of eight messages into their states; message i
// begins at text[at[i]].
func blocks(state *[4][lanes]uint32, text []byte, at *[lanes]int, n int) {
	blocksAVX2(state, &text[0], at, n)
}
