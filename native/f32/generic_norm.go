package f32

func normForwardGo(rows int, inv, inv1, momentum, eps float32, y, gamma, beta, runMean, runVar, mean, invstd, scale, shift, out *float32) {
	py, pm := slice(y, rows*Width), slice(mean, Width)
	copy(pm, py)
	var sum, sq [Width]float32
	for i, v := range py {
		d := v - pm[i%Width]
		sum[i%Width] += d
		sq[i%Width] += d * d
	}
	for c := range Width {
		m2 := max(0, sq[c]-sum[c]*(sum[c]*inv))
		pm[c] += sum[c] * inv
		*at(runMean, c) += momentum * (pm[c] - *at(runMean, c))
		*at(runVar, c) += momentum * (m2*inv1 - *at(runVar, c))
		*at(invstd, c) = 1 / sqrt(m2*inv+eps)
		*at(scale, c) = *at(gamma, c) * *at(invstd, c)
		*at(shift, c) = *at(beta, c) - pm[c]**at(scale, c)
	}
	affineReLUGo(rows, y, scale, shift, out)
}

func affineReLUGo(rows int, y, scale, shift, out *float32) {
	ps, pt, po := slice(scale, Width), slice(shift, Width), slice(out, rows*Width)
	for i, v := range slice(y, rows*Width) {
		po[i] = max(0, ps[i%Width]*v+pt[i%Width])
	}
}

func normBackGo(rows int, inv float32, y, mean, invstd, scale, shift, d, dgamma, dbeta *float32) {
	ps, pt, pm := slice(scale, Width), slice(shift, Width), slice(mean, Width)
	py, pd := slice(y, rows*Width), slice(d, rows*Width)
	var sum, dot [Width]float32
	for i, v := range py {
		c := i % Width
		if !(ps[c]*v+pt[c] > 0) {
			pd[i] = 0
		}
		sum[c] += pd[i]
		dot[c] += pd[i] * (v - pm[c])
	}
	var ky, kc [Width]float32
	for c := range Width {
		dot[c] *= *at(invstd, c)
		*at(dgamma, c), *at(dbeta, c) = dot[c], sum[c]
		ky[c] = -(ps[c] * *at(invstd, c) * dot[c] * inv)
		kc[c] = -(ky[c]*pm[c] + ps[c]*sum[c]*inv)
	}
	for i, v := range py {
		c := i % Width
		pd[i] = ps[c]*pd[i] + (ky[c]*v + kc[c])
	}
}

func normBackNearGo(rows int, self float32, count, near *int32, x *float32, inv float32, y, mean, invstd, scale, shift, d, dgamma, dbeta, eps *float32) {
	aggregateGo(rows, self, count, near, x, d)
	normBackGo(rows, inv, y, mean, invstd, scale, shift, d, dgamma, dbeta)
	ps, pt, px, pe := slice(scale, Width), slice(shift, Width), slice(x, rows*Width), slice(eps, Width)
	clear(pe)
	for i, v := range slice(y, rows*Width) {
		c := i % Width
		pe[c] += px[i] * max(0, ps[c]*v+pt[c])
	}
}

func latentGo(rows int, head, noise, keep, sigma, z *float32) float32 {
	var kl float32
	var expRow [LatentWidth]float32
	for r := range rows {
		mu, ls := slice(at(head, r*Width), LatentWidth), slice(at(head, r*Width+LatentWidth), LatentWidth)
		o := r * LatentWidth
		e, m, sd, out := slice(at(noise, o), LatentWidth), slice(at(keep, o), LatentWidth), slice(at(sigma, o), LatentWidth), slice(at(z, r*Width), LatentWidth)
		expGo(LatentWidth, &ls[0], &expRow[0])
		for d, v := range mu {
			s := expRow[d]
			sd[d] = s
			kl += 1 + 2*ls[d] - s*s - v*v
			out[d] = (v + s*e[d]) * m[d]
		}
	}
	return kl
}

func latentBackGo(rows int, weight float32, head, dz, noise, keep, sigma, dhead, sum *float32) {
	total := slice(sum, Width)
	clear(total)
	for r := range rows {
		o := r * LatentWidth
		e, m, sd := slice(at(noise, o), LatentWidth), slice(at(keep, o), LatentWidth), slice(at(sigma, o), LatentWidth)
		mu, out := slice(at(head, r*Width), LatentWidth), slice(at(dhead, r*Width), Width)
		for d, g := range slice(at(dz, r*Width), LatentWidth) {
			g *= m[d]
			out[d] = g + weight*mu[d]
			out[LatentWidth+d] = g*sd[d]*e[d] + weight*(sd[d]*sd[d]-1)
		}
		for c, v := range out {
			total[c] += v
		}
	}
}

func nodeSumsGo(graphs, nodes int, x, sum, sq *float32) {
	for v := range nodes {
		s, q := slice(at(sum, v*LatentWidth), LatentWidth), slice(at(sq, v*LatentWidth), LatentWidth)
		clear(s)
		clear(q)
		for g := range graphs {
			for d, w := range slice(at(x, (g*nodes+v)*Width), LatentWidth) {
				s[d] += w
				q[d] += w * w
			}
		}
	}
}
