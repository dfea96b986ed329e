package f32

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// AVX2 and AVX-512 kernels do the same operations in the same order, sums in 16
// lanes included: models trained on either are the same to the bit. The numbers of
// rows take in the edges of both sets' tiles.
func TestSameBits(t *testing.T) {
	wide, err := Select("avx512")
	if err != nil {
		t.Skip("needs AVX-512:", err)
	}
	narrow, err := Select("avx2")
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range []int{1, 2, 3, 6, 7, 12, 13, 14, 15, 28, 29, 37} {
		got, want := sameBitsRuns(wide, rows), sameBitsRuns(narrow, rows)
		for name := range want {
			for i := range want[name] {
				if !slices.Equal(got[name][i], want[name][i]) {
					t.Errorf("%s of %d rows, result %d: AVX-512 and AVX2 differ", name, rows, i)
				}
			}
		}
	}
}

// sameBitsRuns calls every kernel on random panels of rows rows. Results have
// spare room at the end, which a store that is too wide would show in.
func sameBitsRuns(k *Kernels, rows int) map[string][][]float32 {
	r := rand.New(rand.NewPCG(1, uint64(rows)))
	n, nodes := rows*Width, min(rows, 8)
	graphs := rows / nodes
	room := func(n int) []float32 { return make([]float32, n+64) }
	row := func() []float32 { return room(Width) }
	y, d, a, b, w := random(r, n), random(r, n), random(r, Width), random(r, Width), random(r, 128*Width)
	x, half := random(r, 4*n), n/2
	noise, keep := x[:half], x[half:n]
	count, near := make([]int32, rows), make([]int32, Near*rows)
	for i := range count {
		count[i] = int32(r.IntN(Near + 1))
		for j := range Near {
			near[Near*i+j] = int32(4 * Width * r.IntN(rows))
		}
	}
	runs := map[string][][]float32{}
	for _, kin := range []int{1, 4, 15, 32} {
		for _, kp := range []int{1, 4} {
			out := room(n)
			k.Mul(rows, kp, kin, x, n, w, a, out, x)
			runs["Mul"] = append(runs["Mul"], out)
		}
	}
	for kin := 1; kin <= Width; kin++ {
		for _, kp := range []int{1, 3} {
			out := room(kp * kin * Width)
			k.MulT(rows, kp, kin, x, n, d, out)
			runs["MulT"] = append(runs["MulT"], out)
		}
	}

	m := &Norm{row(), row(), row(), row(), row(), row()}
	out, g, h := room(n), append(slices.Clone(d), row()...), room(n)
	dg, db, dg2, db2, e := row(), row(), row(), row(), row()
	k.NormForward(rows, 0.1, 1e-5, m, y, a, b, out)
	k.NormBack(rows, 1/float32(rows), m, y, g, dg, db)
	k.NormBackNear(rows, 1.5, count, near, d, 1/float32(rows), m, y, h, dg2, db2, e)
	affine, sum := room(n), room(n)
	k.AffineReLU(rows, y, a, b, affine)
	k.Aggregate(rows, a[0], count, near, y, sum)
	runs["norm"] = [][]float32{m.RunMean, m.RunVar, m.Mean, m.Invstd, m.Scale, m.Shift, out, g, dg, db, h, dg2, db2, e, affine, sum}

	sigma, z, dh, s := room(half), room(n), room(n), row()
	kl := k.Latent(rows, y, noise, keep, sigma, z)
	k.LatentBack(rows, 0.25, y, d, noise, keep, sigma, dh, s)
	p, q := room(nodes*LatentWidth), room(nodes*LatentWidth)
	k.NodeSums(graphs, nodes, y, p, q)
	pairs, dz := room(graphs*nodes*nodes), append(slices.Clone(d), row()...)
	k.Gram(graphs, nodes, y, pairs)
	k.GramBack(graphs, nodes, y, pairs, dz)
	runs["latent"] = [][]float32{sigma, z, dh, s, {kl}, p, q, pairs, dz}

	for _, n := range []int{16, 32, 48, 64, 112, n} {
		if n > len(y) {
			continue
		}
		v, m1, m2 := append(slices.Clone(y[:n]), row()...), append(slices.Clone(d[:n]), row()...), room(n)
		for range 3 {
			k.Adam(AdamStep{0.7, 0.1, 0.999, 0.001, 0.01, 2, 1e-8}, v[:n], x[:n], m1[:n], m2[:n])
		}
		e, g, h := room(n), room(n), room(n)
		k.Exp(y[:n], e[:n])
		k.Tanh(y[:n], h[:n])
		loss := k.CrossEntropy(y[:n], d[:n], x[:n], g[:n])
		runs["flat"] = append(runs["flat"], v, m1, m2, e, g, h, []float32{loss, k.Dot(y[:n], d[:n])})
	}
	u, v := room(n), room(n)
	k.Normal(NewKey(1, 2), 3, 4, u[:n])
	k.Dropout(NewKey(1, 2), 3, 4, 0.7, v[:n])
	runs["random"] = [][]float32{u, v}
	return runs
}
