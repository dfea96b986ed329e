package f32

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// AVX2 and AVX-512 kernels do the same operations in the same order, sums in 16
// lanes included: models trained on either are the same to the bit.
func TestSameBits(t *testing.T) {
	wide, err := Select("avx512")
	if err != nil {
		t.Skip("needs AVX-512:", err)
	}
	narrow, err := Select("avx2")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	const rows, n = 37, 37 * Width
	type run func(k *Kernels) [][]float32
	row := func() []float32 { return make([]float32, Width) }
	y, d, a, b, w := random(r, n), random(r, n), random(r, Width), random(r, Width), random(r, 128*Width)
	x := random(r, 4*n)
	count, nearRows := make([]int32, rows), make([]int32, Near*rows)
	for i := range count {
		count[i] = int32(r.IntN(7))
		for j := range Near {
			nearRows[Near*i+j] = int32(4 * Width * r.IntN(rows))
		}
	}
	for name, f := range map[string]run{
		"Mul": func(k *Kernels) [][]float32 {
			out := make([]float32, n)
			k.Mul(rows, 4, 32, x, n, w, a, out, nil)
			return [][]float32{out}
		},
		"MulT": func(k *Kernels) [][]float32 {
			out := make([]float32, Width*Width)
			k.MulT(rows, Width, y, d, out)
			return [][]float32{out}
		},
		"norm": func(k *Kernels) [][]float32 {
			m, out, g, h := newNorm(), make([]float32, n), slices.Clone(d), make([]float32, n)
			dg, db, e := row(), row(), row()
			k.NormForward(rows, 0.1, 1e-5, m, y, a, b, out)
			k.NormBack(rows, 1./rows, m, y, g, dg, db)
			k.NormBackNear(rows, 1.5, count, nearRows, d, 1./rows, m, y, h, row(), row(), e)
			return [][]float32{m.RunMean, m.RunVar, m.Mean, m.Invstd, m.Scale, m.Shift, out, g, dg, db, h, e}
		},
		"latent": func(k *Kernels) [][]float32 {
			sigma, z, dh, s := make([]float32, n/2), slices.Clone(d), make([]float32, n), row()
			kl := k.Latent(rows, y, x[:n/2], x[n:n+n/2], sigma, z)
			k.LatentBack(rows, 0.25, y, d, x[:n/2], x[n:n+n/2], sigma, dh, s)
			p, q := make([]float32, 5*LatentWidth), make([]float32, 5*LatentWidth)
			k.NodeSums(7, 5, y, p, q)
			return [][]float32{sigma, z, dh, s, {kl}, p, q}
		},
		"Aggregate": func(k *Kernels) [][]float32 {
			out := make([]float32, n)
			k.Aggregate(rows, a[0], count, nearRows, y, out)
			return [][]float32{out}
		},
		"Dot": func(k *Kernels) [][]float32 {
			return [][]float32{{k.Dot(y, d), k.Dot(y[:16], d[:16]), k.Dot(y[:112], d[:112])}}
		},
		"Adam": func(k *Kernels) [][]float32 {
			p, m, v := slices.Clone(y), slices.Clone(d), make([]float32, n)
			for range 3 {
				k.Adam(AdamStep{0.7, 0.1, 0.999, 0.001, 0.01, 2, 1e-8}, p, x[:n], m, v)
			}
			return [][]float32{p, m, v}
		},
		"elementwise": func(k *Kernels) [][]float32 {
			e, g := make([]float32, n), make([]float32, n)
			k.Exp(y, e)
			loss := k.CrossEntropy(y, d, x[:n], g)
			return [][]float32{e, g, {loss}}
		},
		"random": func(k *Kernels) [][]float32 {
			u, v := make([]float32, 320), make([]float32, 320)
			k.Normal(NewKey(1, 2), 3, 4, u)
			k.Dropout(NewKey(1, 2), 3, 4, 0.7, v)
			return [][]float32{u, v}
		},
		"Gram": func(k *Kernels) [][]float32 {
			out, dz := make([]float32, 3*28), slices.Clone(d)
			k.Gram(3, 8, y, out)
			k.GramBack(3, 8, y, out, dz)
			return [][]float32{out, dz}
		},
	} {
		got, want := f(wide), f(narrow)
		for i := range want {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("%s, result %d: AVX-512 and AVX2 differ", name, i)
			}
		}
	}
}
