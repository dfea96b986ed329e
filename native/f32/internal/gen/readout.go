package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// readouts emits the kernels of a linear function of tanh units.
func readouts() {
	for _, t := range targets {
		t.readout()
		t.readoutBack()
	}
}

// readout emits the products of rows of several panels with one vector: 16 lanes are
// summed, the first half of each panel's row before the second.
func (t target) readout() {
	t.text("readout", "func(rows, panels, stride int, x, w, out *float32)",
		"sets out to the products of rows with w; readoutGo says how.")
	n, stride, x, out := load("rows"), load("stride"), load("x"), load("out")
	SHLQ(U8(2), stride) // bytes between two panels
	loop(n, 1, func() {
		acc, panels, row, w := t.wide(), load("panels"), GP64(), load("w")
		MOVQ(x, row)
		loop(panels, 1, func() {
			for half := range 2 {
				for i := range acc {
					v, disp := t.vec(), 64*half+i*t.bytes()
					VMOVUPS(Mem{Base: row, Disp: disp}, v)
					VFMADD231PS(Mem{Base: w, Disp: disp}, v, acc[i])
				}
			}
			ADDQ(stride, row)
			ADDQ(U32(rowBytes), w)
		})
		VMOVSS(t.fold(acc), Mem{Base: out})
		ADDQ(U32(rowBytes), x)
		ADDQ(U8(4), out)
	})
	VZEROUPPER()
	RET()
}

// readoutBack emits the gradient of readout and of tanh for one panel.
func (t target) readoutBack() {
	t.text("readoutBack", "func(rows int, e, w, h, d, dw *float32)",
		"is the gradient of a readout of tanh units; readoutBackGo says what it computes.")
	w, dw := load("w"), load("dw")
	one := t.vec()
	VMOVUPS(f32(1), one)
	const registers = 2 // at a time
	for strip := range 32 / (registers * t.lanes) {
		n, e, h, d := load("rows"), load("e"), load("h"), load("d")
		weights, sums := t.vecs(registers), t.vecs(registers)
		shift := strip * registers * t.bytes()
		for i := range weights {
			VMOVUPS(Mem{Base: w, Disp: shift + i*t.bytes()}, weights[i])
			t.zero(sums[i])
		}
		loop(n, 1, func() {
			s := t.vec()
			VBROADCASTSS(Mem{Base: e}, s)
			for i := range weights {
				at := shift + i*t.bytes()
				v, rest := t.vec(), t.vec()
				VMOVUPS(Mem{Base: h, Disp: at}, v)
				VFMADD231PS(s, v, sums[i])
				VMOVAPS(one, rest)
				VFNMADD231PS(v, v, rest)
				VMULPS(weights[i], s, v)
				VMULPS(rest, v, v)
				VMOVUPS(v, Mem{Base: d, Disp: at})
			}
			ADDQ(U8(4), e)
			ADDQ(U32(rowBytes), h)
			ADDQ(U32(rowBytes), d)
		})
		for i := range sums {
			VMOVUPS(sums[i], Mem{Base: dw, Disp: shift + i*t.bytes()})
		}
	}
	VZEROUPPER()
	RET()
}
