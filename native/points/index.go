package points

import (
	"fmt"
	"math"
	"math/rand/v2"

	"arch2vec/native/f32"
)

// leafSize is the largest number of points in a leaf: as many as are scanned in the
// time that it takes to look at a few boxes.
const leafSize = 32

// Index finds the nearest of a fixed set of points. It is a k-d tree along the
// points' principal axes: they are halved, across the one in which they vary most,
// until no more than 32 are left, and each part knows the box its points are in. It
// does not change and may be shared. What it finds is what [f32.Kernels.Nearest]
// finds, to the bit. The tree pays where points lie along few axes, as embeddings do;
// among points that are spread evenly in all dimensions a scan is faster. So some
// searches are tried when an index is made, and where the tree leaves too little out,
// there is none: all points are scanned.
type Index struct {
	k      *f32.Kernels
	n, dim int
	stride int
	rows   []float32 // the points, padded, leaf by leaf
	number []int32   // of the point in a row; ascending in a leaf
	leaves int       // a power of two
	axes   []float64 // the principal axes, rows of dim
	reach  float64   // the largest norm of a point
	// boxes are those of the nodes: node 1 is the root, 2i and 2i+1 are the parts of
	// node i. For each 16 axes there is a panel with a row for each node, the points'
	// least coordinates and then the opposites of the largest.
	boxes [][]float32
	scans bool // there is no tree: rows are in the order of the points
}

// NewIndex returns an index of the rows of data, of dim coordinates each, which it
// does not keep. A coordinate that is not finite is an error. It takes time like n
// dim² and dim³.
func NewIndex(dim int, data []float32) (*Index, error) {
	x, err := newTree(dim, data)
	if err == nil && x.n > 0 && !x.pays() {
		x.scans, x.boxes, x.number = true, nil, nil
		x.flatten(data)
	}
	return x, err
}

// newTree returns an index that has a tree, whether or not it pays.
func newTree(dim int, data []float32) (*Index, error) {
	if err := check(dim, data); err != nil {
		return nil, err
	}
	n := len(data) / dim
	if n > math.MaxInt32 {
		return nil, fmt.Errorf("points: an index has room for %d points, not %d", math.MaxInt32, n)
	}
	k, err := f32.FromEnv()
	if err != nil {
		return nil, fmt.Errorf("points: %w", err)
	}
	x := &Index{k: k, n: n, dim: dim, stride: (dim + f32.Lane - 1) / f32.Lane * f32.Lane, number: make([]int32, n), leaves: 1}
	for x.leaves*(leafSize-4) < n { // a leaf begins at a multiple of four
		x.leaves *= 2
	}
	if n == 0 {
		return x, nil
	}
	along, err := x.rotate(data)
	if err != nil {
		return nil, err
	}
	order := make([]keyed, n)
	for i := range order {
		order[i].number = int32(i)
	}
	x.split(along, order, 0, x.leaves)
	x.fill(data, along, order)
	return x, nil
}

// pays reports whether a search by the tree costs less than a scan. The searches
// that are tried are for a point moved by the difference of two others, which goes to
// where points may well be, but none is. What they cost is counted, not timed, so that
// it does not depend on the machine.
func (x *Index) pays() bool {
	const tries = 32
	// In units of a point that is scanned in order: points in a leaf are further apart
	// from the next ones, and a pair of boxes takes as long as a leaf.
	const ofPoint, ofBoxes = 2, 32
	r := rand.New(rand.NewPCG(uint64(x.n), uint64(x.dim)))
	row := func() []float32 { return x.rows[r.IntN(x.n)*x.stride:][:x.dim] }
	query := make([]float32, x.dim)
	cost := 0
	for range tries {
		a, b, c := row(), row(), row()
		for d := range query {
			query[d] = a[d] + (b[d] - c[d])
		}
		v := x.visit(query, nil)
		v.search()
		cost += v.points*ofPoint + v.pairs*ofBoxes
	}
	return cost < tries*x.n
}

// flatten keeps the points in their own order.
func (x *Index) flatten(data []float32) {
	for i := range x.n {
		copy(x.rows[i*x.stride:], data[i*x.dim:][:x.dim])
	}
}

