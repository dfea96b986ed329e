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
	t.walk(strip, rowBytes, body, names...)
}

// rowsBack is rows from the last to the first: whoever wrote or read these rows
// before, the last are those that it left in the nearest cache.
func (t target) rowsBack(strip int, body func(at map[string][2]Mem), names ...string) {
	t.walk(strip, -rowBytes, body, names...)
}

// walk goes from row to row in steps of that many bytes, from the last row when they
// are negative.
func (t target) walk(strip, step int, body func(at map[string][2]Mem), names ...string) {
	n := load("rows")
	at := map[string][2]Mem{}
	var ptr []reg.GPVirtual
	for _, name := range names {
		p := load(name)
		if step < 0 {
			last := GP64()
			IMUL3Q(U32(rowBytes), n, last)
			LEAQ(Mem{Base: p, Index: last, Scale: 1, Disp: -rowBytes}, p)
		}
		ptr = append(ptr, p)
		at[name] = t.pair(p, strip*2*t.bytes())
	}
	loop(n, 1, func() {
		body(at)
		for _, p := range ptr {
			ADDQ(I32(int32(step)), p)
		}
	})
}

// neighbours is self times the row of x at row, and the rows of x that near names
// added to it; count and near move on.
func (t target) neighbours(self reg.VecVirtual, count, near, x, row reg.GPVirtual) []reg.VecVirtual {
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
	ADDQ(U8(4), count)
	ADDQ(U8(64), near)
	return v
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
			v := t.neighbours(self, count, near, x, row)
			for i, m := range t.pair(out, 0) {
				VMOVUPS(v[i], m)
			}
			ADDQ(U32(rowBytes), row)
			ADDQ(U32(rowBytes), out)
		})
	}
	VZEROUPPER()
	RET()
}
