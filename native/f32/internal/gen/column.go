package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pair addresses the two vectors of a strip.
func (t target) pair(base reg.Register, disp int) [2]Mem {
	return [2]Mem{{Base: base, Disp: disp}, {Base: base, Disp: disp + t.bytes()}}
}

func (t target) loadPair(name string, strip int) [2]reg.VecVirtual {
	p := load(name)
	v := [2]reg.VecVirtual{t.vec(), t.vec()}
	for i, m := range t.pair(p, strip*2*t.bytes()) {
		VMOVUPS(m, v[i])
	}
	return v
}

func (t target) storePair(v [2]reg.VecVirtual, name string, strip int) {
	p := load(name)
	for i, m := range t.pair(p, strip*2*t.bytes()) {
		VMOVUPS(v[i], m)
	}
}

func (t target) zeroPair() [2]reg.VecVirtual {
	v := [2]reg.VecVirtual{t.vec(), t.vec()}
	t.zero(v[0])
	t.zero(v[1])
	return v
}

// rows walks down a strip of the named panels, one row a turn.
func (t target) rows(strip int, body func(at map[string][2]Mem), names ...string) {
	n := load("rows")
	at := map[string][2]Mem{}
	var ptr []reg.GPVirtual
	for _, name := range names {
		p := load(name)
		ptr = append(ptr, p)
		at[name] = t.pair(p, strip*2*t.bytes())
	}
	loop(n, 1, func() {
		body(at)
		for _, p := range ptr {
			ADDQ(U32(rowBytes), p)
		}
	})
}

func (t target) colStats() {
	t.text("colStats", "func(rows int, inv float32, y, mean, m2 *float32)",
		"sets mean and m2 = sum (y - mean)^2 of every column.")
	for s := 0; s < t.strips(); s++ {
		sum := t.zeroPair()
		t.rows(s, func(at map[string][2]Mem) {
			for i := range sum {
				VADDPS(at["y"][i], sum[i], sum[i])
			}
		}, "y")
		inv := t.broadcast("inv")
		for i := range sum {
			VMULPS(inv, sum[i], sum[i])
		}
		t.storePair(sum, "mean", s)
		sq := t.zeroPair()
		t.rows(s, func(at map[string][2]Mem) {
			for i := range sq {
				d := t.vec()
				VMOVUPS(at["y"][i], d)
				VSUBPS(sum[i], d, d)
				VFMADD231PS(d, d, sq[i])
			}
		}, "y")
		t.storePair(sq, "m2", s)
	}
	VZEROUPPER()
	RET()
}

func (t target) affineReLU() {
	t.text("affineReLU", "func(rows int, y, scale, shift, out *float32)", "is out = max(0, scale*y + shift).")
	for s := 0; s < t.strips(); s++ {
		scale, shift := t.loadPair("scale", s), t.loadPair("shift", s)
		zero := t.vec()
		t.zero(zero)
		t.rows(s, func(at map[string][2]Mem) {
			for i := range scale {
				v := t.vec()
				VMOVUPS(at["y"][i], v)
				VFMADD213PS(shift[i], scale[i], v)
				VMAXPS(zero, v, v)
				VMOVUPS(v, at["out"][i])
			}
		}, "y", "out")
	}
	VZEROUPPER()
	RET()
}

func (t target) reluBack() {
	t.text("reluBack", "func(rows int, y, scale, shift, mean, d, sum, dot *float32)",
		"zeroes d where scale*y + shift <= 0 and sets sum = sum d, dot = sum d*(y - mean).")
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
		t.storePair(sum, "sum", s)
		t.storePair(dot, "dot", s)
	}
	VZEROUPPER()
	RET()
}

func (t target) normBack() {
	t.text("normBack", "func(rows int, d, y, k, q, c, out, sum *float32)",
		"is out = k*d + q*y + c and sum = the column sums of out.")
	for s := 0; s < t.strips(); s++ {
		k, q, c := t.loadPair("k", s), t.loadPair("q", s), t.loadPair("c", s)
		sum := t.zeroPair()
		t.rows(s, func(at map[string][2]Mem) {
			for i := range k {
				v := t.vec()
				VMOVUPS(at["y"][i], v)
				VFMADD213PS(c[i], q[i], v)
				VFMADD231PS(at["d"][i], k[i], v)
				VADDPS(v, sum[i], sum[i])
				VMOVUPS(v, at["out"][i])
			}
		}, "d", "y", "out")
		t.storePair(sum, "sum", s)
	}
	VZEROUPPER()
	RET()
}

func (t target) aggregate() {
	t.text("aggregate", "func(rows int, self float32, count, near *int32, x, out *float32)",
		"is out[r] = self*x[r] + the sum of x at row r's neighbours; near holds 16 byte offsets a row.")
	for s := 0; s < t.strips(); s++ {
		n, count, near, x, out := load("rows"), load("count"), load("near"), load("x"), load("out")
		if s > 0 {
			ADDQ(U8(uint8(s*2*t.bytes())), x)
			ADDQ(U8(uint8(s*2*t.bytes())), out)
		}
		row := GP64()
		MOVQ(x, row)
		self := t.broadcast("self")
		loop(n, 1, func() {
			v := t.vecs(2)
			for i, m := range t.pair(row, 0) {
				VMULPS(m, self, v[i])
			}
			c, p := GP64(), GP64()
			MOVLQSX(Mem{Base: count}, c)
			MOVQ(near, p)
			loop(c, 1, func() {
				o := GP64()
				MOVLQSX(Mem{Base: p}, o)
				for i := range v {
					VADDPS(Mem{Base: x, Index: o, Scale: 1, Disp: i * t.bytes()}, v[i], v[i])
				}
				ADDQ(U8(4), p)
			})
			for i, m := range t.pair(out, 0) {
				VMOVUPS(v[i], m)
			}
			ADDQ(U32(rowBytes), row)
			ADDQ(U32(rowBytes), out)
			ADDQ(U8(4), count)
			ADDQ(U8(64), near)
		})
	}
	VZEROUPPER()
	RET()
}
