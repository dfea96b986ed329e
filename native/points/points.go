// Package points lays out a fixed set of points, such as the embeddings of all
// cells of a search space, for models that predict at every one of them: as columns,
// 32 in a panel (package f32), so that one matrix product computes a linear
// function of 32 points.
package points

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"arch2vec/native/f32"
)

// Set is a set of points in a space of Dim dimensions. It does not change and may
// be shared.
type Set struct {
	n, dim  int
	rows    []float32
	kp, kin int
	cols    []float32
}

// New returns the set of the rows of data, of dim coordinates each. It keeps data,
// which must not change any more. A coordinate that is not finite is an error.
func New(dim int, data []float32) (*Set, error) {
	if err := check(dim, data); err != nil {
		return nil, err
	}
	s := &Set{n: len(data) / dim, dim: dim, rows: data, kp: f32.Panels(dim + 1)}
	s.kin = (dim + s.kp) / s.kp
	height := s.Height()
	padded := make([]float32, s.n*height)
	for i := range s.n {
		copy(padded[i*height:], s.Row(i))
		padded[i*height+dim] = 1
	}
	s.cols = f32.Columns(height, padded)
	return s, nil
}

// check says whether data are points of dim finite coordinates.
func check(dim int, data []float32) error {
	if dim < 1 || len(data)%dim != 0 {
		return fmt.Errorf("points: %d numbers are not rows of %d", len(data), dim)
	}
	for i, v := range data {
		if e := float64(v); math.IsNaN(e) || math.IsInf(e, 0) {
			return fmt.Errorf("points: coordinate %d of point %d is %v: it must be finite", i%dim, i/dim, v)
		}
	}
	return nil
}

// Len is the number of points, Dim that of their coordinates.
func (s *Set) Len() int { return s.n }

// Dim is the number of coordinates of a point.
func (s *Set) Dim() int { return s.dim }

// Row is point i, to be read only.
func (s *Set) Row(i int) []float32 { return s.rows[i*s.dim : (i+1)*s.dim : (i+1)*s.dim] }

// Panels is the number of panels: 32 points each, but for the last.
func (s *Set) Panels() int { return f32.Panels(s.n) }

// Panel is panel i, to be read only: Height rows of 32, point 32i+j in column j.
// The first Dim rows are its coordinates, the next is 1, so that a product can add a
// constant, and what is left is 0.
func (s *Set) Panel(i int) []float32 {
	size := s.Height() * f32.Width
	return s.cols[i*size : (i+1)*size]
}

// Height is the number of rows of a panel, at least Dim+1.
func (s *Set) Height() int { return s.kp * s.kin }

// Factor is what [f32.Kernels.Mul] wants to know of a matrix that is multiplied
// with panels from the left: it has kp panels, of which kin columns are used each;
// coordinate d belongs to column d%kin of panel d/kin.
func (s *Set) Factor() (kp, kin int) { return s.kp, s.kin }

// Each calls work for every panel, on this many threads (0: all), each of which
// gets its own work from worker.
func (s *Set) Each(threads int, worker func() (work func(panel int))) {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	const turn = 16 // panels that a thread takes at a time
	panels := s.Panels()
	if threads = min(threads, (panels+turn-1)/turn); threads == 1 {
		work := worker()
		for i := range panels {
			work(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range threads {
		wg.Go(func() {
			work := worker()
			for first := int(next.Add(turn)) - turn; first < panels; first = int(next.Add(turn)) - turn {
				for i := first; i < min(first+turn, panels); i++ {
					work(i)
				}
			}
		})
	}
	wg.Wait()
}
