package graphae

import (
	"math/bits"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// workspace is the memory of one training step: the batch, its activations and
// their gradients. Panels of activations are stride elements apart.
type workspace struct {
	graphs, rows int // of the batch at hand
	nodes        int // of a graph
	stride       int

	op, twin    []int8
	count, near []int32

	x0               []float32   // one-hot operations, and numbers of twins
	adj              []float32   // of a gcn: Ã, N entries of a row used
	agg, y1, a1, y2  [][]float32 // by layer; agg is the input of the first Linear
	h                []float32   // the output of the last layer
	dy1, dy2         []float32
	head, dhead      []float32 // mu | log sigma
	z, dz, logit, dl []float32

	epsDot       []float32           // gradient of eps by layer and panel
	own, scratch [nn.Parts][]float32 // by thread: one panel of an activation, one of weights
	parts        [nn.Parts]part
}

// part is what one fixed piece of the batch, some whole graphs, contributes.
// Pieces do not depend on the number of threads, and are added up in order.
type part struct {
	g0, g1      int
	sized       [2]int       // graphs of the part and of the batch that weights were made for
	noise, keep []float32    // rows x 16
	sigma       []float32    // rows x 16
	constant    bool         // noise is 0 and keep is 1
	nodes       [2][]float32 // nodes x 16: sums of mu and of its square
	x, y, w, g  []float32    // operations: logits, targets, weights, gradients
	px, py, pw  []float32    // pairs of nodes: likewise, the gradient in px
	wrong       []wrongEntry // see saturate.go
	dw, db, dhb []float32    // gradients of the decoder's weights and bias, and of the heads' bias
	norm2       float64
	ops, edges  float64 // contributions to the loss
	kl          float64
	sum, sum2   []float64 // of mu and its square by node and dimension, over the epoch
}

func up(n, to int) int { return (n + to - 1) / to * to }

func newWorkspace(s shape, graphs int) *workspace {
	rows := graphs * s.nodes
	var arena f32.Arena
	// One row more than needed keeps equal rows of two panels in different cache sets.
	w := &workspace{nodes: s.nodes, stride: (rows + 1) * f32.Width}
	w.op, w.twin, w.count, w.near = make([]int8, rows), make([]int8, rows), make([]int32, rows), make([]int32, f32.Near*rows)
	narrow := func() []float32 { return arena.Align(w.stride) }
	wide := func() []float32 { return arena.Align(f32.Panels(s.hidden) * w.stride) }
	w.x0 = narrow()
	if s.convolves() {
		w.adj = narrow()
	}
	for i := range s.layers {
		if i == 0 {
			w.agg = append(w.agg, narrow())
		} else {
			w.agg = append(w.agg, wide())
		}
		w.y1, w.a1, w.y2 = append(w.y1, wide()), append(w.a1, wide()), append(w.y2, wide())
	}
	w.h, w.dy1, w.dy2 = wide(), wide(), wide()
	for _, b := range []*[]float32{&w.head, &w.dhead, &w.z, &w.dz, &w.logit, &w.dl} {
		*b = narrow()
	}
	w.epsDot = make([]float32, s.layers*f32.Panels(s.hidden))
	for i := range w.scratch {
		w.own[i], w.scratch[i] = narrow(), arena.Align(f32.Width*f32.Width)
	}
	most := (graphs + nn.Parts - 1) / nn.Parts
	r := up(most*s.nodes, 2)
	for i := range w.parts {
		p := &w.parts[i]
		for _, b := range []*[]float32{&p.noise, &p.keep, &p.sigma} {
			*b = arena.Align(r * maxLatent)
		}
		p.nodes[0], p.nodes[1] = arena.Align(s.nodes*maxLatent), arena.Align(s.nodes*maxLatent)
		for _, b := range []*[]float32{&p.x, &p.y, &p.w, &p.g} {
			*b = arena.Align(up(r*s.ops, f32.Lane))
		}
		for _, b := range []*[]float32{&p.px, &p.py, &p.pw} {
			*b = arena.Align(up(most*s.nodes*(s.nodes-1)/2, f32.Lane))
		}
		p.wrong = make([]wrongEntry, 0, max(len(p.x), len(p.px)))
		p.dw, p.db, p.dhb = arena.Align(f32.Width*f32.Width), arena.Align(f32.Width), arena.Align(f32.Width)
		p.sum, p.sum2 = make([]float64, s.nodes*s.latent), make([]float64, s.nodes*s.latent)
	}
	return w
}

// begin sets the size of the next batch.
func (w *workspace) begin(s shape, graphs int) {
	w.graphs, w.rows = graphs, graphs*s.nodes
	for i := range w.parts {
		w.parts[i].g0, w.parts[i].g1 = graphs*i/nn.Parts, graphs*(i+1)/nn.Parts
	}
}

// fill reads the cells of part i of a batch: their operations, neighbours, and
// the input of the first layer.
func (w *workspace) fill(i int, n *network, d *dataset, cells []int32) {
	width := up(n.inputs(), 4)
	for g := w.parts[i].g0; g < w.parts[i].g1; g++ {
		from, to := int(cells[g])*d.nodes, g*d.nodes
		op := w.op[to : to+d.nodes]
		copy(op, d.op[from:])
		copy(w.twin[to:to+d.nodes], d.twin[from:])
		for v, o := range op {
			r := to + v
			x := w.x0[r*f32.Width:][:width]
			clear(x)
			if o >= 0 {
				x[o] = 1
			}
			if t := w.twin[r]; t > 0 {
				x[n.ops+int(t)-1] = 1
			}
			c := 0
			for m := d.near[from+v]; m != 0; m &= m - 1 {
				w.near[f32.Near*r+c] = int32(4 * f32.Width * (to + bits.TrailingZeros16(m)))
				c++
			}
			w.count[r] = int32(c)
		}
	}
	n.encoder.input(w, i)
}
