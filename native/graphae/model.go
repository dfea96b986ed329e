package graphae

import (
	"context"
	"fmt"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/space"
)

// Model is a trained autoencoder, in evaluation mode. Its methods may be called
// concurrently.
type Model struct {
	cfg   Config
	net   *network
	prior prior
}

// Config returns the settings it was trained with.
func (m *Model) Config() Config { return m.cfg }

// Nodes is the number of nodes of its cells, Dim the dimension of an embedding.
func (m *Model) Nodes() int { return m.net.nodes }

// Dim is the dimension of an embedding, and of a node's latent vector.
func (m *Model) Dim() int { return m.net.latent }

// Parameters is the number of learned parameters.
func (m *Model) Parameters() int { return m.net.params.Count() }

// inference runs batches of cells through a network in evaluation mode.
type inference struct {
	net   *network
	data  *dataset // the batch
	ws    *workspace
	cells []int32   // 0, 1, 2, ...: the batch is the whole data set
	head  []float32 // mu | log sigma, rows of 32
	first firstLayer
}

// inferenceBatch is the number of cells that go through a network together: few
// enough to stay in a core's cache.
const inferenceBatch = 32

func newInference(n *network, graphs int) *inference {
	s := n.shape
	rows := graphs * s.nodes
	w := &workspace{nodes: s.nodes, stride: (rows + 1) * f32.Width}
	w.op, w.twin, w.count, w.near = make([]int8, rows), make([]int8, rows), make([]int32, rows), make([]int32, f32.Near*rows)
	wide := f32.Panels(s.hidden) * w.stride
	w.x0, w.h, w.dy1 = f32.Align(w.stride), f32.Align(wide), f32.Align(wide)
	w.agg = [][]float32{f32.Align(wide)}
	if s.convolves() {
		w.adj = f32.Align(w.stride)
	}
	w.z, w.logit = f32.Align(w.stride), f32.Align(w.stride)
	f := &inference{
		net: n, ws: w, head: f32.Align(w.stride), cells: make([]int32, graphs),
		data: newEmptyDataset(s.nodes, s.ops, graphs, s.twins),
	}
	for i := range f.cells {
		f.cells[i] = int32(i)
	}
	return f
}

// encode leaves mu of the first graphs cells of the batch in head, rows of 32.
func (f *inference) encode(graphs int) {
	n, w, k := f.net, f.ws, f.net.k
	w.begin(n.shape, graphs)
	for i := range w.parts {
		w.fill(i, n, f.data, f.cells[:graphs])
	}
	n.encoder.infer(f)
	n.heads.Forward(k, 0, w.rows, w.h, w.stride, f.head)
}

// decode computes the decoder's outputs for rows rows of 32 in z: logits of
// operations (rows of 32), and z_i·z_j for i < j of every graph in edges.
func (f *inference) decode(graphs int, z, edges []float32) (logit []float32) {
	n := f.net
	n.decoder.Forward(n.k, 0, graphs*n.nodes, z, f.ws.stride, f.ws.logit)
	n.k.Gram(graphs, n.nodes, z, edges)
	return f.ws.logit
}

// read makes a cell of decoder outputs: per node the largest logit, an edge
// where its probability is above 1/2, that is its logit above 0.
func (n *network) read(logit, edges []float32) cell.Cell {
	var ops [cell.MaxNodes]int
	pairs := make([][2]int, 0, n.nodes*(n.nodes-1)/2)
	ij := 0
	for v := range n.nodes {
		ops[v] = argmax(logit[v*f32.Width:][:n.ops])
		for u := v + 1; u < n.nodes; u++ {
			if edges[ij] > 0 {
				pairs = append(pairs, [2]int{v, u})
			}
			ij++
		}
	}
	c, err := cell.New(ops[:n.nodes], pairs)
	if err != nil {
		panic("graphae: " + err.Error()) // operations and edges are in range by construction
	}
	return c
}

func argmax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// Encode returns mu of every node of c, Nodes x Dim, row-major.
func (m *Model) Encode(c cell.Cell) ([]float32, error) {
	f := newInference(m.net, 1)
	if err := f.data.set(0, c); err != nil {
		return nil, fmt.Errorf("graphae: cannot encode the cell: %w", err)
	}
	f.encode(1)
	mu := make([]float32, 0, m.net.nodes*m.net.latent)
	for v := range m.net.nodes {
		mu = append(mu, f.head[v*f32.Width:][:m.net.latent]...)
	}
	return mu, nil
}

// Decode returns the most likely cell of a latent point, Nodes x Dim, row-major.
// It need not be legal in the space. Decode panics if z has another length.
func (m *Model) Decode(z []float32) cell.Cell {
	n := m.net
	if len(z) != n.nodes*n.latent {
		panic("graphae: a latent point has Nodes x Dim entries")
	}
	f := newInference(n, 1)
	for v := range n.nodes {
		copy(f.ws.z[v*f32.Width:], z[v*n.latent:(v+1)*n.latent])
	}
	edges := make([]float32, n.nodes*(n.nodes-1)/2)
	return n.read(f.decode(1, f.ws.z, edges), edges)
}

// Draw returns n latent points drawn from the paper's prior, an independent
// normal per node position and dimension, for Decode.
func (m *Model) Draw(n int, seed uint64) [][]float32 {
	size := m.net.nodes * m.net.latent
	noise := f32.Align(up(size, f32.RandomLane))
	key := f32.NewKey(seed, streamDraw)
	points := make([][]float32, n)
	for i := range points {
		points[i] = make([]float32, size)
		m.prior.draw(m.net.k, key, i, noise, points[i])
	}
	return points
}

// fits says whether the model can read the cells of s.
func (m *Model) fits(s space.Space) error {
	if s.Name() != m.cfg.Space || s.Nodes() != m.net.nodes || len(s.Ops()) != m.net.ops {
		return fmt.Errorf("graphae: the model was trained on %s (%d nodes, %d operations), not on %s (%d, %d)",
			m.cfg.Space, m.net.nodes, m.net.ops, s.Name(), s.Nodes(), len(s.Ops()))
	}
	return nil
}

// each encodes the cells numbers, in batches and on the given number of threads
// (0: all), and calls use with each batch: its first position and its size, mu
// in f.head. Calls come from several goroutines.
func (m *Model) each(ctx context.Context, threads, total int, get func(i int) cell.Cell, use func(f *inference, first, n int)) error {
	return parallel(ctx, threads, total, inferenceBatch, func() func(first, n int) error {
		f := newInference(m.net, inferenceBatch)
		return func(first, n int) error {
			for i := range n {
				if err := f.data.set(i, get(first+i)); err != nil {
					return fmt.Errorf("graphae: cell %d: %w", first+i, err)
				}
			}
			f.encode(n)
			use(f, first, n)
			return nil
		}
	})
}
