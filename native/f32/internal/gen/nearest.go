package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// nearest emits a scan for the row nearest to a query, four rows a turn. The
// squares of a row's differences are added up in 16 lanes, without fused
// multiply-adds, and then folded in halves and pairs: every instruction set, plain
// Go too, gets the same bits. A row that is to be skipped gets the distance NaN,
// which is less than nothing.
func (t target) nearest() {
	t.text("nearest", "func(groups, blocks int, data, query *float32, skip *bool, skipStep int, best *float32, index *int32)",
		"finds the least distances of the rows 0, 4, ..., of 1, 5, ..., of 2, 6, ... and of 3, 7, ...; nearestGo says how.")
	groups, data, query, skip, step := load("groups"), load("data"), load("query"), load("skip"), load("skipStep")
	rest := load("blocks") // behind the first block of 16 columns
	stride, stride3 := GP64(), GP64()
	MOVQ(rest, stride)
	SHLQ(U8(6), stride)
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	DECQ(rest)

	first := GP64()
	XORQ(first, first)
	best, index, zero := XMM(), XMM(), XMM()
	VMOVUPS(bits(inf), best)
	VPCMPEQD(index, index, index) // -1: no row
	VPXOR(zero, zero, zero)

	loop(groups, 1, func() {
		var sum [4]wide
		row, q := GP64(), GP64()
		MOVQ(data, row)
		MOVQ(query, q)
		block := func(first bool) {
			q16 := make(wide, 16/t.lanes)
			for i := range q16 {
				q16[i] = t.vec()
				VMOVUPS(Mem{Base: q, Disp: i * t.bytes()}, q16[i])
			}
			for r := range sum {
				if first {
					sum[r] = t.vecs(16 / t.lanes)
				}
				for i, s := range sum[r] {
					m := Mem{Base: row, Disp: i * t.bytes()}
					switch r {
					case 1, 2:
						m.Index, m.Scale = stride, uint8(r)
					case 3:
						m.Index, m.Scale = stride3, 1
					}
					d := s
					if !first {
						d = t.vec()
					}
					VSUBPS(m, q16[i], d)
					VMULPS(d, d, d)
					if !first {
						VADDPS(d, s, s)
					}
				}
			}
			ADDQ(U8(64), row)
			ADDQ(U8(64), q)
		}
		block(true)
		n := GP64()
		MOVQ(rest, n)
		loop(n, 1, func() { block(false) })
		LEAQ(Mem{Base: data, Index: stride, Scale: 4}, data)

		var half [4]reg.VecVirtual
		for r := range half {
			half[r] = t.half(sum[r])
		}
		// Per half register: lanes 0+2 and 1+3 of rows 0, 1 and of rows 2, 3, then
		// their sums, one a row.
		for r := 0; r < 4; r += 2 {
			v := YMM()
			VSHUFPS(U8(0x4e), half[r+1], half[r], v)        // a2 a3 b0 b1
			VBLENDPS(U8(0xcc), half[r+1], half[r], half[r]) // a0 a1 b2 b3
			VADDPS(v, half[r], half[r])
		}
		v, dist, skipped, less := YMM(), XMM(), XMM(), XMM()
		VSHUFPS(U8(0x88), half[2], half[0], v)       // a0 b0 c0 d0
		VSHUFPS(U8(0xdd), half[2], half[0], half[0]) // a1 b1 c1 d1
		VADDPS(half[0], v, v)
		VEXTRACTF128(U8(1), v, dist)
		VADDPS(dist, v.AsX(), dist)

		// Few rows are nearer than all before them: only those are looked at twice.
		few := GP32()
		VCMPPS(U8(1), best, dist, less) // dist < best
		VMOVMSKPS(less, few)
		TESTL(few, few)
		labels++
		next := fmt.Sprintf("next%d", labels)
		JZ(LabelRef(next))
		VPMOVZXBD(Mem{Base: skip}, skipped)
		VPSUBD(skipped, zero, skipped)
		VPOR(skipped, dist, dist)
		VCMPPS(U8(1), best, dist, less)
		VMINPS(best, dist, best) // best where dist is NaN
		at := XMM()
		VMOVQ(first, at)
		VPBROADCASTD(at, at)
		VPADDD(firstRows(), at, at)
		VBLENDVPS(less, at, index, index)
		Label(next)
		ADDQ(step, skip)
		ADDQ(U8(4), first)
	})
	out := load("best")
	VMOVUPS(best, Mem{Base: out})
	out = load("index")
	VMOVDQU(index, Mem{Base: out})
	VZEROUPPER()
	RET()
}

// half adds the upper eight of 16 lanes to the lower eight.
func (t target) half(w wide) reg.VecVirtual {
	v := YMM()
	if t.lanes == 16 {
		VEXTRACTF64X4(U8(1), w[0], v)
		VADDPS(v, w[0].AsY(), v)
	} else {
		VADDPS(w[1], w[0], v)
	}
	return v
}

const inf = 0x7f800000

var firstFour Mem

// firstRows is 0, 1, 2, 3.
func firstRows() Mem {
	if firstFour.Symbol.Name == "" {
		firstFour = GLOBL("first_rows", attr.RODATA|attr.NOPTR)
		for i := range 4 {
			DATA(4*i, U32(uint32(i)))
		}
	}
	return firstFour
}
