package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// naiveNearest is Nearest in float64, for points whose distances are exact.
func naiveNearest(dim int, data, query []float32, skip []bool) (int, float32) {
	row, dist := -1, math.Inf(1)
	for i := range len(data) / dim {
		if skip != nil && skip[i] {
			continue
		}
		var d float64
		for j, v := range data[i*dim : (i+1)*dim] {
			d += (float64(v) - float64(query[j])) * (float64(v) - float64(query[j]))
		}
		if d < dist {
			row, dist = i, d
		}
	}
	return row, float32(dist)
}

// Small whole numbers make all sums exact and ties frequent.
func wholeNumbers(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.IntN(3))
	}
	return x
}

func TestNearest(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for _, dim := range []int{1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 48, 64, 100} {
			for rows := range 40 {
				raw, rawQuery := wholeNumbers(r, rows*dim), wholeNumbers(r, dim)
				data, stride := Pad(dim, raw)
				query, _ := Pad(dim, rawQuery)
				some := make([]bool, rows)
				all := make([]bool, rows)
				for i := range some {
					some[i], all[i] = r.IntN(2) == 0, true
				}
				for name, skip := range map[string][]bool{"none": nil, "some": some, "all": all} {
					wantRow, wantDist := naiveNearest(dim, raw, rawQuery, skip)
					if row, dist := k.Nearest(stride, data, query, skip); row != wantRow || dist != wantDist {
						t.Fatalf("dim %d, %d rows, %s skipped: row %d at %v, want %d at %v", dim, rows, name, row, dist, wantRow, wantDist)
					}
				}
			}
		}
	})
}

// Over several chunks, and for several queries at once; every instruction set
// finds the same bits.
func TestNearestBatch(t *testing.T) {
	type found struct {
		row  [5]int
		dist [5]float32
	}
	results := map[string]found{}
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for _, dim := range []int{16, 32, 80} {
			rows := 3*nearestChunk/dim + 7
			data, queries := random(r, rows*dim), random(r, 5*dim)
			copy(data[(rows-2)*dim:], queries[:dim]) // in the last rows, which no group of four has
			copy(data[(rows-1)*dim:], queries[:dim])
			skip := make([]bool, rows)
			skip[rows-2] = true
			var got found
			k.NearestBatch(dim, data, queries, skip, got.row[:], got.dist[:])
			for i := range got.row {
				query := queries[i*dim : (i+1)*dim]
				wantRow, wantDist := naiveNearest(dim, data, query, skip)
				if got.row[i] != wantRow {
					t.Errorf("dim %d, query %d: row %d, want %d", dim, i, got.row[i], wantRow)
				}
				near(t, "distance", got.dist[i], float64(wantDist), 1e-6)
				if row, dist := k.Nearest(dim, data, query, skip); row != got.row[i] || dist != got.dist[i] {
					t.Errorf("dim %d, query %d: row %d at %v alone, row %d at %v in the batch", dim, i, row, dist, got.row[i], got.dist[i])
				}
			}
			name := fmt.Sprint(dim)
			if other, ok := results[name]; ok && other != got {
				t.Errorf("dim %d: %v, another instruction set found %v", dim, got, other)
			}
			results[name] = got
		}
	})
}

// A distance that is no finite number is never the least.
func TestNearestNotFinite(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, _ *rand.Rand) {
		nan, inf := float32(math.NaN()), float32(math.Inf(1))
		for rows := 1; rows < 12; rows++ {
			for _, bad := range []float32{nan, inf, -inf, 3e38} {
				data, query := make([]float32, rows*Lane), make([]float32, Lane)
				for i := range rows {
					data[i*Lane+i] = bad
				}
				if row, dist := k.Nearest(Lane, data, query, nil); row != -1 || dist != inf {
					t.Fatalf("%d rows with %v: row %d at %v", rows, bad, row, dist)
				}
				for good := range rows {
					data[good*Lane+good] = 2
					if row, dist := k.Nearest(Lane, data, query, nil); row != good || dist != 4 {
						t.Fatalf("row %d of %d without %v: row %d at %v", good, rows, bad, row, dist)
					}
					data[good*Lane+good] = bad
				}
				query[0] = nan
				if row, _ := k.Nearest(Lane, data, query, nil); row != -1 {
					t.Fatalf("query NaN: row %d", row)
				}
			}
		}
	})
}

func TestNearestRefuses(t *testing.T) {
	k := goKernels()
	x := make([]float32, 64)
	for name, f := range map[string]func(){
		"dimension":     func() { k.Nearest(15, x[:60], x, nil) },
		"no dimension":  func() { k.Nearest(0, x, x, nil) },
		"part of a row": func() { k.Nearest(16, x[:50], x, nil) },
		"query":         func() { k.Nearest(16, x, x[:15], nil) },
		"mask":          func() { k.Nearest(16, x, x, make([]bool, 3)) },
		"results":       func() { k.NearestBatch(16, x, x, nil, make([]int, 2), make([]float32, 1)) },
		"padding":       func() { Pad(3, x) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func BenchmarkNearest(b *testing.B) {
	const rows, dim, queries = 423_624, 16, 16
	r := rand.New(rand.NewPCG(1, 2))
	data := Align(rows * dim)
	copy(data, random(r, rows*dim))
	query := random(r, queries*dim)
	skip := make([]bool, rows)
	for _, name := range Supported() {
		k, _ := Select(name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				k.Nearest(dim, data, query[:dim], skip)
			}
			b.ReportMetric(4*rows*dim*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
		})
		b.Run(name+"/batch", func(b *testing.B) {
			var row [queries]int
			var dist [queries]float32
			for b.Loop() {
				k.NearestBatch(dim, data, query, skip, row[:], dist[:])
			}
			b.ReportMetric(1e3*b.Elapsed().Seconds()/float64(b.N)/queries, "ms/query")
		})
	}
}
