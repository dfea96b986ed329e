package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// onEach runs a test on every instruction set that this machine has.
func onEach(t *testing.T, f func(t *testing.T, k *Kernels, r *rand.Rand)) {
	for _, name := range Supported() {
		t.Run(name, func(t *testing.T) {
			k, err := Select(name)
			if err != nil {
				t.Fatal(err)
			}
			f(t, k, rand.New(rand.NewPCG(1, 2)))
		})
	}
}

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// near fails unless got is within tol of want, relative to 1 + |want|.
func near(t *testing.T, what string, got float32, want, tol float64) {
	t.Helper()
	if d := math.Abs(float64(got) - want); !(d <= tol*(1+math.Abs(want))) {
		t.Fatalf("%s = %v, want %v", what, got, want)
	}
}

// guarded returns n elements with a sentinel after them, and a check that it stands.
func guarded(t *testing.T, n int) ([]float32, func()) {
	b := make([]float32, n+16)
	for i := n; i < len(b); i++ {
		b[i] = 12345
	}
	return b[:n:n], func() {
		t.Helper()
		for _, v := range b[n:] {
			if v != 12345 {
				t.Fatal("wrote past the end")
			}
		}
	}
}

func TestMul(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for rows := 1; rows <= 31; rows++ {
			for _, kp := range []int{1, 2, 4} {
				for _, kin := range []int{1, 2, 3, 4, 7, 8, 12, 16, 31, 32} {
					stride := (rows + 3) * Width
					a, b, bias := random(r, kp*stride), random(r, kp*kin*Width), random(r, Width)
					c, check := guarded(t, rows*Width)
					k.Mul(rows, kp, kin, a, stride, b, bias, c, a)
					check()
					for i := range rows {
						for j := range Width {
							want := float64(bias[j])
							for p := range kp {
								for q := range kin {
									want += float64(a[p*stride+i*Width+q]) * float64(b[(p*kin+q)*Width+j])
								}
							}
							near(t, fmt.Sprintf("rows %d kp %d kin %d: c[%d,%d]", rows, kp, kin, i, j), c[i*Width+j], want, 2e-5)
						}
					}
				}
			}
		}
	})
}

func TestMulT(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for kin := 1; kin <= Width; kin++ {
			for _, rows := range []int{1, 2, 3, 4, 5, 7, 8, 80, 81, 98, 112, 161} {
				kp := 1 + (kin+rows)%3
				stride := (rows + 1) * Width
				a, b := random(r, kp*stride), random(r, rows*Width)
				c, check := guarded(t, kp*kin*Width)
				k.MulT(rows, kp, kin, a, stride, b, c)
				check()
				for i := range kp * kin {
					for j := range Width {
						var want float64
						for q := range rows {
							want += float64(a[i/kin*stride+q*Width+i%kin]) * float64(b[q*Width+j])
						}
						near(t, fmt.Sprintf("rows %d kp %d kin %d: c[%d,%d]", rows, kp, kin, i, j), c[i*Width+j], want, 2e-5)
					}
				}
			}
		}
	})
}

// A product's bits must not depend on which rows are computed together: that is
// what makes results independent of the number of threads.
func TestMulSplit(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		const rows = 29
		a, b, bias := random(r, 4*rows*Width), random(r, 128*Width), random(r, Width)
		whole, part := make([]float32, rows*Width), make([]float32, rows*Width)
		k.Mul(rows, 4, 32, a, rows*Width, b, bias, whole, nil)
		for cut := 1; cut < rows; cut++ {
			k.Mul(cut, 4, 32, a, rows*Width, b, bias, part, nil)
			k.Mul(rows-cut, 4, 32, a[cut*Width:], rows*Width, b, bias, part[cut*Width:], b, a, nil, bias)
			for i := range whole {
				if whole[i] != part[i] {
					t.Fatalf("cut at %d: element %d is %v, was %v", cut, i, part[i], whole[i])
				}
			}
		}
	})
}

func TestTranspose(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		src := random(r, Width*Width)
		dst, check := guarded(t, Width*Width)
		k.Transpose(src, dst)
		check()
		for i := range Width {
			for j := range Width {
				if dst[j*Width+i] != src[i*Width+j] {
					t.Fatalf("element %d,%d", i, j)
				}
			}
		}
	})
}

