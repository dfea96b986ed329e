package graphae

import (
	"math/bits"

	"arch2vec/native/f32"
)

// firstLayer computes the first layer in evaluation mode. A row of its input is
// an operation and how often each operation is among the neighbours: of the three
// million rows of NAS-Bench-101, 496 differ. It keeps what the layer makes of them.
type firstLayer struct {
	known map[surrounding]int32 // its row in out
	out   []float32             // rows of hidden elements
	place []int32               // the rows in out of the batch
}

// surrounding is what the input of a node's row in the first layer is made of.
type surrounding struct {
	// Of feature f, an operation or the number of a twin, among the neighbours: at
	// most 15, in bits 4*f to 4*f+3.
	counts   uint64
	op, twin int8
}

// mostKnown bounds the rows that are kept; DARTS has some 13,000.
const mostKnown = 1 << 14

// forward computes the layer's output h for the rows of the batch of d, whose
// input is in the first panel of agg. It overwrites agg and a.
func (f *firstLayer) forward(e *gin, d *dataset, w *workspace, agg, a, h []float32) {
	if f.known == nil || len(f.known)+w.rows > mostKnown {
		f.known, f.out = map[surrounding]int32{}, f.out[:0]
	}
	old := len(f.known)
	f.place = f.place[:0]
	for r := range w.rows {
		s := d.surrounding(r)
		at, ok := f.known[s]
		if !ok {
			at = int32(len(f.known))
			f.known[s] = at
			// New rows move together; the row they move to was looked at before.
			copy(agg[(int(at)-old)*f32.Width:], agg[r*f32.Width:][:f32.Width])
		}
		f.place = append(f.place, at)
	}
	panels, hidden := e.panels, e.layers[0].last.Out
	if fresh := len(f.known) - old; fresh > 0 {
		e.inferLayer(&e.layers[0], w, fresh, agg, a, h)
		for r := range fresh {
			for p := range panels {
				f.out = append(f.out, w.panel(h, p)[r*f32.Width:][:f32.Width]...)
			}
		}
	}
	for p := range panels {
		to, from := w.panel(h, p), f.out[p*f32.Width:]
		for r, at := range f.place {
			copy(to[r*f32.Width:][:f32.Width], from[int(at)*hidden:])
		}
	}
}

// surrounding is that of node r of all nodes.
func (d *dataset) surrounding(r int) surrounding {
	ops, twins := d.op[r-r%d.nodes:][:d.nodes], d.twin[r-r%d.nodes:][:d.nodes]
	s := surrounding{op: d.op[r], twin: d.twin[r]}
	for m := d.near[r]; m != 0; m &= m - 1 {
		v := bits.TrailingZeros16(m)
		if o := ops[v]; o >= 0 {
			s.counts += 1 << (4 * o)
		}
		if t := twins[v]; t > 0 {
			s.counts += 1 << (4 * (d.ops + int(t) - 1))
		}
	}
	return s
}
