package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// flat walks arrays of n elements, n a multiple of 16. Each turn handles 16: one
// call of body a register, numbered by part.
func (t target) flat(body func(part int, at map[string]Mem), names ...string) {
	n := load("n")
	ptr := map[string]reg.GPVirtual{}
	for _, name := range names {
		ptr[name] = load(name)
	}
	loop(n, 16, func() {
		for part := range 16 / t.lanes {
			at := map[string]Mem{}
			for name, p := range ptr {
				at[name] = Mem{Base: p, Disp: part * t.bytes()}
			}
			body(part, at)
		}
		for _, name := range names {
			ADDQ(U8(64), ptr[name])
		}
	})
}

// The sums below are taken in 16 lanes on either target, two registers of eight
// with AVX2, and folded in the same order: both give the same bits.

// wide is 16 lanes.
type wide []reg.VecVirtual

func (t target) wide() wide {
	w := wide(t.vecs(16 / t.lanes))
	for _, v := range w {
		t.zero(v)
	}
	return w
}

func (t target) addTo(dst, src wide) {
	for i := range dst {
		VADDPS(src[i], dst[i], dst[i])
	}
}

// fold leaves the sum of w's lanes in the lowest lane of the result.
func (t target) fold(w wide) reg.VecVirtual {
	v := YMM()
	if t.lanes == 16 {
		VEXTRACTF64X4(U8(1), w[0], v)
		VADDPS(v, w[0].AsY(), v)
	} else {
		VADDPS(w[1], w[0], v)
	}
	return t.hsum(v)
}

func (t target) dot() {
	t.text("dot", "func(n int, x, y *float32) float32", "is the sum of x*y.")
	n, x, y := load("n"), load("x"), load("y")
	acc := []wide{t.wide(), t.wide(), t.wide(), t.wide()}
	for _, unroll := range []int{4, 1} {
		loop(n, unroll*16, func() {
			for k, a := range acc[:unroll] {
				for i := range a {
					v, disp := t.vec(), 64*k+i*t.bytes()
					VMOVUPS(Mem{Base: x, Disp: disp}, v)
					VFMADD231PS(Mem{Base: y, Disp: disp}, v, a[i])
				}
			}
			ADDQ(U32(uint32(unroll*64)), x)
			ADDQ(U32(uint32(unroll*64)), y)
		})
	}
	t.addTo(acc[0], acc[1])
	t.addTo(acc[2], acc[3])
	t.addTo(acc[0], acc[2])
	Store(t.fold(acc[0]), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// adam emits Kingma and Ba's update with the bias corrections folded into step
// and root.
func (t target) adam() {
	t.text("adam", "func(n int, clip, m1, v1, v2, step, root, eps float32, p, grad, m, v *float32)",
		"is one Adam update; adamGo says what it computes.")
	clip, m1, v1, v2 := t.broadcast("clip"), t.broadcast("m1"), t.broadcast("v1"), t.broadcast("v2")
	step, root, eps := t.broadcast("step"), t.broadcast("root"), t.broadcast("eps")
	t.flat(func(_ int, at map[string]Mem) {
		g, m, v, d := t.vec(), t.vec(), t.vec(), t.vec()
		VMULPS(at["grad"], clip, g)
		VMOVUPS(at["m"], m)
		VSUBPS(m, g, d)
		VFMADD231PS(m1, d, m) // m += (1-beta1)(g-m)
		VMOVUPS(m, at["m"])
		VMULPS(at["v"], v1, v)
		VMULPS(g, g, g)
		VFMADD231PS(v2, g, v) // v = beta2 v + (1-beta2) g^2
		VMOVUPS(v, at["v"])
		VSQRTPS(v, v)
		VFMADD213PS(eps, root, v)
		VDIVPS(v, m, m)
		VMULPS(step, m, m)
		VMOVUPS(at["p"], d)
		VSUBPS(m, d, d)
		VMOVUPS(d, at["p"])
	}, "p", "grad", "m", "v")
	VZEROUPPER()
	RET()
}

// gram emits the strict upper triangle of Z Zᵀ for every graph of a batch: one
// 16-term product a pair of nodes.
func (t target) gram() {
	t.text("gram", "func(graphs, nodes int, z, out *float32)",
		"appends z[i]·z[j] for i < j of every graph to out; rows of z are 32 apart, 16 used.")
	t.pairs("gram", func(zi []reg.VecVirtual, _, zj, w reg.Register, _ []reg.VecVirtual, _ reg.Register) {
		p := wide(t.vecs(len(zi)))
		for k := range zi {
			VMULPS(Mem{Base: zj, Disp: k * t.bytes()}, zi[k], p[k])
		}
		VMOVSS(t.fold(p), Mem{Base: w})
	})
}

// gramBack emits the gradient of gram.
func (t target) gramBack() {
	t.text("gramBack", "func(graphs, nodes int, z, out, dz *float32)",
		"adds out[ij]*z[j] to dz[i] and out[ij]*z[i] to dz[j]; the rows of z and dz are 32 apart.")
	t.pairs("gramBack", func(zi []reg.VecVirtual, _, zj, w reg.Register, di []reg.VecVirtual, dj reg.Register) {
		s := t.vec()
		VBROADCASTSS(Mem{Base: w}, s)
		for k := range zi {
			d := t.vec()
			VFMADD231PS(Mem{Base: zj, Disp: k * t.bytes()}, s, di[k])
			VMOVUPS(Mem{Base: dj, Disp: k * t.bytes()}, d)
			VFMADD231PS(zi[k], s, d)
			VMOVUPS(d, Mem{Base: dj, Disp: k * t.bytes()})
		}
	})
}

// pairs walks the pairs i < j of every graph; with a dz parameter it keeps row i
// of dz in registers meanwhile.
func (t target) pairs(name string, body func(zi []reg.VecVirtual, i, zj, w reg.Register, di []reg.VecVirtual, dj reg.Register)) {
	graphs, nodes, z, w := load("graphs"), load("nodes"), load("z"), load("out")
	back := name == "gramBack"
	var dz reg.GPVirtual
	if back {
		dz = load("dz")
	}
	k := 16 / t.lanes
	loop(graphs, 1, func() {
		left := GP64()
		MOVQ(nodes, left)
		loop(left, 1, func() { // node i has `left` later nodes
			zi, di := t.vecs(k), t.vecs(k)
			for i := range zi {
				VMOVUPS(Mem{Base: z, Disp: i * t.bytes()}, zi[i])
				if back {
					VMOVUPS(Mem{Base: dz, Disp: i * t.bytes()}, di[i])
				}
			}
			zj, dj, n := GP64(), GP64(), GP64()
			MOVQ(z, zj)
			if back {
				MOVQ(dz, dj)
			}
			MOVQ(left, n)
			loop(n, 1, func() {
				ADDQ(U32(rowBytes), zj)
				if back {
					ADDQ(U32(rowBytes), dj)
				}
				body(zi, nil, zj, w, di, dj)
				ADDQ(U8(4), w)
			})
			if back {
				for i := range di {
					VMOVUPS(di[i], Mem{Base: dz, Disp: i * t.bytes()})
				}
				ADDQ(U32(rowBytes), dz)
			}
			ADDQ(U32(rowBytes), z)
		})
	})
	VZEROUPPER()
	RET()
}
