package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Batch normalisation takes one strip of columns after the other through all of
// its passes, so that from the second pass on the strip is in the nearest cache.

// row addresses the strip's two vectors of a parameter that is one row.
func (t target) row(name string, strip int) [2]Mem {
	return t.pair(load(name), strip*2*t.bytes())
}

// normForward emits the batch's statistics in one pass, by sums of y - y[0] and of
// its square: the first row lies among the data, which is what keeps a variance
// from cancelling (Chan, Golub, LeVeque: Algorithms for Computing the Sample
// Variance, 1983). Even and odd rows are added up apart.
func (t target) normForward() {
	t.text("normForward", "func(rows int, inv, inv1, momentum, eps float32, y, gamma, beta, runMean, runVar, mean, invstd, scale, shift, out *float32)",
		"is batch normalisation of a panel while training; normForwardGo says what it computes.")
	for s := 0; s < t.strips(); s++ {
		first := t.loadPair("y", s)
		sum, sq := [2][2]reg.VecVirtual{t.zeroPair(), t.zeroPair()}, [2][2]reg.VecVirtual{t.zeroPair(), t.zeroPair()}
		n, y := load("rows"), load("y")
		at := t.pair(y, s*2*t.bytes())
		for _, unroll := range []int{2, 1} {
			loop(n, unroll, func() {
				for u := 0; u < unroll; u++ {
					for i := range first {
						d := t.vec()
						VMOVUPS(at[i].Offset(u*rowBytes), d)
						VSUBPS(first[i], d, d)
						VADDPS(d, sum[u][i], sum[u][i])
						VFMADD231PS(d, d, sq[u][i])
					}
				}
				ADDQ(U32(uint32(unroll*rowBytes)), y)
			})
		}
		inv := t.broadcast("inv")
		for i, mean := range first {
			total, m2 := sum[0][i], sq[0][i]
			VADDPS(sum[1][i], total, total)
			VADDPS(sq[1][i], m2, m2)
			d := t.vec()
			VMULPS(inv, total, d) // mean - y[0]
			VFNMADD231PS(d, total, m2)
			t.zero(total)
			VMAXPS(total, m2, m2)
			VADDPS(d, mean, mean)
			VMOVUPS(mean, t.row("mean", s)[i])

			// the running averages, the variance unbiased
			momentum, run := t.broadcast("momentum"), t.vec()
			VMOVUPS(t.row("runMean", s)[i], run)
			VSUBPS(run, mean, d)
			VFMADD231PS(momentum, d, run)
			VMOVUPS(run, t.row("runMean", s)[i])
			inv1 := t.broadcast("inv1")
			VMULPS(inv1, m2, d)
			VMOVUPS(t.row("runVar", s)[i], run)
			VSUBPS(run, d, d)
			VFMADD231PS(momentum, d, run)
			VMOVUPS(run, t.row("runVar", s)[i])

			VFMADD213PS(t.broadcast("eps"), inv, m2)
			VSQRTPS(m2, m2)
			VMOVUPS(f32(1), d)
			VDIVPS(m2, d, d)
			VMOVUPS(d, t.row("invstd", s)[i])
			VMULPS(t.row("gamma", s)[i], d, d)
			VMOVUPS(d, t.row("scale", s)[i])
			shift := t.vec()
			VMOVUPS(t.row("beta", s)[i], shift)
			VFNMADD231PS(d, mean, shift)
			VMOVUPS(shift, t.row("shift", s)[i])
		}
		t.affineStrip(s)
	}
	VZEROUPPER()
	RET()
}

func (t target) affineReLU() {
	t.text("affineReLU", "func(rows int, y, scale, shift, out *float32)", "is out = max(0, scale*y + shift).")
	for s := 0; s < t.strips(); s++ {
		t.affineStrip(s)
	}
	VZEROUPPER()
	RET()
}

func (t target) affineStrip(s int) {
	scale, shift := t.loadPair("scale", s), t.loadPair("shift", s)
	zero := t.vec()
	t.zero(zero)
	t.rowsBack(s, func(at map[string][2]Mem) {
		for i := range scale {
			v := t.vec()
			VMOVUPS(at["y"][i], v)
			VFMADD213PS(shift[i], scale[i], v)
			VMAXPS(zero, v, v)
			VMOVUPS(v, at["out"][i])
		}
	}, "y", "out")
}

const normBackArgs = "y, mean, invstd, scale, shift, d, dgamma, dbeta"

