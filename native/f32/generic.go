package f32

import (
	"math"
	"unsafe"
)

// goKernels is the plain Go arithmetic: the definition of what each kernel
// computes, and what runs where there is no assembly.
func goKernels() *Kernels {
	return &Kernels{
		name: "go", lanes: 1,
		tileN: []tile{nil, tileGo(1, Width, 1), tileGo(2, Width, 1)},
		tileT: []tile{nil, tileGo(1, 1, Width), tileGo(2, 1, Width)},

		transpose: transposeGo, normForward: normForwardGo, affineReLU: affineReLUGo, normBack: normBackGo,
		normBackNear: normBackNearGo, latent: latentGo, latentBack: latentBackGo, nodeSums: nodeSumsGo,
		aggregate: aggregateGo, dot: dotGo, adam: adamGo, exp: expGo, tanh: tanhGo,
		crossEntropy: crossEntropyGo, normal: normalGo, dropout: dropoutGo, gram: gramGo,
		gramBack: gramBackGo, pause: func() {}, peak: peakGo, nearest: nearestGo,
		readout: readoutGo, readoutBack: readoutBackGo,
	}
}

func slice(p *float32, n int) []float32 { return unsafe.Slice(p, n) }

// tileGo returns tiles of one or two rows, four columns at a time so that the sums
// stay in registers.
func tileGo(rows, rowStride, kStride int) tile {
	return func(tiles, kp, kin int, a *float32, jump int, b, bias, c, _ *float32, _ int) {
		step := kin*kStride + jump/4
		pb, pd := slice(b, kp*kin*Width), slice(bias, Width)
		next := (rows - 1) * rowStride
		for t := range tiles {
			pa := slice(at(a, t*rows*rowStride), (kp-1)*step+(kin-1)*kStride+next+1)
			pc := slice(at(c, t*rows*Width), rows*Width)
			for j := 0; j < Width; j += 4 {
				c0, c1, c2, c3 := pd[j], pd[j+1], pd[j+2], pd[j+3]
				d0, d1, d2, d3 := c0, c1, c2, c3
				for p := range kp {
					i := p * step
					for k := range kin {
						x, y := pa[i], pa[i+next]
						w := pb[(p*kin+k)*Width+j:][:4:4]
						c0, c1, c2, c3 = c0+x*w[0], c1+x*w[1], c2+x*w[2], c3+x*w[3]
						if rows == 2 {
							d0, d1, d2, d3 = d0+y*w[0], d1+y*w[1], d2+y*w[2], d3+y*w[3]
						}
						i += kStride
					}
				}
				pc[j], pc[j+1], pc[j+2], pc[j+3] = c0, c1, c2, c3
				if rows == 2 {
					q := pc[Width+j:][:4:4]
					q[0], q[1], q[2], q[3] = d0, d1, d2, d3
				}
			}
		}
	}
}

func transposeGo(src, dst *float32) {
	s, d := slice(src, Width*Width), slice(dst, Width*Width)
	for i := range Width {
		for j := range Width {
			d[j*Width+i] = s[i*Width+j]
		}
	}
}

func aggregateGo(rows int, self float32, count, near *int32, x, out *float32) {
	pc, pn := unsafe.Slice(count, rows), unsafe.Slice(near, Near*rows)
	for r := range rows {
		po := slice(at(out, r*Width), Width)
		for j, v := range slice(at(x, r*Width), Width) {
			po[j] = self * v
		}
		for i := range int(pc[r]) {
			for j, v := range slice(at(x, int(pn[Near*r+i])/4), Width) {
				po[j] += v
			}
		}
	}
}

func dotGo(n int, x, y *float32) float32 {
	py := slice(y, n)
	var s [4]float32
	for i, v := range slice(x, n) {
		s[i%4] += v * py[i]
	}
	return s[0] + s[1] + (s[2] + s[3])
}

func adamGo(n int, clip, m1, v1, v2, step, root, eps float32, p, g, m, v *float32) {
	pg, pm, pv := slice(g, n), slice(m, n), slice(v, n)
	pp := slice(p, n)
	for i := range pp {
		g := clip * pg[i]
		pm[i] += m1 * (g - pm[i])
		pv[i] = v1*pv[i] + v2*(g*g)
		pp[i] -= step * (pm[i] / (root*sqrt(pv[i]) + eps))
	}
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

func expGo(n int, x, out *float32) {
	po := slice(out, n)
	for i, v := range slice(x, n) {
		po[i] = float32(math.Exp(float64(min(max(v, -87), 88))))
	}
}

func tanhGo(n int, x, out *float32) {
	po := slice(out, n)
	for i, v := range slice(x, n) {
		po[i] = float32(math.Tanh(float64(v)))
	}
}

func crossEntropyGo(n int, x, y, w, g *float32) float32 {
	py, pw, pg := slice(y, n), slice(w, n), slice(g, n)
	var sum float32
	for i, v := range slice(x, n) {
		e := float32(math.Exp(-math.Abs(float64(v))))
		s := 1 / (1 + e)
		sum += pw[i] * (max(v, 0) - v*py[i] + float32(math.Log1p(float64(e))))
		if v < 0 {
			s *= e
		}
		pg[i] = pw[i] * (s - py[i])
	}
	return sum
}

// unit maps a random word to (0, 1].
func unit(w uint32) float32 { return float32(w>>8)*(1.0/(1<<24)) + 0.5/(1<<24) }

func normalGo(n int, k0, k1, c0, c1 uint32, out *float32) {
	po := slice(out, n)
	for i := range n / 2 {
		a, b := Key{k0, k1}.Words(c0, c1+uint32(i))
		r := math.Sqrt(-2 * math.Log(float64(unit(a))))
		sin, cos := math.Sincos(2 * math.Pi * (float64(unit(b)) - 0.5))
		j := i/16*32 + i%16
		po[j], po[j+16] = float32(r*cos), float32(r*sin)
	}
}

func dropoutGo(n int, k0, k1, c0, c1 uint32, keep, scale float32, out *float32) {
	po := slice(out, n)
	clear(po)
	for i := range n / 2 {
		a, b := Key{k0, k1}.Words(c0, c1+uint32(i))
		j := i/16*32 + i%16
		if unit(a) < keep {
			po[j] = scale
		}
		if unit(b) < keep {
			po[j+16] = scale
		}
	}
}

func gramGo(graphs, nodes int, z, out *float32) {
	eachPair(graphs, nodes, func(ij, i, j int) {
		zj := slice(at(z, j*Width), 16)
		var s float32
		for d, v := range slice(at(z, i*Width), 16) {
			s += v * zj[d]
		}
		*at(out, ij) = s
	})
}

func gramBackGo(graphs, nodes int, z, out, dz *float32) {
	eachPair(graphs, nodes, func(ij, i, j int) {
		w := *at(out, ij)
		zi, zj := slice(at(z, i*Width), 16), slice(at(z, j*Width), 16)
		di, dj := slice(at(dz, i*Width), 16), slice(at(dz, j*Width), 16)
		for d := range zi {
			di[d] += w * zj[d]
			dj[d] += w * zi[d]
		}
	})
}

func eachPair(graphs, nodes int, f func(ij, i, j int)) {
	ij := 0
	for g := range graphs {
		for i := range nodes {
			for j := i + 1; j < nodes; j++ {
				f(ij, g*nodes+i, g*nodes+j)
				ij++
			}
		}
	}
}
