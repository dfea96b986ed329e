package f32

import (
	"math/rand/v2"
	"testing"
	"unsafe"
)

// Slices of an arena are zero, start on cache lines and share no element, whatever
// their sizes: some larger than a page, most many to a page.
func TestArena(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var a Arena
	var all [][]float32
	for i := range 300 {
		n := r.IntN(20_000)
		if i%100 == 50 {
			n = largePage + r.IntN(2*largePage)
		}
		s := a.Align(n)
		if len(s) != n || cap(s) != n {
			t.Fatalf("%d elements, room for %d, want %d", len(s), cap(s), n)
		}
		if uintptr(unsafe.Pointer(unsafe.SliceData(s)))%64 != 0 {
			t.Fatalf("slice %d does not start on a cache line", i)
		}
		for j, v := range s {
			if v != 0 {
				t.Fatalf("slice %d holds %v at %d", i, v, j)
			}
			s[j] = float32(i + 1)
		}
		all = append(all, s)
	}
	for i, s := range all {
		for j, v := range s {
			if v != float32(i+1) {
				t.Fatalf("slice %d holds %v at %d, want %d", i, v, j, i+1)
			}
		}
	}
}
