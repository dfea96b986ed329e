package dngo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"arch2vec/native/f32"
	"arch2vec/native/internal/improvement"
	"arch2vec/native/points"
)

// Top finds what sorting the expected improvements of all points finds, to the bit:
// with few targets and with more than units, with some and with most points left out,
// with points that are equal, and where next to nothing can be expected.
func TestTop(t *testing.T) {
	const dim, cells = 5, 3000
	pool, truth := sample(cells, dim, 4)
	copy(pool[dim*cells/2:], pool[:dim*100]) // a hundred points are there twice
	p, err := points.New(dim, pool)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 3))
	for _, set := range f32.Supported() {
		t.Setenv(f32.EnvVar, set)
		for i, c := range []struct {
			targets, hidden int
			ahead           float64 // best above the best target
			skipped         float64
			n, threads      int
		}{
			{1, 128, 0, 0, 1, 1}, {10, 128, 0, 0, 5, 2}, {40, 128, 0, 0.5, 5, 1}, {40, 128, 0, 0.99, 100, 3}, {60, 128, -3, 0, 5, 2},
			{100, 128, 2, 0, 3, 1}, {150, 128, 0, 0, 5, 2}, {60, 32, 5, 0.1, 2, 1}, {100, 128, 1000, 0.2, 7, 2},
		} {
			s := DefaultSettings()
			s.Hidden, s.Epochs = c.hidden, 30
			m, err := Train(s, dim, pool[:c.targets*dim], truth[:c.targets], uint64(i))
			if err != nil {
				t.Fatal(err)
			}
			skip := make([]bool, cells)
			for i := range skip {
				skip[i] = i < c.targets || r.Float64() < c.skipped
			}
			best := slices.Max(truth[:c.targets]) + c.ahead
			mean, variance := make([]float32, cells), make([]float32, cells)
			if err := m.Scan(p, mean, variance, 2); err != nil {
				t.Fatal(err)
			}
			var want []candidate
			for i := range cells {
				if !skip[i] {
					want = append(want, candidate{i, improvement.Expected(float64(mean[i]), math.Sqrt(float64(variance[i])), best)})
				}
			}
			slices.SortStableFunc(want, candidate.compare)
			point, expected, err := m.Top(p, c.n, best, skip, c.threads)
			if err != nil || len(point) != min(c.n, len(want)) {
				t.Fatalf("%s, %+v: %d points, error %v", set, c, len(point), err)
			}
			for i := range point {
				if got := (candidate{point[i], expected[i]}); got != want[i] {
					t.Fatalf("%s, %+v: number %d is %v, want %v", set, c, i, got, want[i])
				}
			}
		}
	}
}

// What the rows of bounds leave of a variance is never less than it, lessens with each,
// and is it at the end.
func TestBounds(t *testing.T) {
	const dim = 4
	for _, n := range []int{3, 50, 90} {
		x, y := sample(n, dim, 3)
		s := DefaultSettings()
		s.Hidden, s.Epochs = 64, 30
		m, err := Train(s, dim, x, y, 1)
		if err != nil {
			t.Fatal(err)
		}
		other, _ := sample(40, dim, 5)
		p, _ := points.New(dim, other)
		mean, variance := make([]float32, 40), make([]float32, 40)
		if err := m.Scan(p, mean, variance, 1); err != nil {
			t.Fatal(err)
		}
		m.known(m.k)
		if m.rows != min(n, 64)+1 {
			t.Fatalf("%d targets: %d rows", n, m.rows)
		}
		h, _ := m.features(m.inputs(p), 40)
		for i := range 40 {
			left := mat.Dot(h.RowView(i), h.RowView(i))
			for row := range m.rows {
				v := 0.0
				for j, u := range h.RawRowView(i) {
					v += u * float64(m.bounds[j/f32.Width*m.rows*f32.Width+row*f32.Width+j%f32.Width])
				}
				if row == 0 {
					near(t, fmt.Sprintf("%d targets, point %d: mean", n, i), m.yMean+m.yStd*v, float64(mean[i]), 1e-5)
					continue
				}
				if left -= v * v; !(left/m.alpha*m.yStd*m.yStd > float64(variance[i])*(1-1e-3)-1e-5) {
					t.Fatalf("%d targets, point %d, row %d: %v is left of the variance %v", n, i, row, left/m.alpha*m.yStd*m.yStd, variance[i])
				}
			}
			near(t, fmt.Sprintf("%d targets, point %d: variance", n, i), left/m.alpha*m.yStd*m.yStd, float64(variance[i]), 1e-4)
		}
	}
}

func TestTopBadInput(t *testing.T) {
	x, y := sample(20, 2, 1)
	m, err := Train(DefaultSettings(), 2, x, y, 1)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := points.New(2, x)
	other, _ := points.New(4, x)
	for what, f := range map[string]func() error{
		"dimensions": func() error { _, _, err := m.Top(other, 1, 90, nil, 1); return err },
		"number":     func() error { _, _, err := m.Top(p, 0, 90, nil, 1); return err },
		"best":       func() error { _, _, err := m.Top(p, 1, math.NaN(), nil, 1); return err },
		"marks":      func() error { _, _, err := m.Top(p, 1, 90, make([]bool, 3), 1); return err },
	} {
		if f() == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

// The simplex finds the minimum of a bowl, and of Rosenbrock's valley.
func TestMinimise(t *testing.T) {
	bowl := func(p [2]float64) float64 { return (p[0]-1)*(p[0]-1) + 5*(p[1]+2)*(p[1]+2) }
	valley := func(p [2]float64) float64 {
		return 100*math.Pow(p[1]-p[0]*p[0], 2) + (1-p[0])*(1-p[0])
	}
	for what, c := range map[string]struct {
		f    func([2]float64) float64
		want [2]float64
	}{"bowl": {bowl, [2]float64{1, -2}}, "valley": {valley, [2]float64{1, 1}}} {
		calls := 0
		got := minimise(func(p [2]float64) float64 { calls++; return c.f(p) }, [2]float64{-1.2, 1}, 0.05, 1e-12, 20, 400)
		if math.Hypot(got[0]-c.want[0], got[1]-c.want[1]) > 1e-4 || calls > 402 {
			t.Errorf("%s: %v after %d calls, want %v", what, got, calls, c.want)
		}
	}
}
