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
// The load units have time to spare meanwhile: every turn of the inner loop fetches a
// line at ahead into the cache, in Aᵀ B two, and moves ahead by step bytes.
func (t target) gemm(name string, rows, rowStride, kStride int) {
	t.text(name, "func(tiles, kp, kin int, a *float32, jump int, b, from *float32, apart int, c, ahead *float32, step int)",
		fmt.Sprintf("is GEMM tiles of %d rows; tile in kernels.go says what it computes.", rows))
	tiles, first, from, c := load("tiles"), load("a"), load("from"), load("c")
	ahead, step := load("ahead"), load("step")
	loop(tiles, 1, func() {
		acc := make([][]reg.VecVirtual, rows)
		for i := range acc {
			acc[i] = t.vecs(rowBytes / t.bytes())
			for j, v := range acc[i] {
				VMOVUPS(Mem{Base: from, Disp: j * t.bytes()}, v)
			}
			ADDQ(address("apart"), from)
		}
		t.terms(acc, first, rowStride, kStride, ahead, step)
		for i := range acc {
			for j, v := range acc[i] {
				VMOVUPS(v, Mem{Base: c, Disp: rowBytes*i + j*t.bytes()})
			}
		}
		ADDQ(U32(uint32(rows*rowStride)), first)
		ADDQ(U32(uint32(rows*rowBytes)), c)
	})
	VZEROUPPER()
	RET()
}

// terms adds all products of a tile to its accumulators.
func (t target) terms(acc [][]reg.VecVirtual, first reg.Register, rowStride, kStride int, ahead, step reg.Register) {
	a, b, kp := GP64(), load("b"), load("kp")
	MOVQ(first, a)
	term := t.rowTerm
	if t.tile < rowBytes/t.bytes() {
		term = t.columnTerm
	}
	loop(kp, 1, func() {
		n := load("kin")
		for _, unroll := range []int{t.unroll, 1} {
			loop(n, unroll, func() {
				for u := 0; u < unroll; u++ {
					term(acc, Mem{Base: a, Disp: u * kStride}, rowStride, Mem{Base: b, Disp: u * rowBytes})
				}
				if unroll > 1 {
					if rowStride == rowBytes {
						PREFETCHT1(Mem{Base: ahead}) // into the second-level cache: the nearest is full
					} else {
						PREFETCHT0(Mem{Base: ahead}) // into the nearest: the next product reads it
						PREFETCHT0(Mem{Base: ahead, Disp: 64})
					}
					ADDQ(step, ahead)
				}
				ADDQ(U32(uint32(unroll*kStride)), a)
				ADDQ(U32(uint32(unroll*rowBytes)), b)
			})
		}
		ADDQ(address("jump"), a)
	})
}

// rowTerm holds a row of B in registers and spreads the rows' elements of A one
// after the other.
func (t target) rowTerm(acc [][]reg.VecVirtual, a Mem, rowStride int, b Mem) {
	row := t.vecs(len(acc[0]))
	for j, v := range row {
		VMOVUPS(b.Offset(j*t.bytes()), v)
	}
	for i := range acc {
		s := t.vec()
		VBROADCASTSS(a.Offset(i*rowStride), s)
		for j, v := range row {
			VFMADD231PS(s, v, acc[i][j])
		}
	}
}

// columnTerm holds the rows' elements of A in registers and loads a row of B piece
// by piece: where rows are few, that needs the fewest registers.
func (t target) columnTerm(acc [][]reg.VecVirtual, a Mem, rowStride int, b Mem) {
	column := t.vecs(len(acc))
	for i, s := range column {
		VBROADCASTSS(a.Offset(i*rowStride), s)
	}
	for j := range acc[0] {
		v := t.vec()
		VMOVUPS(b.Offset(j*t.bytes()), v)
		for i, s := range column {
			VFMADD231PS(s, v, acc[i][j])
		}
	}
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