// Scans reports whether the index has no tree, because a scan is faster.
func (x *Index) Scans() bool { return x.scans }

// start is the row at which a leaf begins: scans take rows by four.
func (x *Index) start(leaf int) int {
	if leaf == x.leaves {
		return x.n
	}
	return int(int64(x.n)*int64(leaf)/int64(x.leaves)) / 4 * 4
}

// split brings the points of these leaves, those between the starts of first and
// last, into the order of the tree.
func (x *Index) split(along []float32, order []keyed, first, last int) {
	if last-first == 1 {
		return
	}
	half := (first + last) / 2
	part := order[x.start(first):x.start(last)]
	d := x.widest(along, part)
	for i := range part {
		part[i].key = along[int(part[i].number)*x.stride+d]
	}
	partition(part, x.start(half)-x.start(first))
	x.split(along, order, first, half)
	x.split(along, order, half, last)
}

// widest is the axis of largest variance among some of the points.
func (x *Index) widest(along []float32, part []keyed) int {
	const sample = 128
	step := len(part)/sample + 1
	sum, sq := make([]float64, x.dim), make([]float64, x.dim)
	count := 0.0
	for i := 0; i < len(part); i += step {
		for d, v := range along[int(part[i].number)*x.stride:][:x.dim] {
			sum[d] += float64(v)
			sq[d] += float64(v) * float64(v)
		}
		count++
	}
	best, most := 0, math.Inf(-1)
	for d := range sum {
		if v := sq[d] - sum[d]*sum[d]/count; v > most {
			best, most = d, v
		}
	}
	return best
}

// fill copies the points in the order of the tree and makes the boxes.
func (x *Index) fill(data, along []float32, order []keyed) {
	x.rows = f32.Align(x.n * x.stride)
	for range x.stride / f32.Lane {
		x.boxes = append(x.boxes, f32.Align(2*x.leaves*f32.Width))
	}
	for _, boxes := range x.boxes {
		for i := range boxes {
			boxes[i] = float32(math.Inf(1))
		}
	}
	for leaf := range x.leaves {
		first := x.start(leaf)
		part := order[first:x.start(leaf+1)]
		sortByNumber(part)
		for i, p := range part {
			x.number[first+i] = p.number
			copy(x.rows[(first+i)*x.stride:], data[int(p.number)*x.dim:][:x.dim])
			row := along[int(p.number)*x.stride:]
			for j, boxes := range x.boxes {
				box := boxes[(x.leaves+leaf)*f32.Width:][:f32.Width]
				for d, v := range row[j*f32.Lane:][:f32.Lane] {
					box[d], box[f32.Lane+d] = min(box[d], v), min(box[f32.Lane+d], -v)
				}
			}
		}
	}
	for _, boxes := range x.boxes {
		for i := x.leaves*f32.Width - 1; i >= f32.Width; i-- {
			child := i/f32.Width*2*f32.Width + i%f32.Width
			boxes[i] = min(boxes[child], boxes[child+f32.Width])
		}
	}
}

// Nearest returns the point nearest to query, of Dim coordinates, and the square of
// its Euclidean distance. If skip is not nil, points i with skip[i] are left out. Of
// equally near ones it is the first. If there is none, or no distance is finite, it
// is -1, and the distance +Inf.
//
// Parts of the tree are visited in order of the distance of their boxes (Hjaltason,
// Samet: Distance browsing in spatial databases, 1999) until that exceeds the least
// distance of a point.
func (x *Index) Nearest(query []float32, skip []bool) (point int, dist float32, err error) {
	if len(query) != x.dim || skip != nil && len(skip) < x.n {
		return 0, 0, fmt.Errorf("points: a query of %d coordinates, %d marks: the index has %d points of %d", len(query), len(skip), x.n, x.dim)
	}
	if x.n == 0 {
		return -1, float32(math.Inf(1)), nil
	}
	if x.scans {
		padded := f32.Align(x.stride)
		copy(padded, query)
		point, dist = x.k.Nearest(x.stride, x.rows, padded, skip)
		return point, dist, nil
	}
	v := x.visit(query, skip)
	v.search()
	return v.point, v.dist, nil
}

