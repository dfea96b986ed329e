package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// A row of the heads' output is mu in its first 16 columns and log sigma in the
// others; noise, keep and sigma have rows of 16.

// latent emits the reparametrised draw.
func (t target) latent() {
	t.text("latent", "func(rows int, head, noise, keep, sigma, z *float32) float32",
		"draws z from mu and log sigma; latentGo says how.")
	n, head, noise, keep, sigma, z := load("rows"), load("head"), load("noise"), load("keep"), load("sigma"), load("z")
	kl := t.wide()
	loop(n, 1, func() {
		for part := range 16 / t.lanes {
			o := part * t.bytes()
			ls, mu := t.vec(), t.vec()
			VMOVUPS(Mem{Base: head, Disp: 64 + o}, ls)
			sd := t.vexp(ls)
			VMOVUPS(sd, Mem{Base: sigma, Disp: o})
			VMOVUPS(Mem{Base: head, Disp: o}, mu)
			VADDPS(ls, ls, ls) // 1 + 2 log sigma - sigma^2 - mu^2
			VADDPS(f32(1), ls, ls)
			VFNMADD231PS(sd, sd, ls)
			VFNMADD231PS(mu, mu, ls)
			VADDPS(ls, kl[part], kl[part])
			VFMADD231PS(Mem{Base: noise, Disp: o}, sd, mu)
			VMULPS(Mem{Base: keep, Disp: o}, mu, mu)
			VMOVUPS(mu, Mem{Base: z, Disp: o})
		}
		ADDQ(U32(rowBytes), head)
		ADDQ(U32(rowBytes), z)
		ADDQ(U8(64), noise)
		ADDQ(U8(64), keep)
		ADDQ(U8(64), sigma)
	})
	Store(t.fold(kl), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// latentBack emits the gradient of latent and of its divergence.
func (t target) latentBack() {
	t.text("latentBack", "func(rows int, weight float32, head, dz, noise, keep, sigma, dhead, sum *float32)",
		"is the gradient of latent; latentBackGo says what it computes.")
	n, head, dz, noise, keep, sigma, out := load("rows"), load("head"), load("dz"), load("noise"), load("keep"), load("sigma"), load("dhead")
	weight := t.broadcast("weight")
	sumMu, sumLS := t.wide(), t.wide()
	loop(n, 1, func() {
		for part := range 16 / t.lanes {
			o := part * t.bytes()
			g, mu, sd := t.vec(), t.vec(), t.vec()
			VMOVUPS(Mem{Base: dz, Disp: o}, g)
			VMULPS(Mem{Base: keep, Disp: o}, g, g)
			VMOVUPS(Mem{Base: head, Disp: o}, mu)
			VFMADD213PS(g, weight, mu)
			VMOVUPS(mu, Mem{Base: out, Disp: o})
			VADDPS(mu, sumMu[part], sumMu[part])
			VMOVUPS(Mem{Base: sigma, Disp: o}, sd)
			VMULPS(sd, g, g)
			VMULPS(Mem{Base: noise, Disp: o}, g, g)
			VMULPS(sd, sd, sd)
			VSUBPS(f32(1), sd, sd)
			VFMADD231PS(weight, sd, g)
			VMOVUPS(g, Mem{Base: out, Disp: 64 + o})
			VADDPS(g, sumLS[part], sumLS[part])
		}
		ADDQ(U32(rowBytes), head)
		ADDQ(U32(rowBytes), dz)
		ADDQ(U32(rowBytes), out)
		ADDQ(U8(64), noise)
		ADDQ(U8(64), keep)
		ADDQ(U8(64), sigma)
	})
	sum := load("sum")
	for part := range 16 / t.lanes {
		VMOVUPS(sumMu[part], Mem{Base: sum, Disp: part * t.bytes()})
		VMOVUPS(sumLS[part], Mem{Base: sum, Disp: 64 + part*t.bytes()})
	}
	VZEROUPPER()
	RET()
}

// nodeSums emits, for every node, the sums over the graphs of a batch of the first
// 16 columns of its row and of their squares.
func (t target) nodeSums() {
	t.text("nodeSums", "func(graphs, nodes int, x, sum, sq *float32)",
		"adds up x and its square by node, over graphs; nodeSumsGo says how.")
	nodes, x, sum, sq, apart := load("nodes"), load("x"), load("sum"), load("sq"), GP64()
	MOVQ(nodes, apart)
	SHLQ(U8(7), apart) // bytes between two graphs
	loop(nodes, 1, func() {
		n, row := load("graphs"), GP64()
		MOVQ(x, row)
		s, q := t.wide(), t.wide()
		loop(n, 1, func() {
			for part := range s {
				v := t.vec()
				VMOVUPS(Mem{Base: row, Disp: part * t.bytes()}, v)
				VADDPS(v, s[part], s[part])
				VFMADD231PS(v, v, q[part])
			}
			ADDQ(apart, row)
		})
		for part := range s {
			VMOVUPS(s[part], Mem{Base: sum, Disp: part * t.bytes()})
			VMOVUPS(q[part], Mem{Base: sq, Disp: part * t.bytes()})
		}
		ADDQ(U32(rowBytes), x)
		ADDQ(U8(64), sum)
		ADDQ(U8(64), sq)
	})
	VZEROUPPER()
	RET()
}
