package search

import (
	"slices"
	"strings"

	"arch2vec/native/cell"
	"arch2vec/native/space"
)

// pathEncoding is BANANAS's encoding of a cell (White, Neiswanger, Savani 2021,
// section 4): one bit for every sequence of operations, up to a length, that may lie
// on a path from an input to the output, set where the cell has such a path. Paths
// through an operation that passes nothing on do not count.
type pathEncoding struct {
	length int // operations on a path
	start  []int
	digit  []int // of an operation among the inner ones, -1: none
	inner  int
	starts int
}

func newPathEncoding(s space.Space, length int) *pathEncoding {
	ops := s.Ops()
	p := &pathEncoding{length: length, start: make([]int, len(ops)), digit: make([]int, len(ops))}
	for op, name := range ops {
		p.start[op], p.digit[op] = -1, -1
		switch {
		case name == "input" || strings.HasPrefix(name, "c_k"):
			p.start[op] = p.starts
			p.starts++
		case name != "output" && name != "none":
			p.digit[op] = p.inner
			p.inner++
		}
	}
	return p
}

// bits is the number of bits: for every input, 1 + k + k² + ... + k^length.
func (p *pathEncoding) bits() int {
	n, power := 0, 1
	for range p.length + 1 {
		n += power
		power *= p.inner
	}
	return n * p.starts
}

// set returns the bits that are set, in ascending order.
func (p *pathEncoding) set(c cell.Cell) []int {
	var bits []int
	last := c.Len() - 1
	for last > 0 && c.Op(last) == cell.Absent {
		last--
	}
	// number counts sequences by length, then as numbers in base inner.
	var walk func(v, length, number, offset, power, base int)
	walk = func(v, length, number, offset, power, base int) {
		for w := v + 1; w <= last; w++ {
			if !c.HasEdge(v, w) {
				continue
			}
			if w == last {
				bits = append(bits, base+offset+number)
				continue
			}
			if d := p.digit[c.Op(w)]; d >= 0 && length < p.length {
				walk(w, length+1, number*p.inner+d, offset+power, power*p.inner, base)
			}
		}
	}
	for v := range last {
		if op := c.Op(v); op != cell.Absent && p.start[op] >= 0 {
			walk(v, 0, 0, 0, 1, p.start[op]*p.bits()/p.starts)
		}
	}
	slices.Sort(bits)
	return slices.Compact(bits)
}
