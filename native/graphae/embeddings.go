package graphae

import (
	"context"
	"fmt"
	"io"

	"gonum.org/v1/gonum/mat"

	"arch2vec/native/aside"
	"arch2vec/native/f32"
	"arch2vec/native/space"
)

// Embeddings are the embeddings of a whole space: row i belongs to cell i.
type Embeddings struct {
	Rows, Dim int
	Data      []float32 // Rows x Dim, row-major
}

// Embed embeds every cell of s: the mean of mu over the N nodes of its encoding,
// absent nodes included, with BatchNorm in evaluation mode. Threads 0 stands for
// all; the result does not depend on it.
func (m *Model) Embed(ctx context.Context, s space.Space, threads int) (*Embeddings, error) {
	if err := m.fits(s); err != nil {
		return nil, err
	}
	n := m.net
	e := &Embeddings{Rows: s.Len(), Dim: n.latent, Data: make([]float32, s.Len()*n.latent)}
	err := m.each(ctx, threads, e.Rows, s.Cell, func(f *inference, first, graphs int) {
		for g := range graphs {
			out := e.Row(first + g)
			for v := range n.nodes {
				add(out, f.head[(g*n.nodes+v)*f32.Width:])
			}
			for d := range out {
				out[d] /= float32(n.nodes)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// EmbedNodes is Embed without the mean: the embedding of a cell is mu of its nodes,
// one after the other, Nodes x Dim numbers. Where nodes have fixed places, as in
// NAS-Bench-201, it keeps what the mean loses.
func (m *Model) EmbedNodes(ctx context.Context, s space.Space, threads int) (*Embeddings, error) {
	if err := m.fits(s); err != nil {
		return nil, err
	}
	n := m.net
	e := &Embeddings{Rows: s.Len(), Dim: n.nodes * n.latent, Data: make([]float32, s.Len()*n.nodes*n.latent)}
	err := m.each(ctx, threads, e.Rows, s.Cell, func(f *inference, first, graphs int) {
		for v := range graphs * n.nodes {
			copy(e.Data[(first*n.nodes+v)*n.latent:][:n.latent], f.head[v*f32.Width:])
		}
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// Row returns the embedding of cell i, a part of Data.
func (e *Embeddings) Row(i int) []float32 { return e.Data[i*e.Dim : (i+1)*e.Dim : (i+1)*e.Dim] }

// Dense returns the embeddings as a gonum matrix, Rows x Dim.
func (e *Embeddings) Dense() *mat.Dense {
	d := mat.NewDense(e.Rows, e.Dim, nil)
	for i, v := range e.Data {
		d.RawMatrix().Data[i] = float64(v)
	}
	return d
}

func (e *Embeddings) save(path string, fill func(io.Writer) error) error {
	if err := aside.Write(path, 0o644, fill); err != nil {
		return fmt.Errorf("graphae: embeddings: %w", err)
	}
	return nil
}
