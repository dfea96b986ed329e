package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func newNorm() *Norm {
	row := func() []float32 { return make([]float32, Width) }
	return &Norm{row(), row(), row(), row(), row(), row()}
}

// Normalisation and its gradient against the equations in float64.
func TestNorm(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for rows := 1; rows <= 40; rows++ {
			y, d, gamma, beta := random(r, rows*Width), random(r, rows*Width), random(r, Width), random(r, Width)
			for i := range y { // far from 0, where a careless variance cancels
				y[i] = 100*gamma[(i+1)%Width] + y[i]
			}
			n := newNorm()
			copy(n.RunMean, beta)
			copy(n.RunVar, gamma)
			out, check := guarded(t, rows*Width)
			k.NormForward(rows, 0.1, 1e-5, n, y, gamma, beta, out)
			check()
			grad, check := guarded(t, rows*Width)
			copy(grad, d)
			dgamma, dbeta := make([]float32, Width), make([]float32, Width)
			k.NormBack(rows, 1/float32(rows), n, y, grad, dgamma, dbeta)
			check()
			constant := slices.Clone(d)
			k.NormBack(rows, 0, n, y, constant, make([]float32, Width), make([]float32, Width))
			for c := range Width {
				var mean, m2 float64
				for i := range rows {
					mean += float64(y[i*Width+c]) / float64(rows)
				}
				for i := range rows {
					m2 += math.Pow(float64(y[i*Width+c])-mean, 2)
				}
				invstd := 1 / math.Sqrt(m2/float64(rows)+1e-5)
				what := func(s string) string { return fmt.Sprintf("%s of column %d, %d rows", s, c, rows) }
				tol := 1e-3 // a float32 near 100 has steps of 1e-5, and invstd is 300 where rows is 1
				if rows > 1 {
					tol = 2e-4
				}
				near(t, what("mean"), n.Mean[c], mean, 1e-6)
				near(t, what("running mean"), n.RunMean[c], 0.9*float64(beta[c])+0.1*mean, 1e-6)
				near(t, what("running variance"), n.RunVar[c], 0.9*float64(gamma[c])+0.1*m2/float64(max(rows-1, 1)), 2e-5)
				near(t, what("invstd"), n.Invstd[c], invstd, tol)
				g, yhat := make([]float64, rows), make([]float64, rows)
				var sum, dot float64
				for i := range rows {
					yhat[i] = (float64(y[i*Width+c]) - mean) * invstd
					v := float64(gamma[c])*yhat[i] + float64(beta[c])
					near(t, what("output"), out[i*Width+c], max(0, v), tol*20)
					if out[i*Width+c] > 0 {
						g[i] = float64(d[i*Width+c])
					}
					sum, dot = sum+g[i], dot+g[i]*yhat[i]
				}
				near(t, what("dbeta"), dbeta[c], sum, 1e-5)
				near(t, what("dgamma"), dgamma[c], dot, tol*20)
				for i := range rows {
					scale := float64(gamma[c]) * invstd
					near(t, what("gradient"), grad[i*Width+c], scale*(g[i]-(sum+yhat[i]*dot)/float64(rows)), tol*50)
					near(t, what("gradient by constants"), constant[i*Width+c], scale*g[i], tol*20)
				}
			}
		}
	})
}

// NormBackNear is NormBack after Aggregate, and the gradient of self.
func TestNormBackNear(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for rows := 1; rows <= 20; rows++ {
			x, y, gamma, beta := random(r, rows*Width), random(r, rows*Width), random(r, Width), random(r, Width)
			count, nearRows := make([]int32, rows), make([]int32, Near*rows)
			for i := range count {
				count[i] = int32(r.IntN(Near + 1))
				for j := range Near {
					nearRows[Near*i+j] = int32(4 * Width * r.IntN(rows))
				}
			}
			n, inv := newNorm(), 1/float32(rows)
			h, want := make([]float32, rows*Width), make([]float32, rows*Width)
			k.NormForward(rows, 0.1, 1e-5, n, y, gamma, beta, h)
			row := func() []float32 { return make([]float32, Width) }
			g1, b1, g2, b2, eps := row(), row(), row(), row(), row()
			k.Aggregate(rows, 1.5, count, nearRows, x, want)
			k.NormBack(rows, inv, n, y, want, g1, b1)
			got, check := guarded(t, rows*Width)
			k.NormBackNear(rows, 1.5, count, nearRows, x, inv, n, y, got, g2, b2, eps)
			check()
			if !slices.Equal(got, want) || !slices.Equal(g1, g2) || !slices.Equal(b1, b2) {
				t.Fatalf("%d rows: not what the two steps give", rows)
			}
			for c := range Width {
				var sum float64
				for i := range rows {
					sum += float64(x[i*Width+c]) * float64(h[i*Width+c])
				}
				near(t, "gradient of self", eps[c], sum, 1e-5)
			}
		}
	})
}

func TestLatent(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for rows := 1; rows <= 12; rows++ {
			head, noise, keep, dz := random(r, rows*Width), random(r, rows*LatentWidth), random(r, rows*LatentWidth), random(r, rows*Width)
			sigma, check := guarded(t, rows*LatentWidth)
			z := make([]float32, rows*Width)
			kl := k.Latent(rows, head, noise, keep, sigma, z)
			check()
			dhead, check := guarded(t, rows*Width)
			sum, total := make([]float32, Width), make([]float64, Width)
			k.LatentBack(rows, 0.25, head, dz, noise, keep, sigma, dhead, sum)
			check()
			want := 0.0
			for i := range rows {
				for d := range LatentWidth {
					mu, ls := float64(head[i*Width+d]), float64(head[i*Width+LatentWidth+d])
					e, m, g := float64(noise[i*LatentWidth+d]), float64(keep[i*LatentWidth+d]), float64(dz[i*Width+d])
					sd := math.Exp(ls)
					want += 1 + 2*ls - mu*mu - sd*sd
					near(t, "sigma", sigma[i*LatentWidth+d], sd, 1e-6)
					near(t, "z", z[i*Width+d], (mu+sd*e)*m, 1e-5)
					dmu, dls := g*m+0.25*mu, g*m*sd*e+0.25*(sd*sd-1)
					near(t, "gradient of mu", dhead[i*Width+d], dmu, 1e-5)
					near(t, "gradient of log sigma", dhead[i*Width+LatentWidth+d], dls, 1e-5)
					total[d], total[LatentWidth+d] = total[d]+dmu, total[LatentWidth+d]+dls
				}
			}
			near(t, "divergence", kl, want, 1e-5)
			for c := range total {
				near(t, "column sum", sum[c], total[c], 1e-5)
			}
		}
	})
}

func TestNodeSums(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for graphs := 1; graphs <= 9; graphs++ {
			for nodes := 1; nodes <= 11; nodes++ {
				x := random(r, graphs*nodes*Width)
				sum, check := guarded(t, nodes*LatentWidth)
				sq := make([]float32, nodes*LatentWidth)
				k.NodeSums(graphs, nodes, x, sum, sq)
				check()
				for v := range nodes {
					for d := range LatentWidth {
						var s, q float64
						for g := range graphs {
							w := float64(x[(g*nodes+v)*Width+d])
							s, q = s+w, q+w*w
						}
						near(t, "sum", sum[v*LatentWidth+d], s, 1e-5)
						near(t, "sum of squares", sq[v*LatentWidth+d], q, 1e-5)
					}
				}
			}
		}
	})
}
