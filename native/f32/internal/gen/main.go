// Command gen writes the SIMD kernels of package f32 with avo: one description
// of each kernel, emitted once for AVX2 with FMA (8 lanes) and once for
// AVX-512F (16 lanes). Run it through go generate in native/f32.
//
// A panel is a block of rows of 32 float32 (128 bytes). Kernels over panels work
// in strips of two vectors: two strips of 16 columns with AVX2, one of 32 with
// AVX-512, so that both sets come from the same lines here.
package main

import (
	"flag"
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const rowBytes = 128 // one row of a panel

// target is an instruction set: how many float32 a register holds, and the few
// operations that are spelled differently.
type target struct {
	name  string
	lanes int
	tile  int // rows of the largest GEMM tile: 2*tile accumulators must fit
}

var targets = []target{{"AVX2", 8, 6}, {"AVX512", 16, 14}}

func main() {
	set := flag.String("set", "", `kernels to write: "readout", or all others`)
	flag.Parse()
	ConstraintExpr("amd64,!noasm")
	if *set == "readout" {
		readouts()
		Generate()
		return
	}
	pause()
	transpose()
	for _, t := range targets {
		for rows := 1; rows <= t.tile; rows++ {
			t.gemm(fmt.Sprintf("tileN%d", rows), rows, rowBytes, 4)
			t.gemm(fmt.Sprintf("tileT%d", rows), rows, 4, rowBytes)
		}
		t.normForward()
		t.affineReLU()
		t.normBack()
		t.normBackNear()
		t.aggregate()
		t.dot()
		t.adam()
		t.exp()
		t.tanh()
		t.crossEntropy()
		t.normal()
		t.dropout()
		t.latent()
		t.latentBack()
		t.nodeSums()
		t.gram()
		t.gramBack()
		t.peak()
		t.nearest()
	}
	Generate()
}

func (t target) text(name, signature, doc string) {
	TEXT(name+t.name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(name + t.name + " " + doc)
}

func (t target) vec() reg.VecVirtual {
	if t.lanes == 16 {
		return ZMM()
	}
	return YMM()
}

func (t target) vecs(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = t.vec()
	}
	return v
}

// strips is the number of two-vector strips in a row of a panel.
func (t target) strips() int { return 32 / (2 * t.lanes) }

// bytes of one vector.
func (t target) bytes() int { return 4 * t.lanes }

func (t target) zero(v reg.VecVirtual) { t.xor(v, v, v) }

func (t target) xor(a Op, b, dst reg.VecVirtual) {
	if t.lanes == 16 {
		VPXORD(a, b, dst)
	} else {
		VPXOR(a, b, dst)
	}
}

func (t target) and(a Op, b, dst reg.VecVirtual) {
	if t.lanes == 16 {
		VPANDD(a, b, dst)
	} else {
		VPAND(a, b, dst)
	}
}

func (t target) or(a Op, b, dst reg.VecVirtual) {
	if t.lanes == 16 {
		VPORD(a, b, dst)
	} else {
		VPOR(a, b, dst)
	}
}

func (t target) rotateLeft(n uint8, x, tmp reg.VecVirtual) {
	if t.lanes == 16 {
		VPROLD(U8(n), x, x)
		return
	}
	VPSLLD(U8(n), x, tmp)
	VPSRLD(U8(32-n), x, x)
	VPOR(tmp, x, x)
}

// mask is the result of a comparison: a vector of ones and zeros, or an opmask.
type mask struct {
	v, k reg.Register
}

// less is x < y, lane by lane.
func (t target) less(x reg.VecVirtual, y Op) mask {
	if t.lanes == 16 {
		k := K()
		VCMPPS(U8(1), y, x, k)
		return mask{k: k}
	}
	v := YMM()
	VCMPPS(U8(1), y, x, v)
	return mask{v: v}
}

// keep sets dst to src where m holds and to 0 elsewhere.
func (t target) keep(m mask, src, dst reg.VecVirtual) {
	if t.lanes == 16 {
		VMOVAPS_Z(src, m.k, dst)
	} else {
		VANDPS(src, m.v, dst)
	}
}

// hsum leaves the sum of eight lanes in the lowest lane of the result.
func (t target) hsum(y reg.VecVirtual) reg.VecVirtual {
	x, s := XMM(), XMM()
	VEXTRACTF128(U8(1), y, x)
	VADDPS(x, y.AsX(), x)
	VMOVHLPS(x, x, s)
	VADDPS(s, x, x)
	VMOVSHDUP(x, s)
	VADDSS(s, x, x)
	return x
}

var pool = map[uint32]Mem{}

// bits is a constant repeated over 64 bytes, for either register width.
func bits(b uint32) Mem {
	if m, ok := pool[b]; ok {
		return m
	}
	m := GLOBL(fmt.Sprintf("const_%08x", b), attr.RODATA|attr.NOPTR)
	for i := 0; i < 16; i++ {
		DATA(4*i, U32(b))
	}
	pool[b] = m
	return m
}

func f32(x float64) Mem { return bits(math.Float32bits(float32(x))) }

var labels int

// loop runs body while count, decremented by step each turn, is positive.
func loop(count reg.GPVirtual, step int, body func()) {
	labels++
	start, end := fmt.Sprintf("loop%d", labels), fmt.Sprintf("done%d", labels)
	CMPQ(count, U8(uint8(step)))
	JLT(LabelRef(end))
	Label(start)
	body()
	SUBQ(U8(uint8(step)), count)
	CMPQ(count, U8(uint8(step)))
	JGE(LabelRef(start))
	Label(end)
}

func load(name string) reg.GPVirtual {
	r := GP64()
	Load(Param(name), r)
	return r
}

// broadcast spreads a float32 parameter over a register.
func (t target) broadcast(param string) reg.VecVirtual {
	v := t.vec()
	VBROADCASTSS(address(param), v)
	return v
}

func address(param string) Mem {
	b, err := Param(param).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

func pause() {
	TEXT("pause", NOSPLIT, "func()")
	Doc("pause tells the processor that the caller spins.")
	PAUSE()
	RET()
}