// visit prepares a search.
func (x *Index) visit(query []float32, skip []bool) *visit {
	v := &visit{Index: x, skip: skip, point: -1, dist: float32(math.Inf(1))}
	v.padded = f32.Align(x.stride)
	copy(v.padded, query)
	v.shift, v.outside = f32.Align(2*x.stride), f32.Align(2*f32.Width)
	rotated := make([]float32, x.dim)
	norm := x.along(query, rotated)
	v.slack = float32((norm + x.reach) * 0x1p-20)
	for d, q := range rotated {
		at := v.shift[d/f32.Lane*f32.Width+d%f32.Lane:]
		at[0], at[f32.Lane] = -q, q
	}
	return v
}

// Len is the number of points.
func (x *Index) Len() int { return x.n }

// Dim is the number of coordinates of a point.
func (x *Index) Dim() int { return x.dim }

// visit is one search of the tree.
type visit struct {
	*Index
	padded  []float32 // the query
	slack   float32   // more than rounding can change of a distance to a box
	shift   []float32 // its coordinates' opposites and they, as in boxes
	outside []float32 // how far outside of two boxes it lies
	skip    []bool
	queue   queue
	row     [1]int
	least   [1]float32
	marks   [leafSize]bool

	point int
	dist  float32

	points, pairs int // looked at
}

func (v *visit) search() {
	v.queue = append(make(queue, 0, 512), reached{node: 1})
	for len(v.queue) > 0 {
		r := v.queue.pop()
		if r.bound > v.dist {
			return
		}
		for r.node < v.leaves { // down to a leaf on the nearer side
			a, b := v.bounds(2 * r.node)
			near, far := reached{a, 2 * r.node}, reached{b, 2*r.node + 1}
			if far.bound < near.bound {
				near, far = far, near
			}
			if far.bound <= v.dist {
				v.queue.push(far)
			}
			r = near
		}
		if !(r.bound > v.dist) {
			v.scan(r.node - v.leaves)
		}
	}
}

// bounds are no more than the squared distances of any point in the boxes of a node
// and the next, as a scan computes them.
func (v *visit) bounds(node int) (a, b float32) {
	v.pairs++
	for i, boxes := range v.boxes {
		v.k.AffineReLU(2, boxes[node*f32.Width:], ones[:], v.shift[i*f32.Width:], v.outside)
		first, second := v.outside[:f32.Width], v.outside[f32.Width:]
		a, b = a+v.k.Dot(first, first), b+v.k.Dot(second, second)
	}
	return v.less(a), v.less(b)
}

// less takes off what rounding can have added to a squared distance: in proportion to
// it by the sums, and otherwise by the axes' directions.
func (v *visit) less(sq float32) float32 {
	const large = 1e38 // what may have overflowed
	d := max(float32(math.Sqrt(float64(min(sq, large))))*(1-float32(v.dim+16)*0x1p-22)-v.slack, 0)
	return max(d*d-tiny, 0)
}

// tiny is above what numbers too small for float32's precision are rounded by.
const tiny = 1e-35

// ones is a scale that leaves boxes as they are.
var ones = func() (s [f32.Width]float32) {
	for i := range s {
		s[i] = 1
	}
	return s
}()

// scan looks at the points of a leaf: at first without the marks, which are far apart
// in memory and of which few are set.
func (v *visit) scan(leaf int) {
	first, last := v.start(leaf), v.start(leaf+1)
	v.points += last - first
	rows := v.rows[first*v.stride : last*v.stride]
	v.k.NearestBatch(v.stride, rows, v.padded, nil, v.row[:], v.least[:])
	if i := v.row[0]; v.skip != nil && i >= 0 && v.least[0] <= v.dist && v.skip[v.number[first+i]] {
		for i, number := range v.number[first:last] {
			v.marks[i] = v.skip[number]
		}
		v.k.NearestBatch(v.stride, rows, v.padded, v.marks[:last-first], v.row[:], v.least[:])
	}
	i, d := v.row[0], v.least[0]
	if i < 0 || d > v.dist {
		return
	}
	if point := int(v.number[first+i]); d < v.dist || point < v.point {
		v.point, v.dist = point, d
	}
}
