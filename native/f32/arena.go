package f32

import "unsafe"

// Align returns a zeroed slice of n float32 that starts on a cache line.
func Align(n int) []float32 { return aligned(n, 64) }

// aligned returns a zeroed slice of n float32 whose address is a multiple of to
// bytes.
func aligned(n, to int) []float32 {
	b := make([]float32, n+to/4)
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b)))%uintptr(to)) / 4
	return b[skip : skip+n : skip+n]
}

// Arena hands out zeroed memory that is used together, side by side in large pages
// where the system has them: a network's activations and parameters go through the
// cache with fewer look-ups of addresses, and without two of them contending for
// one place in it by the accident of where the system put their pages. The zero
// Arena is ready for use. It is not safe for concurrent use.
type Arena struct{ free []float32 }

// largePage is the number of float32 in the large pages of amd64 and arm64.
const largePage = 2 << 20 / 4

// Align returns a zeroed slice of n float32 that starts on a cache line.
func (a *Arena) Align(n int) []float32 {
	room := (n + Lane - 1) / Lane * Lane
	if room > len(a.free) {
		a.free = aligned((room+largePage-1)/largePage*largePage, 4*largePage)
		inLargePages(a.free)
	}
	s := a.free[:n:n]
	a.free = a.free[room:]
	return s
}
