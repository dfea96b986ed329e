package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// horner evaluates a polynomial in x, highest coefficient first.
func (t target) horner(x reg.VecVirtual, coef ...float64) reg.VecVirtual {
	p := t.vec()
	VMOVUPS(f32(coef[0]), p)
	for _, c := range coef[1:] {
		VFMADD213PS(f32(c), x, p)
	}
	return p
}

// vexp is e^x for x clamped to [-87, 88], after Cephes' expf: x = n ln2 + r, and
// a polynomial of degree 7 in r. Relative error below 2e-7.
func (t target) vexp(x reg.VecVirtual) reg.VecVirtual {
	v, n, r2 := t.vec(), t.vec(), t.vec()
	VMINPS(f32(88), x, v)
	VMAXPS(f32(-87), v, v)
	VMOVUPS(f32(math.Log2E), n)
	VFMADD213PS(f32(12582912), v, n) // 1.5*2^23 rounds to an integer
	VSUBPS(f32(12582912), n, n)
	VFMADD231PS(f32(-0.693359375), n, v)
	VFMADD231PS(f32(2.12194440e-4), n, v)
	p := t.horner(v, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
	VMULPS(v, v, r2)
	VFMADD213PS(v, r2, p)
	VADDPS(f32(1), p, p)
	VCVTPS2DQ(n, n)
	VPSLLD(U8(23), n, n) // times 2^n
	VPADDD(n, p, p)
	return p
}

// vlog is the natural logarithm of a positive normal x, after Cephes' logf.
func (t target) vlog(x reg.VecVirtual) reg.VecVirtual {
	e, m, tmp := t.vec(), t.vec(), t.vec()
	VPSRLD(U8(23), x, e)
	VPSUBD(bits(126), e, e)
	VCVTDQ2PS(e, e)
	t.and(bits(0x7fffff), x, m)
	t.or(bits(0x3f000000), m, m) // in [0.5, 1)
	small := t.less(m, f32(math.Sqrt2/2))
	VMOVUPS(f32(1), tmp)
	t.keep(small, tmp, tmp)
	VSUBPS(tmp, e, e)
	t.keep(small, m, tmp)
	VADDPS(tmp, m, m)
	VSUBPS(f32(1), m, m)
	z := t.vec()
	VMULPS(m, m, z)
	y := t.horner(m, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
		-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)
	VMULPS(m, y, y)
	VMULPS(z, y, y)
	VFMADD231PS(f32(-2.12194440e-4), e, y)
	VFMADD231PS(f32(-0.5), z, y)
	VADDPS(y, m, m)
	VFMADD231PS(f32(0.693359375), e, m)
	return m
}

func (t target) exp() {
	t.text("exp", "func(n int, x, out *float32)", "is out = e^x, x clamped to [-87, 88].")
	t.flat(func(_ int, at map[string]Mem) {
		x := t.vec()
		VMOVUPS(at["x"], x)
		VMOVUPS(t.vexp(x), at["out"])
	}, "x", "out")
	VZEROUPPER()
	RET()
}

// tanh emits the rational function of Eigen's and XLA's tanh, odd of degree 13 over
// even of degree 6, fitted on [-7.9053, 7.9053]; beyond, float32 has only ±1.
func (t target) tanh() {
	t.text("tanh", "func(n int, x, out *float32)", "is out = tanh x.")
	t.flat(func(_ int, at map[string]Mem) {
		x, x2 := t.vec(), t.vec()
		VMOVUPS(at["x"], x)
		VMINPS(f32(7.90531110763549805), x, x)
		VMAXPS(f32(-7.90531110763549805), x, x)
		VMULPS(x, x, x2)
		p := t.horner(x2, -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
			1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03)
		q := t.horner(x2, 1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)
		VMULPS(x, p, p)
		VDIVPS(q, p, p)
		VMOVUPS(p, at["out"])
	}, "x", "out")
	VZEROUPPER()
	RET()
}

func (t target) crossEntropy() {
	t.text("crossEntropy", "func(n int, x, y, w, grad *float32) float32",
		"is the sum of w*(softplus(x) - x*y), with its gradient w*(sigmoid(x) - y) in grad.")
	acc := t.wide()
	t.flat(func(part int, at map[string]Mem) {
		x, y, neg, zero := t.vec(), t.vec(), t.vec(), t.vec()
		VMOVUPS(at["x"], x)
		VMOVUPS(at["y"], y)
		t.or(bits(0x80000000), x, neg) // -|x|
		e := t.vexp(neg)
		d, s, l := t.vec(), t.vec(), t.vec()
		VADDPS(f32(1), e, d)
		VMOVUPS(f32(1), s)
		VDIVPS(d, s, s) // sigmoid(|x|)
		t.zero(zero)
		below := t.less(x, zero)
		VMAXPS(zero, x, l)
		VFNMADD231PS(y, x, l)
		VADDPS(t.vlog(d), l, l)
		VFMADD231PS(at["w"], l, acc[part])
		// sigmoid(x) = s for x >= 0 and 1 - s = e*s below
		VMULPS(s, e, e)
		VSUBPS(s, e, e)
		t.keep(below, e, e)
		VADDPS(e, s, s)
		VSUBPS(y, s, s)
		VMULPS(at["w"], s, s)
		VMOVUPS(s, at["grad"])
	}, "x", "y", "w", "grad")
	Store(t.fold(acc), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// threefry emits Threefry-2x32-20 (Salmon, Moraes, Dror, Shaw: Parallel Random
// Numbers: As Easy as 1, 2, 3; SC 2011) on the counters (c0, c1 + lane), and
// walks over blocks of 32 results: the first words of 16 counters, then the second.
func (t target) threefry(body func(w0, w1 reg.VecVirtual, m0, m1 Mem)) {
	n, out := load("n"), load("out")
	ks := t.vecs(3)
	VBROADCASTSS(address("k0"), ks[0])
	VBROADCASTSS(address("k1"), ks[1])
	VMOVDQU32or(t, bits(0x1bd11bda), ks[2])
	t.xor(ks[0], ks[2], ks[2])
	t.xor(ks[1], ks[2], ks[2])
	c0, c1 := t.vec(), t.vec()
	VBROADCASTSS(address("c0"), c0)
	VBROADCASTSS(address("c1"), c1)
	VPADDD(iota16(), c1, c1)
	loop(n, 32, func() {
		parts := 16 / t.lanes
		x0, x1, tmp := t.vecs(parts), t.vecs(parts), t.vecs(parts)
		for p := range parts {
			VPADDD(ks[0], c0, x0[p])
			VPADDD(ks[1], c1, x1[p])
			VPADDD(bits(uint32(t.lanes)), c1, c1)
		}
		for round := 0; round < 20; round++ {
			for p := range parts { // side by side: a round is one chain of dependent steps
				VPADDD(x1[p], x0[p], x0[p])
				t.rotateLeft([]uint8{13, 15, 26, 6, 17, 29, 16, 24}[round%8], x1[p], tmp[p])
				t.xor(x0[p], x1[p], x1[p])
				if round%4 == 3 {
					i := round/4 + 1
					VPADDD(ks[i%3], x0[p], x0[p])
					VPADDD(ks[(i+1)%3], x1[p], x1[p])
					VPADDD(bits(uint32(i)), x1[p], x1[p])
				}
			}
		}
		for p := range parts {
			at := p * t.bytes()
			body(x0[p], x1[p], Mem{Base: out, Disp: at}, Mem{Base: out, Disp: 64 + at})
		}
		ADDQ(U32(128), out)
	})
	VZEROUPPER()
	RET()
}

// VMOVDQU32or loads a vector of integers.
func VMOVDQU32or(t target, m Mem, v reg.VecVirtual) {
	if t.lanes == 16 {
		VMOVDQU32(m, v)
	} else {
		VMOVDQU(m, v)
	}
}

var iotaMem *Mem

// iota16 is 0, 1, ..., 15.
func iota16() Mem {
	if iotaMem == nil {
		m := GLOBL("lane_numbers", attr.RODATA|attr.NOPTR)
		for i := 0; i < 16; i++ {
			DATA(4*i, U32(uint32(i)))
		}
		iotaMem = &m
	}
	return *iotaMem
}

const randomArgs = "func(n int, k0, k1, c0, c1 uint32, "

// unit turns random words into (w>>8 + 1/2) / 2^24, in (0, 1].
func (t target) unit(w reg.VecVirtual) reg.VecVirtual {
	u := t.vec()
	VPSRLD(U8(8), w, u)
	VCVTDQ2PS(u, u)
	VMULPS(f32(1.0/(1<<24)), u, u)
	VADDPS(f32(0.5/(1<<24)), u, u)
	return u
}

// normal emits the Box-Muller transform of pairs of words.
func (t target) normal() {
	t.text("normal", randomArgs+"out *float32)", "fills out, n a multiple of 32, with standard normal deviates.")
	t.threefry(func(w0, w1 reg.VecVirtual, m0, m1 Mem) {
		r := t.vlog(t.unit(w0))
		VMULPS(f32(-2), r, r)
		VMAXPS(f32(0), r, r)
		VSQRTPS(r, r)
		// The angle is 2h + pi with h in (-pi/2, pi/2]; sin and cos of 2h from those
		// of h by double angles. The sign that pi would add does not matter.
		h := t.unit(w1)
		VSUBPS(f32(0.5), h, h)
		VMULPS(f32(math.Pi), h, h)
		h2, s, c := t.vec(), t.vec(), t.vec()
		VMULPS(h, h, h2)
		p := t.horner(h2, -2.3889859e-08, 2.7525562e-06, -1.9840874e-04, 8.3333310e-03, -1.6666667e-01)
		VMULPS(h2, h, s)
		VFMADD213PS(h, p, s)
		q := t.horner(h2, -2.6051615e-07, 2.4760495e-05, -1.3888378e-03, 4.1666638e-02, -0.5, 1)
		VMULPS(s, q, c) // sin(2h)/2
		VADDPS(c, c, c)
		VMULPS(s, s, s)
		VMOVUPS(f32(1), q)
		VFMADD231PS(f32(-2), s, q) // cos(2h)
		VMULPS(r, q, q)
		VMULPS(r, c, c)
		VMOVUPS(q, m0)
		VMOVUPS(c, m1)
	})
}

func (t target) dropout() {
	t.text("dropout", randomArgs+"keep, scale float32, out *float32)",
		"fills out, n a multiple of 32, with scale at probability keep and 0 otherwise.")
	keep, scale := t.broadcast("keep"), t.broadcast("scale")
	t.threefry(func(w0, w1 reg.VecVirtual, m0, m1 Mem) {
		for i, w := range []reg.VecVirtual{w0, w1} {
			u := t.unit(w)
			m := t.less(u, keep)
			t.keep(m, scale, u)
			VMOVUPS(u, []Mem{m0, m1}[i])
		}
	})
}