// normBack emits two passes: the sums, and the gradient by them.
func (t target) normBack() {
	t.text("normBack", "func(rows int, inv float32, "+normBackArgs+" *float32)",
		"is the gradient of normalisation and ReLU, in place; normBackGo says what it computes.")
	for s := 0; s < t.strips(); s++ {
		scale, shift, mean := t.loadPair("scale", s), t.loadPair("shift", s), t.loadPair("mean", s)
		sum, dot := t.zeroPair(), t.zeroPair()
		zero := t.vec()
		t.zero(zero)
		t.rows(s, func(at map[string][2]Mem) {
			for i := range scale {
				y, v, g := t.vec(), t.vec(), t.vec()
				VMOVUPS(at["y"][i], y)
				VMOVAPS(y, v)
				VFMADD213PS(shift[i], scale[i], v)
				m := t.less(zero, v)
				VMOVUPS(at["d"][i], g)
				t.keep(m, g, g)
				VMOVUPS(g, at["d"][i])
				VADDPS(g, sum[i], sum[i])
				VSUBPS(mean[i], y, y)
				VFMADD231PS(g, y, dot[i])
			}
		}, "y", "d")
		t.normBackStrip(s, sum, dot)
	}
	VZEROUPPER()
	RET()
}

// normBackNear is aggregate followed by normBack. Column constants that do not fit
// into registers are read from memory.
func (t target) normBackNear() {
	t.text("normBackNear", "func(rows int, self float32, count, near *int32, x *float32, inv float32, "+normBackArgs+", eps *float32)",
		"aggregates x into d, does with it what normBack does, and sets eps = sum x*max(0, scale*y + shift).")
	for s := 0; s < t.strips(); s++ {
		off := s * 2 * t.bytes()
		n, count, near, x := load("rows"), load("count"), load("near"), load("x")
		y, d := load("y"), load("d")
		scale, shift, mean := t.loadPair("scale", s), t.row("shift", s), t.row("mean", s)
		for _, p := range []reg.GPVirtual{x, y, d} {
			ADDQ(U8(uint8(off)), p)
		}
		row := GP64()
		MOVQ(x, row)
		self, zero := t.broadcast("self"), t.vec()
		t.zero(zero)
		sum, dot, eps := t.zeroPair(), t.zeroPair(), t.zeroPair()
		loop(n, 1, func() {
			g := t.neighbours(self, count, near, x, row)
			for i := range g {
				v, h := t.vec(), t.vec()
				VMOVUPS(t.pair(y, 0)[i], v)
				VMOVAPS(v, h)
				VFMADD213PS(shift[i], scale[i], h)
				m := t.less(zero, h)
				VMAXPS(zero, h, h)
				VFMADD231PS(t.pair(row, 0)[i], h, eps[i])
				t.keep(m, g[i], g[i])
				VMOVUPS(g[i], t.pair(d, 0)[i])
				VADDPS(g[i], sum[i], sum[i])
				VSUBPS(mean[i], v, v)
				VFMADD231PS(g[i], v, dot[i])
			}
			for _, p := range []reg.GPVirtual{row, y, d} {
				ADDQ(U32(rowBytes), p)
			}
		})
		t.storePair(eps, "eps", s)
		t.normBackStrip(s, sum, dot)
	}
	VZEROUPPER()
	RET()
}

// normBackStrip is the second pass: d = scale*d + (ky*y + kc), where
//
//	ky = -scale*invstd*dgamma*inv,  kc = -ky*mean - scale*dbeta*inv
func (t target) normBackStrip(s int, sum, dot [2]reg.VecVirtual) {
	t.storePair(sum, "dbeta", s)
	scale, ky, kc := t.loadPair("scale", s), t.loadPair("invstd", s), [2]reg.VecVirtual{t.vec(), t.vec()}
	inv, zero := t.broadcast("inv"), t.vec()
	t.zero(zero)
	for i := range scale {
		VMULPS(ky[i], dot[i], dot[i])
		VMOVUPS(dot[i], t.row("dgamma", s)[i])
		VMULPS(scale[i], ky[i], ky[i])
		VMULPS(dot[i], ky[i], ky[i])
		VMULPS(inv, ky[i], ky[i])
		VSUBPS(ky[i], zero, ky[i])
		VMULPS(scale[i], sum[i], sum[i])
		VMULPS(inv, sum[i], sum[i])
		VMOVAPS(sum[i], kc[i])
		VFMADD231PS(t.row("mean", s)[i], ky[i], kc[i])
		VSUBPS(kc[i], zero, kc[i])
	}
	t.rowsBack(s, func(at map[string][2]Mem) {
		for i := range scale {
			v := t.vec()
			VMOVUPS(at["y"][i], v)
			VFMADD213PS(kc[i], ky[i], v)
			VFMADD231PS(at["d"][i], scale[i], v)
			VMOVUPS(v, at["d"][i])
		}
	}, "y", "d")
}
