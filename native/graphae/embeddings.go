package graphae

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

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

// SaveNPY writes the embeddings as a NumPy array of float32, Rows x Dim.
func (e *Embeddings) SaveNPY(path string) error {
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", e.Rows, e.Dim)
	// Version 1.0: magic, version, length, and a header padded with spaces to a
	// multiple of 64 bytes that ends in a newline.
	const prefix = 10
	header += strings.Repeat(" ", up(prefix+len(header)+1, 64)-prefix-len(header)-1) + "\n"
	return e.save(path, func(w io.Writer) error {
		b := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
		if _, err := w.Write(append(b, header...)); err != nil {
			return err
		}
		var word [4]byte
		for _, v := range e.Data {
			binary.LittleEndian.PutUint32(word[:], math.Float32bits(v))
			if _, err := w.Write(word[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

// SaveCSV writes one line a cell: its index and the Dim numbers, in digits that
// read back as the same float32.
func (e *Embeddings) SaveCSV(path string) error {
	return e.save(path, func(w io.Writer) error {
		line := []byte("cell")
		for d := range e.Dim {
			line = strconv.AppendInt(append(line, ",z"...), int64(d), 10)
		}
		for i := 0; ; i++ {
			if _, err := w.Write(append(line, '\n')); err != nil || i == e.Rows {
				return err
			}
			line = strconv.AppendInt(line[:0], int64(i), 10)
			for _, v := range e.Row(i) {
				line = strconv.AppendFloat(append(line, ','), float64(v), 'g', -1, 32)
			}
		}
	})
}

func (e *Embeddings) save(path string, fill func(io.Writer) error) error {
	if err := aside.Write(path, 0o644, fill); err != nil {
		return fmt.Errorf("graphae: embeddings: %w", err)
	}
	return nil
}
