package gp

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"arch2vec/native/f32"
	"arch2vec/native/points"
)

// Scan is Predict at every point, on every instruction set, for every number of
// threads, and whatever the sizes.
func TestScan(t *testing.T) {
	for name, k := range kernels() {
		for _, n := range []int{0, 1, 5, 31, 32, 33, 70} {
			g := observed(t, k, n)
			x, _ := sample(517, 9)
			pool, err := points.New(dim, x)
			if err != nil {
				t.Fatal(err)
			}
			for _, set := range f32.Supported() {
				t.Setenv(f32.EnvVar, set)
				mean, variance := make([]float32, pool.Len()), make([]float32, pool.Len())
				if err := g.Scan(pool, mean, variance, 1); err != nil {
					t.Fatal(err)
				}
				for i := range pool.Len() {
					m, v, _ := g.Predict(pool.Row(i))
					what := fmt.Sprintf("%s, %s, %d observations, point %d", name, set, n, i)
					near(t, what+": mean", float64(mean[i]), m, 1e-4)
					near(t, what+": variance", float64(variance[i]), v, 2e-5)
				}
				mean3, variance3 := make([]float32, pool.Len()), make([]float32, pool.Len())
				if err := g.Scan(pool, mean3, variance3, 3); err != nil || !slices.Equal(mean, mean3) || !slices.Equal(variance, variance3) {
					t.Fatalf("%s, %s: three threads: error %v, or another result", name, set, err)
				}
			}
		}
	}
}

// Points of many coordinates, far from the origin.
func TestScanWide(t *testing.T) {
	const dim = 128
	r := rand.New(rand.NewPCG(1, 2))
	data := make([]float32, 100*dim)
	for i := range data {
		data[i] = 3 + float32(r.NormFloat64())/4
	}
	pool, err := points.New(dim, data)
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]Kernel{"rbf": RBF{[]float64{2}}, "matern": Matern52{[]float64{2}}} {
		g, err := New(k, dim, 1, 1e-3)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 50 {
			if err := g.Add(pool.Row(i), r.NormFloat64()); err != nil {
				t.Fatal(err)
			}
		}
		mean, variance := make([]float32, 100), make([]float32, 100)
		if err := g.Scan(pool, mean, variance, 2); err != nil {
			t.Fatal(err)
		}
		for i := range 100 {
			m, v, _ := g.Predict(pool.Row(i))
			near(t, fmt.Sprintf("%s: mean %d", name, i), float64(mean[i]), m, 1e-3)
			near(t, fmt.Sprintf("%s: variance %d", name, i), float64(variance[i]), v, 1e-4)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	const dim, n = 16, 423_624
	r := rand.New(rand.NewPCG(1, 2))
	data := make([]float32, n*dim)
	for i := range data {
		data[i] = float32(r.NormFloat64())
	}
	pool, _ := points.New(dim, data)
	mean, variance := make([]float32, n), make([]float32, n)
	for _, observations := range []int{100, 250} {
		g, _ := New(RBF{[]float64{3}}, dim, 1, 1e-3)
		for i := range observations {
			if err := g.Add(pool.Row(i), r.NormFloat64()); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(fmt.Sprint(observations), func(b *testing.B) {
			for b.Loop() {
				if err := g.Scan(pool, mean, variance, 0); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mpoints/s")
		})
	}
}
