package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemm emits tiles of a product: each rows x 32 of C, summed over kp panels of kin
// terms each. Element (i, k) of A lies at i*rowStride + k*kStride bytes, so the
// same code is A B (rows of a panel) and Aᵀ B (columns of a panel). Each element
// is one chain of fused multiply-adds in the order of k: its bits do not depend
// on the tile that computed it.
//
// The load units have time to spare meanwhile. In the first strip of A B every
// fourth term fetches a line at ahead into the cache, and moves ahead by step bytes;
// Aᵀ B, which reads both of its panels from the second-level cache, has no time.
func (t target) gemm(name string, rows, rowStride, kStride int) {
	t.text(name, "func(tiles, kp, kin int, a *float32, jump int, b, bias, c, ahead *float32, step int)",
		fmt.Sprintf("is GEMM tiles of %d rows; tile in kernels.go says what it computes.", rows))
	tiles, first, c := load("tiles"), load("a"), load("c")
	ahead, step := load("ahead"), load("step")
	loop(tiles, 1, func() {
		for strip := 0; strip < t.strips(); strip++ {
			shift := strip * 2 * t.bytes()
			acc := t.start(rows, shift)
			t.terms(acc, first, shift, rowStride, kStride, ahead, step)
			for i := range acc {
				VMOVUPS(acc[i][0], Mem{Base: c, Disp: rowBytes*i + shift})
				VMOVUPS(acc[i][1], Mem{Base: c, Disp: rowBytes*i + shift + t.bytes()})
			}
		}
		ADDQ(U32(uint32(rows*rowStride)), first)
		ADDQ(U32(uint32(rows*rowBytes)), c)
	})
	VZEROUPPER()
	RET()
}

// start loads the bias into the accumulators of a strip.
func (t target) start(rows, shift int) [][2]reg.VecVirtual {
	bias := load("bias")
	acc := make([][2]reg.VecVirtual, rows)
	for i := range acc {
		acc[i] = [2]reg.VecVirtual{t.vec(), t.vec()}
		for j, v := range acc[i] {
			if i == 0 {
				VMOVUPS(Mem{Base: bias, Disp: shift + j*t.bytes()}, v)
			} else {
				VMOVAPS(acc[0][j], v)
			}
		}
	}
	return acc
}

// terms adds all products of a strip to its accumulators.
func (t target) terms(acc [][2]reg.VecVirtual, first reg.Register, shift, rowStride, kStride int, ahead, step reg.Register) {
	a, b, kp := GP64(), load("b"), load("kp")
	MOVQ(first, a)
	if shift > 0 {
		ADDQ(U8(uint8(shift)), b)
	}
	b0, b1 := t.vec(), t.vec()
	spread := []reg.VecVirtual{t.vec(), t.vec()}
	term := func(u int) {
		VMOVUPS(Mem{Base: b, Disp: rowBytes * u}, b0)
		VMOVUPS(Mem{Base: b, Disp: rowBytes*u + t.bytes()}, b1)
		for i := range acc {
			s := spread[i%2]
			VBROADCASTSS(Mem{Base: a, Disp: i*rowStride + u*kStride}, s)
			VFMADD231PS(s, b0, acc[i][0])
			VFMADD231PS(s, b1, acc[i][1])
		}
	}
	loop(kp, 1, func() {
		n := load("kin")
		for _, unroll := range []int{4, 1} {
			loop(n, unroll, func() {
				for u := 0; u < unroll; u++ {
					term(u)
				}
				if unroll == 4 && shift == 0 && rowStride == rowBytes {
					PREFETCHT0(Mem{Base: ahead})
					ADDQ(step, ahead)
				}
				ADDQ(U32(uint32(unroll*kStride)), a)
				ADDQ(U32(uint32(unroll*rowBytes)), b)
			})
		}
		ADDQ(address("jump"), a)
	})
}

// transpose emits the transpose of a 32 x 32 block, 8 x 8 at a time. It moves
// data only, so one version serves every x86 target.
func transpose() {
	TEXT("transposeAVX2", NOSPLIT, "func(src, dst *float32)")
	Pragma("noescape")
	Doc("transposeAVX2 writes the transpose of the 32 x 32 block src to dst.")
	src, dst, blocks := load("src"), load("dst"), GP64()
	MOVQ(U32(4), blocks)
	loop(blocks, 1, func() { // eight rows of src become eight columns of dst
		for j := 0; j < 4; j++ {
			transpose8(src, 32*j, dst, 8*rowBytes*j)
		}
		ADDQ(U32(8*rowBytes), src)
		ADDQ(U32(32), dst)
	})
	VZEROUPPER()
	RET()
}

func transpose8(src reg.Register, from int, dst reg.Register, to int) {
	r, s := make([]reg.VecVirtual, 8), make([]reg.VecVirtual, 8)
	for i := range r {
		r[i], s[i] = YMM(), YMM()
		VMOVUPS(Mem{Base: src, Disp: from + rowBytes*i}, r[i])
	}
	for i := 0; i < 8; i += 2 { // pairs of rows
		VUNPCKLPS(r[i+1], r[i], s[i])
		VUNPCKHPS(r[i+1], r[i], s[i+1])
	}
	for i := 0; i < 8; i += 4 { // fours
		VUNPCKLPD(s[i+2], s[i], r[i])
		VUNPCKHPD(s[i+2], s[i], r[i+1])
		VUNPCKLPD(s[i+3], s[i+1], r[i+2])
		VUNPCKHPD(s[i+3], s[i+1], r[i+3])
	}
	for i := 0; i < 4; i++ { // halves
		VPERM2F128(U8(0x20), r[i+4], r[i], s[i])
		VPERM2F128(U8(0x31), r[i+4], r[i], s[i+4])
	}
	for i := range s {
		VMOVUPS(s[i], Mem{Base: dst, Disp: to + rowBytes*i})
	}
}