func TestPanelKernels(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		ref := goKernels()
		for rows := 1; rows <= 40; rows++ {
			n := rows * Width
			y, d := random(r, n), random(r, n)
			a, b := random(r, Width), random(r, Width)
			same := func(what string, got, want []float32) {
				t.Helper()
				for i := range want {
					near(t, fmt.Sprintf("%s, %d rows, element %d", what, rows, i), got[i], float64(want[i]), 2e-5)
				}
			}
			out1, check := guarded(t, n)
			out2 := make([]float32, n)
			k.AffineReLU(rows, y, a, b, out1)
			ref.AffineReLU(rows, y, a, b, out2)
			check()
			same("affine", out1, out2)

			count, nearRows := make([]int32, rows), make([]int32, Near*rows)
			for i := range count {
				count[i] = int32(r.IntN(Near + 1))
				for j := range Near {
					nearRows[Near*i+j] = int32(4 * Width * r.IntN(rows))
				}
			}
			k.Aggregate(rows, a[0], count, nearRows, d, out1)
			ref.Aggregate(rows, a[0], count, nearRows, d, out2)
			check()
			same("aggregate", out1, out2)

		}
	})
}

func TestDotAndAdam(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for n := 0; n <= 256; n += Lane {
			x, y := random(r, n), random(r, n)
			var want float64
			for i := range x {
				want += float64(x[i]) * float64(y[i])
			}
			near(t, fmt.Sprintf("dot of %d", n), k.Dot(x, y), want, 2e-5)

			s := AdamStep{Clip: 0.5, M1: 0.1, V1: 0.999, V2: 0.001, Step: 0.01, Root: 3, Eps: 1e-8}
			p, g, m, v := random(r, n), random(r, n), random(r, n), random(r, n)
			for i := range v {
				v[i] *= v[i]
			}
			var wp, wm, wv []float64
			for i := range p {
				gi := float64(s.Clip) * float64(g[i])
				mi := float64(m[i]) + float64(s.M1)*(gi-float64(m[i]))
				vi := float64(s.V1)*float64(v[i]) + float64(s.V2)*gi*gi
				wm, wv = append(wm, mi), append(wv, vi)
				wp = append(wp, float64(p[i])-float64(s.Step)*mi/(float64(s.Root)*math.Sqrt(vi)+float64(s.Eps)))
			}
			k.Adam(s, p, g, m, v)
			for i := range p {
				near(t, "p", p[i], wp[i], 1e-6)
				near(t, "m", m[i], wm[i], 1e-6)
				near(t, "v", v[i], wv[i], 1e-6)
			}
		}
	})
}

func TestExp(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		const n = 40000
		x, y := make([]float32, n), make([]float32, n)
		for i := range x {
			x[i] = float32(i-n/2) / (n / 2) * 86.9
		}
		k.Exp(x, y)
		for i := range x {
			want := math.Exp(float64(x[i]))
			if d := math.Abs(float64(y[i])-want) / want; !(d < 3e-7) {
				t.Fatalf("exp(%v) = %v, want %v", x[i], y[i], want)
			}
		}
		edge := make([]float32, Lane)
		edge[0], edge[1], edge[2] = float32(math.Inf(1)), float32(math.Inf(-1)), 1000
		k.Exp(edge, edge)
		if !(edge[0] > 1e38) || !(edge[1] > 0 && edge[1] < 1e-37) || edge[0] != edge[2] {
			t.Fatalf("clamped values: %v", edge[:3])
		}
	})
}

func TestTanh(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		const n = 40000
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(i-n/2) / (n / 2) * 12
		}
		x[0], x[1] = float32(math.Inf(-1)), float32(math.Inf(1))
		y, check := guarded(t, n)
		k.Tanh(x, y)
		check()
		for i := range x {
			want := math.Tanh(float64(x[i]))
			if d := math.Abs(float64(y[i]) - want); !(d <= 4e-7*math.Abs(want)) {
				t.Fatalf("tanh(%v) = %v, want %v", x[i], y[i], want)
			}
		}
	})
}

func TestCrossEntropy(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for n := 0; n <= 128; n += Lane {
			x, y, w := random(r, n), random(r, n), random(r, n)
			for i := range x {
				x[i] *= 20
				y[i] = float32(r.IntN(2))
				w[i] *= w[i]
			}
			g, check := guarded(t, n)
			got := k.CrossEntropy(x, y, w, g)
			check()
			var want float64
			for i := range x {
				v := float64(x[i])
				want += float64(w[i]) * (max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) - v*float64(y[i]))
				near(t, "gradient", g[i], float64(w[i])*(1/(1+math.Exp(-v))-float64(y[i])), 1e-6)
			}
			near(t, "loss", got, want, 1e-5)
		}
	})
}

