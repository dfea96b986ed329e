package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// chains is the number of independent chains of fused multiply-adds in peak: two
// a cycle at a latency of four or five cycles need eight or ten.
const chains = 12

// peak emits fused multiply-adds that wait for nothing but each other, the most
// that a core can do.
func (t target) peak() {
	t.text("peak", "func(turns int) float32",
		"does turns rounds of multiply-adds in registers, 12 independent ones a round.")
	n := load("turns")
	half, one := t.vec(), t.vec()
	VMOVUPS(f32(0.5), half)
	VMOVUPS(f32(1), one)
	acc := make([]reg.VecVirtual, chains)
	for i := range acc {
		acc[i] = t.vec()
		t.zero(acc[i])
	}
	loop(n, 1, func() {
		for _, a := range acc {
			VFMADD213PS(one, half, a) // a = a/2 + 1 stays near 2
		}
	})
	for _, a := range acc[1:] {
		VADDPS(a, acc[0], acc[0])
	}
	Store(acc[0].AsX(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}
