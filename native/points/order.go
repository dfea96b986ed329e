package points

import (
	"cmp"
	"slices"
)

// keyed is a point and the coordinate by which it is ordered.
type keyed struct {
	key    float32
	number int32
}

func (a keyed) less(b keyed) bool {
	return a.key < b.key || a.key == b.key && a.number < b.number
}

// partition reorders part so that its least k come first (Hoare's selection). The
// pivot is a median of three, and what is left at last is sorted.
func partition(part []keyed, k int) {
	for len(part) > 32 {
		a, b, c := part[0], part[len(part)/2], part[len(part)-1]
		if b.less(a) {
			a, b = b, a
		}
		if c.less(b) {
			if b = c; b.less(a) {
				b = a
			}
		}
		i, j := 0, len(part)-1
		for i <= j {
			for part[i].less(b) {
				i++
			}
			for b.less(part[j]) {
				j--
			}
			if i <= j {
				part[i], part[j] = part[j], part[i]
				i++
				j--
			}
		}
		switch { // part[:j+1] <= pivot <= part[i:]
		case k <= j:
			part = part[:j+1]
		case k >= i:
			part, k = part[i:], k-i
		default:
			return
		}
	}
	slices.SortFunc(part, func(a, b keyed) int {
		if a.less(b) {
			return -1
		}
		return 1
	})
}

func sortByNumber(part []keyed) {
	slices.SortFunc(part, func(a, b keyed) int { return cmp.Compare(a.number, b.number) })
}

// reached is a node of a tree and a bound of its points' distance.
type reached struct {
	bound float32
	node  int
}

// queue is a heap with the least bound on top. Package container/heap would allocate
// for every element.
type queue []reached

func (q *queue) push(r reached) {
	*q = append(*q, r)
	h := *q
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if h[up].bound <= r.bound {
			break
		}
		h[i], h[up] = h[up], r
		i = up
	}
}

func (q *queue) pop() reached {
	h := *q
	n := len(h) - 1
	top, last := h[0], h[n]
	h = h[:n]
	*q = h
	i := 0
	for {
		down := 2*i + 1
		if down+1 < n && h[down+1].bound < h[down].bound {
			down++
		}
		if down >= n || last.bound <= h[down].bound {
			break
		}
		h[i] = h[down]
		i = down
	}
	if n > 0 {
		h[i] = last
	}
	return top
}
