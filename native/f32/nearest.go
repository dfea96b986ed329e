package f32

import (
	"math"
	"unsafe"
)

// nearestChunk is the number of elements that are scanned for one query after
// the other: they fit the first cache beside the query.
const nearestChunk = 1 << 13

// scan finds the least distance to query among the rows r, r+4, r+8, ... of
// groups groups of four rows of 16*blocks elements, for r = 0 to 3, and the first
// row that has it: best[r] is +Inf and index[r] is -1 if there is none. Row i is
// left out if skip[i*skipStep/4] says so.
type scan func(groups, blocks int, data, query *float32, skip *bool, skipStep int, best *float32, index *int32)

// Nearest returns the row of data that is nearest to query in Euclidean
// distance, and the square of that distance. Data is row-major, rows of dim
// elements; dim, the length of the query, is a multiple of Lane: pad rows and
// query with zeros, as [Pad] does. If skip is not nil, rows i with skip[i] are
// left out. Of equally near rows the first is returned. A distance that is NaN or
// overflows to +Inf is never the least; if there is no other, the row is -1 and
// the distance +Inf.
//
// The result is the same to the bit on every instruction set.
func (k *Kernels) Nearest(dim int, data, query []float32, skip []bool) (row int, dist float32) {
	var rows [1]int
	var dists [1]float32
	k.NearestBatch(dim, data, query, skip, rows[:], dists[:])
	return rows[0], dists[0]
}

// NearestBatch is Nearest for len(row) queries of dim elements each, one after
// the other in queries. They share the reading of data, which is what a single
// query waits for.
func (k *Kernels) NearestBatch(dim int, data, queries []float32, skip []bool, row []int, dist []float32) {
	if dim <= 0 || lanes(dim, Lane) != dim || len(data)%dim != 0 {
		panic(errLength)
	}
	n := len(data) / dim
	if len(queries) < len(row)*dim || len(dist) < len(row) || skip != nil && len(skip) < n {
		panic(errShort)
	}
	for i := range row {
		row[i], dist[i] = -1, float32(math.Inf(1))
	}
	chunk := max(nearestChunk/dim/4*4, 4)
	s := &scratch{}
	for first := 0; first < n; first += chunk {
		size := min(chunk, n-first)
		for i := range row {
			r, d := k.nearestIn(s, dim, first, size, data, queries[i*dim:(i+1)*dim], skip)
			if d < dist[i] {
				row[i], dist[i] = r, d
			}
		}
	}
}

// scratch is what a scan reads and writes beside the rows; it is on the heap,
// and so made once for many scans.
type scratch struct {
	best  [4]float32
	index [4]int32
	none  [4]bool
}

// nearestIn scans size rows from the first-th: whole groups of four, then the
// others.
func (k *Kernels) nearestIn(s *scratch, dim, first, size int, data, query []float32, skip []bool) (row int, dist float32) {
	row, dist = -1, float32(math.Inf(1))
	if groups := size / 4; groups > 0 {
		mask, step := &s.none[0], 0
		if skip != nil {
			mask, step = &skip[first], 4
		}
		k.nearest(groups, dim/Lane, &data[first*dim], &query[0], mask, step, &s.best[0], &s.index[0])
		for r, d := range s.best {
			if i := first + int(s.index[r]); d < dist || d == dist && s.index[r] >= 0 && i < row {
				row, dist = i, d
			}
		}
	}
	for i := first + size/4*4; i < first+size; i++ {
		if skip == nil || !skip[i] {
			if d := distance(data[i*dim:(i+1)*dim], query); d < dist {
				row, dist = i, d
			}
		}
	}
	return row, dist
}

// Pad returns a copy of data, row-major with rows of dim elements, with each row
// padded with zeros to the next multiple of Lane, and that length. Data whose
// rows need no padding is returned as it is.
func Pad(dim int, data []float32) (padded []float32, stride int) {
	if dim <= 0 || len(data)%dim != 0 {
		panic(errLength)
	}
	stride = (dim + Lane - 1) / Lane * Lane
	if stride == dim {
		return data, stride
	}
	n := len(data) / dim
	padded = Align(n * stride)
	for i := range n {
		copy(padded[i*stride:], data[i*dim:(i+1)*dim])
	}
	return padded, stride
}

// distance is the square of the distance of x and y, of 16*n elements: sums of 16
// lanes, then of their halves and of pairs. The conversions keep the compiler from
// fusing product and sum.
func distance(x, y []float32) float32 {
	var s [Lane]float32
	for ; len(x) >= Lane; x, y = x[Lane:], y[Lane:] {
		a, b := (*[Lane]float32)(x), (*[Lane]float32)(y)
		for i := range s {
			d := b[i] - a[i]
			s[i] += float32(d * d)
		}
	}
	for i := range 8 {
		s[i] += s[i+8]
	}
	return ((s[0] + s[2]) + (s[1] + s[3])) + ((s[4] + s[6]) + (s[5] + s[7]))
}

func nearestGo(groups, blocks int, data, query *float32, skip *bool, skipStep int, best *float32, index *int32) {
	dim := blocks * Lane
	b, at0 := slice(best, 4), (*[4]int32)(unsafe.Pointer(index))
	for r := range b {
		b[r], at0[r] = float32(math.Inf(1)), -1
	}
	q := slice(query, dim)
	for i := range 4 * groups {
		if *(*bool)(unsafe.Add(unsafe.Pointer(skip), i/4*skipStep+i%4)) {
			continue
		}
		if d := distance(slice(at(data, i*dim), dim), q); d < b[i%4] {
			b[i%4], at0[i%4] = d, int32(i)
		}
	}
}
