package dngo

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sync"

	"arch2vec/native/f32"
	"arch2vec/native/internal/improvement"
	"arch2vec/native/points"
)

// Top returns the n points of p of highest expected improvement over best, the
// highest first and of equal ones the first, and their expected improvements, for the
// means and variances that Scan predicts. Points i with skip[i] are left out, unless
// skip is nil; there may be fewer than n. It works on this many threads (0: all); the
// result does not depend on them.
//
// Expected improvement grows with mean and variance. A mean costs a row of a matrix
// product, a variance some hundred: so variances are bounded from above by ever more
// rows, until what a point can be expected to improve is less than what is found
// already, which is soon for most.
func (m *Model) Top(p *points.Set, n int, best float64, skip []bool, threads int) (point []int, expected []float64, err error) {
	switch {
	case p.Dim() != m.dim:
		return nil, nil, fmt.Errorf("dngo: the points have %d coordinates, the model's %d", p.Dim(), m.dim)
	case n < 1:
		return nil, nil, fmt.Errorf("dngo: the %d highest of %d points: want at least 1", n, p.Len())
	case math.IsNaN(best) || math.IsInf(best, 0):
		return nil, nil, fmt.Errorf("dngo: improvement over %v: it must be finite", best)
	case skip != nil && len(skip) < p.Len():
		return nil, nil, fmt.Errorf("dngo: %d marks, there are %d points", len(skip), p.Len())
	}
	if err := m.invert(); err != nil {
		return nil, nil, err
	}
	m.known(m.k)
	var all []*search
	var adding sync.Mutex
	p.Each(threads, func() func(panel int) {
		s := newSearch(m, p, n, best, skip)
		adding.Lock()
		all = append(all, s)
		adding.Unlock()
		return s.look
	})
	var found []candidate
	for _, s := range all {
		s.settle()
		found = append(found, s.found...)
	}
	slices.SortFunc(found, candidate.compare)
	for _, c := range found[:min(n, len(found))] {
		point, expected = append(point, c.point), append(expected, c.expected)
	}
	return point, expected, nil
}

// candidate is a point and its expected improvement.
type candidate struct {
	point    int
	expected float64
}

// compare orders higher ones first, and of equal ones the one with the lower number.
func (c candidate) compare(d candidate) int {
	return cmp.Or(cmp.Compare(d.expected, c.expected), cmp.Compare(c.point, d.point))
}

// search is one thread's search for the n highest, on panels in ascending order.
type search struct {
	*worker
	points *points.Set
	n      int
	best   float64
	skip   []bool

	found []candidate // the highest so far, at most n
	// What falls short of the best by more than the root of short times a bound of its
	// variance cannot be among them, nor what is above it by no more than least less
	// improvement.Peak times a bound of its deviation.
	short, least float64
	last         int // the point of the least of found

	above [f32.Width]float64 // a panel's means less best
	left  [f32.Width]float64 // bounds of its variances

	// Points of which nothing is left but to predict, and their units.
	waiting [f32.Width]int
	count   int
	units32 []float32
}

func newSearch(m *Model, p *points.Set, n int, best float64, skip []bool) *search {
	return &search{
		worker: m.worker(), points: p, n: n, best: best, skip: skip,
		short: math.Inf(1), last: -1, units32: m.unitsRoom(),
	}
}

// few is the number of points of a panel that are predicted sooner than bounded
// further, soon the number of points that are waited for.
const (
	few  = 4
	soon = 16
)

// rounding is more than it can change of the square of the units, relative to them,
// when the rows of bounds are taken off in float32.
const rounding = 0x1p-15

// look looks at the points of a panel.
func (s *search) look(panel int) {
	first := panel * f32.Width
	alive := s.open(first)
	if alive == 0 {
		return
	}
	s.units(s.points.Panel(panel))
	s.squares(s.net.hidden, s.h)
	scale := s.yStd * s.yStd / s.alpha
	for j, v := range s.sq {
		s.left[j] = float64(v) * (1 + rounding) * scale
	}
	// Rows of bounds, at first some, then about as many as were used. Tiles of
	// products are of six rows, or of fourteen.
	stride := s.rows * f32.Width
	for row, more := 0, 6; row < s.rows; row, more = row+more, row+more {
		more = min(more, s.rows-row)
		s.k.Mul(more, f32.Panels(s.net.hidden), f32.Width, s.bounds[row*f32.Width:], stride, s.h, zeros[:], s.out, nil)
		known, rows := s.out, more
		if row == 0 {
			for j, v := range s.out[:f32.Width] {
				s.above[j] = float64(s.mean32(v)) - s.best
			}
			known, rows = known[f32.Width:], rows-1
		}
		if rows > 0 {
			s.squares(rows, known)
			for j, v := range s.sq {
				s.left[j] -= float64(v) * scale
			}
		}
		if alive = s.prune(alive, first); alive == 0 {
			return
		}
		if bits.OnesCount32(alive) <= few {
			break
		}
	}
	for ; alive != 0; alive &= alive - 1 {
		s.wait(first, bits.TrailingZeros32(alive))
	}
}

// open marks the columns of a panel whose points are not left out.
func (s *search) open(first int) (alive uint32) {
	for j := range min(f32.Width, s.points.Len()-first) {
		if s.skip == nil || !s.skip[first+j] {
			alive |= 1 << j
		}
	}
	return alive
}

// prune keeps the columns that may be among the highest.
func (s *search) prune(alive uint32, first int) uint32 {
	if len(s.found) < s.n || first <= s.last { // what is equal to the last may take its place
		return alive
	}
	for a := alive; a != 0; a &= a - 1 {
		j := bits.TrailingZeros32(a)
		d, v := s.above[j], s.left[j]
		if d < 0 {
			if d*d < s.short*v {
				continue
			}
		} else if d+improvement.Peak*math.Sqrt(max(v, 0)) > s.least {
			continue
		}
		alive &^= 1 << j
	}
	return alive
}

// wait puts a column of units among those that wait.
func (s *search) wait(first, column int) {
	for row := 0; row < s.net.hidden*f32.Width; row += f32.Width {
		s.units32[row+s.count] = s.h[row+column]
	}
	s.waiting[s.count] = first + column
	if s.count++; s.count == soon {
		s.settle()
	}
}

// settle predicts at the points that wait.
func (s *search) settle() {
	if s.count == 0 {
		return
	}
	s.h, s.units32 = s.units32, s.h
	var mean, variance [f32.Width]float32
	s.predict(mean[:s.count], variance[:s.count])
	s.h, s.units32 = s.units32, s.h
	for i, point := range s.waiting[:s.count] {
		e := improvement.Expected(float64(mean[i]), math.Sqrt(float64(variance[i])), s.best)
		if math.IsNaN(e) {
			continue
		}
		c := candidate{point, e}
		at, _ := slices.BinarySearchFunc(s.found, c, candidate.compare)
		if at < s.n {
			s.found = slices.Insert(s.found, at, c)
			s.found = s.found[:min(s.n, len(s.found))]
		}
	}
	s.count = 0
	if len(s.found) == s.n {
		lowest := s.found[s.n-1]
		s.least, s.last = lowest.expected, lowest.point
		// No deviation is above that of the largest units without any observation.
		u := improvement.Short(s.least / (s.yStd * math.Sqrt(float64(s.net.hidden)*(1+rounding)/s.alpha)))
		s.short = u * u
	}
}
