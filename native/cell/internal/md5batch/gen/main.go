// Command gen writes the AVX2 kernel of package md5batch with avo. Run it
// through go generate in native/cell/internal/md5batch.
package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const lanes = 8

// shifts are the rotations of RFC 1321, four a round.
var shifts = [4][4]uint8{{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}

func main() {
	ConstraintExpr("amd64,!noasm")
	constants := GLOBL("constants", attr.NOPTR|attr.RODATA)
	for i := range 64 {
		for lane := range lanes {
			DATA(4*(lanes*i+lane), U32(uint32(math.Floor(math.Abs(math.Sin(float64(i+1)))*(1<<32)))))
		}
	}
	TEXT("blocksAVX2", NOSPLIT, "func(state *[4][8]uint32, text *byte, at *[8]int, n int)")
	Pragma("noescape")
	Doc("blocksAVX2 takes n > 0 blocks of 64 bytes of each of eight messages into their states; message i begins at text[at[i]].")
	state, text, at := Load(Param("state"), GP64()), Load(Param("text"), GP64()), Load(Param("at"), GP64())
	n := Load(Param("n"), GP64())
	words := AllocLocal(16 * 4 * lanes)
	Label("block")
	for half := range 2 {
		transpose(text, at, 32*half, words.Offset(8*4*lanes*half))
	}
	ADDQ(U32(64), text)
	ones := YMM()
	VPCMPEQD(ones, ones, ones)
	v := [4]reg.VecVirtual{YMM(), YMM(), YMM(), YMM()}
	for i := range v {
		VMOVDQU(Mem{Base: state, Disp: 4 * lanes * i}, v[i])
	}
	for i := range 64 {
		step(i, v[(64-i)%4], v[(65-i)%4], v[(66-i)%4], v[(67-i)%4], ones, words, constants)
	}
	for i := range v {
		m := Mem{Base: state, Disp: 4 * lanes * i}
		VPADDD(m, v[i], v[i])
		VMOVDQU(v[i], m)
	}
	DECQ(n)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
	Generate()
}

// step is one step of the compression: a = b + rotate(a + f(b, c, d) + word + constant).
func step(i int, a, b, c, d, ones reg.VecVirtual, words, constants Mem) {
	round := i / 16
	word := [4]int{i, 5*i + 1, 3*i + 5, 7 * i}[round] % 16
	f, high := YMM(), YMM()
	VPADDD(words.Offset(4*lanes*word), a, a)
	VPADDD(constants.Offset(4*lanes*i), a, a)
	switch round {
	case 0: // (c ^ d) & b ^ d
		VPXOR(c, d, f)
		VPAND(f, b, f)
		VPXOR(f, d, f)
	case 1: // (b ^ c) & d ^ c
		VPXOR(b, c, f)
		VPAND(f, d, f)
		VPXOR(f, c, f)
	case 2:
		VPXOR(c, d, f)
		VPXOR(f, b, f)
	case 3: // c ^ (b | ^d)
		VPXOR(d, ones, f)
		VPOR(f, b, f)
		VPXOR(f, c, f)
	default:
		panic(fmt.Sprint("no step ", i))
	}
	VPADDD(f, a, a)
	shift := shifts[round][i%4]
	VPSRLD(U8(32-shift), a, high)
	VPSLLD(U8(shift), a, a)
	VPOR(high, a, a)
	VPADDD(b, a, a)
}

// transpose writes 32 bytes of each message, from offset from, as eight vectors:
// one word of all messages each.
func transpose(text, at reg.Register, from int, to Mem) {
	r, s := make([]reg.VecVirtual, lanes), make([]reg.VecVirtual, lanes)
	for i := range r {
		r[i], s[i] = YMM(), YMM()
		start := GP64()
		MOVQ(Mem{Base: at, Disp: 8 * i}, start)
		VMOVDQU(Mem{Base: text, Index: start, Scale: 1, Disp: from}, r[i])
		if i%2 == 1 { // pairs of messages
			VPUNPCKLDQ(r[i], r[i-1], s[i-1])
			VPUNPCKHDQ(r[i], r[i-1], s[i])
		}
	}
	for i := 0; i < lanes; i += 4 { // fours
		for j := range 2 {
			VPUNPCKLQDQ(s[i+2+j], s[i+j], r[i+2*j])
			VPUNPCKHQDQ(s[i+2+j], s[i+j], r[i+2*j+1])
		}
	}
	for i := range 4 { // halves
		low, high := YMM(), YMM()
		VPERM2I128(U8(0x20), r[i+4], r[i], low)
		VPERM2I128(U8(0x31), r[i+4], r[i], high)
		VMOVDQU(low, to.Offset(4*lanes*i))
		VMOVDQU(high, to.Offset(4*lanes*(i+4)))
	}
}