// Known answers of Random123's kat_vectors for threefry2x32, 20 rounds.
func TestThreefry(t *testing.T) {
	for _, c := range []struct{ key, ctr, want [2]uint32 }{
		{[2]uint32{0, 0}, [2]uint32{0, 0}, [2]uint32{0x6b200159, 0x99ba4efe}},
		{[2]uint32{0xffffffff, 0xffffffff}, [2]uint32{0xffffffff, 0xffffffff}, [2]uint32{0x1cb996fc, 0xbb002be7}},
		{[2]uint32{0x13198a2e, 0x03707344}, [2]uint32{0x243f6a88, 0x85a308d3}, [2]uint32{0xc4923a9c, 0x483df7a0}},
	} {
		a, b := Key{c.key[0], c.key[1]}.Words(c.ctr[0], c.ctr[1])
		if a != c.want[0] || b != c.want[1] {
			t.Errorf("threefry(%x, %x) = %x %x, want %x", c.key, c.ctr, a, b, c.want)
		}
	}
}

func TestRandomFills(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		ref, key := goKernels(), NewKey(7, 3)
		for n := 0; n <= 512; n += RandomLane {
			a, check := guarded(t, n)
			b := make([]float32, n)
			k.Normal(key, 5, 1000, a)
			ref.Normal(key, 5, 1000, b)
			check()
			for i := range a {
				near(t, fmt.Sprintf("normal %d of %d", i, n), a[i], float64(b[i]), 2e-6)
			}
			k.Dropout(key, 5, 1000, 0.7, a)
			ref.Dropout(key, 5, 1000, 0.7, b)
			check()
			for i := range a {
				if a[i] != b[i] {
					t.Fatalf("dropout %d of %d: %v, want %v", i, n, a[i], b[i])
				}
			}
		}
		const n = 1 << 20
		x := make([]float32, n)
		k.Normal(key, 9, 0, x)
		var m1, m2, m4 float64
		for _, v := range x {
			f := float64(v)
			m1, m2, m4 = m1+f, m2+f*f, m4+f*f*f*f
		}
		near(t, "mean of normals", float32(m1/n), 0, 0.004)
		near(t, "variance of normals", float32(m2/n), 1, 0.004)
		near(t, "fourth moment of normals", float32(m4/n), 3, 0.01)
		k.Dropout(key, 9, 0, 0.7, x)
		m1 = 0
		for _, v := range x {
			m1 += float64(v)
		}
		near(t, "mean of dropout", float32(m1/n), 1, 0.002)
	})
}

func TestGram(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		ref := goKernels()
		for nodes := 1; nodes <= 12; nodes++ {
			for graphs := range 4 {
				pairs := graphs * nodes * (nodes - 1) / 2
				z := random(r, graphs*nodes*Width)
				out1, check1 := guarded(t, pairs)
				out2 := make([]float32, pairs)
				k.Gram(graphs, nodes, z, out1)
				ref.Gram(graphs, nodes, z, out2)
				check1()
				for i := range out1 {
					near(t, "product", out1[i], float64(out2[i]), 1e-5)
				}
				dz1, check2 := guarded(t, len(z))
				dz2 := random(r, len(z))
				copy(dz1, dz2)
				w := random(r, pairs)
				k.GramBack(graphs, nodes, z, w, dz1)
				ref.GramBack(graphs, nodes, z, w, dz2)
				check2()
				for i := range dz1 {
					near(t, fmt.Sprintf("%d graphs of %d nodes: gradient %d", graphs, nodes, i), dz1[i], float64(dz2[i]), 1e-5)
				}
			}
		}
	})
}

func TestSelect(t *testing.T) {
	t.Setenv(EnvVar, "")
	k, err := FromEnv()
	if err != nil || k.Name() != Supported()[0] {
		t.Fatalf("FromEnv = %v, %v; want %s", k, err, Supported()[0])
	}
	for _, name := range []string{"AVX2", "sse", "go "} {
		t.Setenv(EnvVar, name)
		if k, err := FromEnv(); err == nil {
			t.Errorf("FromEnv with %q gave %s, want an error", name, k.Name())
		}
	}
	t.Setenv(EnvVar, "go")
	if k, err := FromEnv(); err != nil || k.Name() != "go" {
		t.Fatalf("FromEnv = %v, %v", k, err)
	}
}

func BenchmarkMul(b *testing.B) {
	for _, name := range Supported() {
		b.Run(name, func(b *testing.B) {
			k, _ := Select(name)
			const rows = 256
			a, w, c := Align(4*rows*Width), Align(128*Width), Align(rows*Width)
			for b.Loop() {
				k.Mul(rows, 4, 32, a, rows*Width, w, zeros[:], c, nil)
			}
			b.ReportMetric(2*rows*128*32*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
		b.Run(name+"/transposed", func(b *testing.B) {
			k, _ := Select(name)
			const rows = 256
			a, w, c := Align(rows*Width), Align(rows*Width), Align(Width*Width)
			for b.Loop() {
				k.MulT(rows, 1, Width, a, 0, w, c)
			}
			b.ReportMetric(2*rows*Width*Width*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
