package points_test

import (
	"fmt"
	"math"
	"sync/atomic"
	"testing"

	"arch2vec/native/f32"
	"arch2vec/native/points"
)

// A product with a panel is a linear function, constant included, of its points.
func TestPanel(t *testing.T) {
	k, err := f32.Select("")
	if err != nil {
		t.Fatal(err)
	}
	for _, dim := range []int{1, 16, 31, 32, 63, 64, 128} {
		const n = 70
		data := make([]float32, n*dim)
		for i := range data {
			data[i] = float32(i%7) - 3
		}
		s, err := points.New(dim, data)
		if err != nil {
			t.Fatal(err)
		}
		kp, kin := s.Factor()
		a := make([]float32, kp*f32.Width)
		for d := range dim + 1 {
			a[d/kin*f32.Width+d%kin] = float32(d%5) + 1
		}
		out, zero := make([]float32, f32.Width), make([]float32, f32.Width)
		seen := 0
		for p := range s.Panels() {
			k.Mul(1, kp, kin, a, f32.Width, s.Panel(p), zero, out, nil)
			for j := 0; j < f32.Width && p*f32.Width+j < n; j++ {
				want := float32(dim%5) + 1
				for d, v := range s.Row(p*f32.Width + j) {
					want += v * (float32(d%5) + 1)
				}
				if out[j] != want {
					t.Fatalf("%d coordinates: point %d gives %v, want %v", dim, p*f32.Width+j, out[j], want)
				}
				seen++
			}
		}
		if seen != n {
			t.Errorf("%d coordinates: panels hold %d points of %d", dim, seen, n)
		}
	}
}

func TestEach(t *testing.T) {
	s, err := points.New(1, make([]float32, 32*100+1))
	if err != nil {
		t.Fatal(err)
	}
	for _, threads := range []int{0, 1, 3, 1000} {
		seen := make([]atomic.Int32, s.Panels())
		s.Each(threads, func() func(int) { return func(i int) { seen[i].Add(1) } })
		for i := range seen {
			if n := seen[i].Load(); n != 1 {
				t.Errorf("%d threads: panel %d was visited %d times", threads, i, n)
			}
		}
	}
}

func TestBadInput(t *testing.T) {
	for _, data := range [][]float32{{1, 2, 3}, {1, float32(math.NaN())}, {float32(math.Inf(1)), 0}} {
		if _, err := points.New(2, data); err == nil {
			t.Errorf("points %v: no error", data)
		}
	}
	if _, err := points.New(0, nil); err == nil {
		t.Error("no coordinates: no error")
	}
}

// Five points on a line, and the function 2x + 1 of all of them in one product.
func Example() {
	s, err := points.New(1, []float32{0, 1, 2, 3, 4})
	if err != nil {
		panic(err)
	}
	k, err := f32.FromEnv()
	if err != nil {
		panic(err)
	}
	kp, kin := s.Factor()
	row := make([]float32, f32.Width)
	row[0], row[1] = 2, 1
	out := make([]float32, f32.Width)
	k.Mul(1, kp, kin, row, f32.Width, s.Panel(0), make([]float32, f32.Width), out, nil)
	fmt.Println(out[:s.Len()])
	// Output: [1 3 5 7 9]
}
