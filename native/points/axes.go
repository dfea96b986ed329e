package points

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// rotate sets axes to the principal axes of the points and returns their coordinates
// along these, in rows of stride. Embeddings vary in few directions, and boxes along
// those are small.
func (x *Index) rotate(data []float32) ([]float32, error) {
	mean := make([]float64, x.dim)
	for i, v := range data {
		mean[i%x.dim] += float64(v) / float64(x.n)
	}
	cov := mat.NewSymDense(x.dim, nil)
	centred := make([]float64, x.dim)
	const sample = 20_000 // points, which are enough for axes
	for i := 0; i < x.n; i += x.n/sample + 1 {
		for d, v := range data[i*x.dim:][:x.dim] {
			centred[d] = float64(v) - mean[d]
		}
		cov.SymRankOne(cov, 1, mat.NewVecDense(x.dim, centred))
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(cov, true) {
		return nil, errors.New("points: the principal axes of the points were not found")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	x.axes = make([]float64, 0, x.dim*x.dim)
	for d := range x.dim {
		x.axes = append(x.axes, mat.Col(nil, d, &vectors)...)
	}
	along := make([]float32, x.n*x.stride)
	for i := range x.n {
		x.reach = max(x.reach, x.along(data[i*x.dim:][:x.dim], along[i*x.stride:]))
	}
	return along, nil
}

// along sets out to a point's coordinates along the axes and returns its norm.
func (x *Index) along(point, out []float32) float64 {
	wide := make([]float64, x.dim)
	sq := 0.0
	for d, v := range point {
		wide[d] = float64(v)
		sq += wide[d] * wide[d]
	}
	for d := range wide {
		out[d] = float32(floats.Dot(x.axes[d*x.dim:][:x.dim], wide))
	}
	return math.Sqrt(sq)
}
