package gp

import (
	"fmt"
	"math"

	"arch2vec/native/f32"
)

// Pool is a set of points to predict at, such as the embeddings of all cells of a
// space, laid out for [GP.Scan]. It may be shared.
type Pool struct {
	n, dim  int
	rows    []float32 // as given
	kp, kin int       // rows of a panel of cols: kp pieces of kin
	cols    []float32 // points as columns, each with a 1 below, in panels
}

// NewPool returns a pool of the rows of data, of dim coordinates each. It keeps
// data, which must not change any more.
func NewPool(dim int, data []float32) (*Pool, error) {
	if dim < 1 || len(data)%dim != 0 {
		return nil, fmt.Errorf("gp: %d numbers are not rows of %d", len(data), dim)
	}
	for i, v := range data {
		if e := float64(v); math.IsNaN(e) || math.IsInf(e, 0) {
			return nil, fmt.Errorf("gp: coordinate %d of point %d is %v: %w", i%dim, i/dim, v, errFinite)
		}
	}
	p := &Pool{n: len(data) / dim, dim: dim, rows: data, kp: f32.Panels(dim + 1)}
	p.kin = (dim + p.kp) / p.kp
	height := p.height()
	padded := make([]float32, p.n*height)
	for i := range p.n {
		copy(padded[i*height:], p.Row(i))
		padded[i*height+dim] = 1
	}
	p.cols = f32.Columns(height, padded)
	return p, nil
}

// Len is the number of points.
func (p *Pool) Len() int { return p.n }

// Row is point i, to be read only.
func (p *Pool) Row(i int) []float32 { return p.rows[i*p.dim : (i+1)*p.dim : (i+1)*p.dim] }

func (p *Pool) height() int { return p.kp * p.kin }
