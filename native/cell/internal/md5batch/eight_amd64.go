//go:build amd64 && !noasm

package md5batch

import (
	"os"

	"golang.org/x/sys/cpu"
)

// eight reports whether blocks may be called: the processor has AVX2, and the
// user does not ask for plain Go, by the variable that package f32 documents.
func eight() bool { return cpu.X86.HasAVX2 && os.Getenv("ARCH2VEC_SIMD") != "go" }

// blocks takes n blocks of each of eight messages into their states; message i
// begins at text[at[i]].
func blocks(state *[4][lanes]uint32, text []byte, at *[lanes]int, n int) {
	blocksAVX2(state, &text[0], at, n)
}
