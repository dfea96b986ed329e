package graphae

import (
	"context"
	"math"

	"arch2vec/native/cell"
	"arch2vec/native/space"
)

// fewCells is the size up to which the classes of a space are counted cell by
// cell. Larger spaces are lists of different classes: each of their cells is one,
// and Index finds it for every cell of the class.
const fewCells = 1 << 16

// classesOf returns the class of each of the given cells of a small space.
func classesOf(ctx context.Context, s space.Space, cells []int32, threads int) ([]string, error) {
	classes := make([]string, len(cells))
	err := parallel(ctx, threads, len(cells), 256, func() func(first, n int) error {
		return func(first, n int) (err error) {
			for i := first; i < first+n && err == nil; i++ {
				classes[i], err = s.ClassHash(s.Cell(int(cells[i])))
			}
			return err
		}
	})
	return classes, err
}

// knownClasses returns a test whether a cell's class is among those of the given
// cells.
func knownClasses(ctx context.Context, s space.Space, cells []int32, threads int) (func(c cell.Cell, class string) bool, error) {
	if s.Len() <= fewCells {
		classes, err := classesOf(ctx, s, cells, threads)
		if err != nil {
			return nil, err
		}
		set := make(map[string]bool, len(classes))
		for _, c := range classes {
			set[c] = true
		}
		return func(_ cell.Cell, class string) bool { return set[class] }, nil
	}
	is := make([]bool, s.Len())
	for _, i := range cells {
		is[i] = true
	}
	return func(c cell.Cell, _ string) bool {
		i, ok := s.Index(c)
		return ok && is[i]
	}, nil
}

// UniformUniqueness is the uniqueness that n draws could be expected to have if
// every cell of s were equally likely: the expected number of different classes
// among them, in percent of n,
//
//	100/n sum over classes c of 1 - (1 - |c|/|S|)^n
//
// With 15,625 cells in 6,466 classes of unequal size it is far below 100 for
// 10,000 draws from NAS-Bench-201.
func UniformUniqueness(ctx context.Context, s space.Space, n int) (float64, error) {
	sizes := map[string]int{}
	if s.Len() > fewCells {
		return uniformUniqueness(map[int]int{1: s.Len()}, s.Len(), n), nil
	}
	all := make([]int32, s.Len())
	for i := range all {
		all[i] = int32(i)
	}
	classes, err := classesOf(ctx, s, all, 0)
	if err != nil {
		return 0, err
	}
	for _, c := range classes {
		sizes[c]++
	}
	count := map[int]int{}
	for _, size := range sizes {
		count[size]++
	}
	return uniformUniqueness(count, s.Len(), n), nil
}

// uniformUniqueness takes the number of classes by their size, of cells in all.
func uniformUniqueness(classes map[int]int, cells, n int) float64 {
	if n <= 0 {
		return 0
	}
	sum := 0.0
	for size := 1; size <= cells; size++ { // in a fixed order: the sum's last bits
		if k := classes[size]; k > 0 {
			sum += float64(k) * -math.Expm1(float64(n)*math.Log1p(-float64(size)/float64(cells)))
		}
	}
	return 100 * sum / float64(n)
}
