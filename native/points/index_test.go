package points_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"arch2vec/native/f32"
	"arch2vec/native/points"
)

// sameNearest compares the index with a scan of all points, while the found ones are
// marked one after the other.
func sameNearest(t *testing.T, dim int, data []float32, queries [][]float32, skip []bool) {
	t.Helper()
	k, err := f32.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	x, err := points.NewIndex(dim, data)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := points.NewTree(dim, data)
	if err != nil {
		t.Fatal(err)
	}
	padded, stride := f32.Pad(dim, data)
	for _, q := range queries {
		query, _ := f32.Pad(dim, q)
		want, wantDist := k.Nearest(stride, padded, query, skip)
		got := want
		for _, x := range []*points.Index{x, tree} {
			var dist float32
			got, dist, err = x.Nearest(q, skip)
			if err != nil || got != want || dist != wantDist {
				t.Fatalf("%d points of %d: nearest to %v is %d at %v (error %v), want %d at %v", len(data)/dim, dim, q, got, dist, err, want, wantDist)
			}
		}
		if skip != nil && got >= 0 {
			skip[got] = true
		}
	}
}

// The index finds what a scan finds, on every instruction set: in normal clouds, on
// few distinct points, where ties decide, and among points most of which are marked.
func TestIndex(t *testing.T) {
	for _, set := range f32.Supported() {
		t.Setenv(f32.EnvVar, set)
		r := rand.New(rand.NewPCG(1, 2))
		for _, dim := range []int{1, 2, 5, 16, 17, 40} {
			for _, n := range []int{0, 1, 3, 28, 29, 61, 500, 3001} {
				for kind, draw := range []func() float32{
					func() float32 { return float32(r.NormFloat64()) },
					func() float32 { return float32(r.IntN(3)) },
					func() float32 { return float32(r.NormFloat64()) * 1e-21 },
					func() float32 { return float32(r.NormFloat64()) * 1e19 },
				} {
					data := make([]float32, n*dim)
					for i := range data {
						data[i] = draw()
					}
					var queries [][]float32
					for range 12 {
						q := make([]float32, dim)
						for d := range q {
							if q[d] = draw(); kind == 0 {
								q[d] *= 2
							}
						}
						queries = append(queries, q)
					}
					skip, most := make([]bool, n), make([]bool, n)
					for i := range most {
						most[i] = r.IntN(50) > 0
					}
					sameNearest(t, dim, data, queries, nil)
					sameNearest(t, dim, data, queries, skip)
					sameNearest(t, dim, data, queries, most)
				}
			}
		}
	}
}

// Points spread evenly in all dimensions are scanned, and points along few axes are
// not; what is found is the same.
func TestIndexScans(t *testing.T) {
	const dim, n = 16, 20_000
	r := rand.New(rand.NewPCG(5, 5))
	even, flat := make([]float32, n*dim), make([]float32, n*dim)
	for i := range n {
		a, b := r.NormFloat64(), r.NormFloat64()
		for d := range dim {
			even[i*dim+d] = float32(r.NormFloat64())
			flat[i*dim+d] = float32(a*math.Sin(float64(d)) + b*math.Cos(float64(d)) + 0.01*r.NormFloat64())
		}
	}
	for _, c := range []struct {
		data  []float32
		scans bool
	}{{even, true}, {flat, false}} {
		x, err := points.NewIndex(dim, c.data)
		if err != nil {
			t.Fatal(err)
		}
		if x.Scans() != c.scans {
			t.Errorf("scans: %v, want %v", x.Scans(), c.scans)
		}
		var queries [][]float32
		for i := range 20 {
			queries = append(queries, even[i*dim:(i+1)*dim])
		}
		sameNearest(t, dim, c.data, queries, make([]bool, n))
	}
}

func TestIndexBadInput(t *testing.T) {
	if _, err := points.NewIndex(2, []float32{1, 2, 3}); err == nil {
		t.Error("half a point: no error")
	}
	if _, err := points.NewIndex(1, []float32{float32(math.NaN())}); err == nil {
		t.Error("NaN: no error")
	}
	x, err := points.NewIndex(2, []float32{1, 2, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := x.Nearest([]float32{1}, nil); err == nil {
		t.Error("a query of one coordinate: no error")
	}
	if _, _, err := x.Nearest([]float32{1, 2}, []bool{true}); err == nil {
		t.Error("marks of one point: no error")
	}
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		if point, dist, err := x.Nearest([]float32{float32(v), 2}, nil); point != -1 || !math.IsInf(float64(dist), 1) || err != nil {
			t.Errorf("query %v: point %d at %v, error %v", v, point, dist, err)
		}
	}
}

func FuzzIndex(f *testing.F) {
	f.Add(uint8(2), []byte{1, 2, 3, 4, 5, 6, 7, 8}, []byte{3, 3})
	f.Fuzz(func(t *testing.T, dim uint8, data, query []byte) {
		d := int(dim%20) + 1
		if len(query) < d {
			return
		}
		number := func(b []byte) []float32 {
			x := make([]float32, len(b))
			for i, v := range b {
				x[i] = float32(int8(v)) / 8
			}
			return x
		}
		n := len(data) / d
		q := number(query[:d])
		sameNearest(t, d, number(data[:n*d]), [][]float32{q, q, q}, make([]bool, n))
	})
}

// BenchmarkIndex is a search among as many points as NAS-Bench-101 has cells, queries
// drawn as a policy does, N(0, I). ARCH2VEC_POINTS may name a file of embeddings, .npy
// of float32 in rows of 16, to search in instead of random points of their spread.
func BenchmarkIndex(b *testing.B) {
	const dim, n = 16, 423_624
	r := rand.New(rand.NewPCG(1, 1))
	data := f32.Align(n * dim)
	for i := range data {
		data[i] = float32(0.17 * r.NormFloat64())
	}
	if name := os.Getenv("ARCH2VEC_POINTS"); name != "" {
		file, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		file = file[len(file)-len(data)*4:]
		for i := range data {
			data[i] = math.Float32frombits(binary.LittleEndian.Uint32(file[4*i:]))
		}
	}
	queries := make([]float32, 512*dim)
	for i := range queries {
		queries[i] = float32(r.NormFloat64())
	}
	skip := make([]bool, n)
	tree, err := points.NewTree(dim, data)
	if err != nil {
		b.Fatal(err)
	}
	x, err := points.NewIndex(dim, data)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			_, _ = points.NewIndex(dim, data)
		}
	})
	for name, x := range map[string]*points.Index{"search": x, "tree": tree} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				point, _, err := x.Nearest(queries[i%512*dim:][:dim], skip)
				if err != nil {
					b.Fatal(err)
				}
				skip[point] = true
			}
		})
	}
	k, err := f32.FromEnv()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("scan", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			k.Nearest(dim, data, queries[i%512*dim:][:dim], skip)
		}
	})
}
