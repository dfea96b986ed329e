package graphae

import (
	"context"
	"errors"

	"gonum.org/v1/gonum/mat"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/space"
)

// gaussian is the sampler "gaussian": z = m + L e, e standard normal, L Lᵀ = C.
type gaussian struct {
	k    *f32.Kernels
	mean []float64
	l    *mat.TriDense
}

// mostFitted is the number of training cells that mean and covariance are
// computed from, at most: for 176 coordinates (DARTS) some 200 a coordinate.
const mostFitted = 32768

// pieceFitted is the number of cells that are summed up together: pieces are
// added in order, so that the sums do not depend on the number of threads.
const pieceFitted = 1024

func newGaussian(ctx context.Context, m *Model, s space.Space, train []int32, threads int) (*gaussian, error) {
	net := m.net
	size := net.nodes * net.latent
	train = train[:min(len(train), mostFitted)]
	mu := mat.NewDense(len(train), size, nil)
	err := m.each(ctx, threads, len(train), func(i int) cell.Cell { return s.Cell(int(train[i])) }, func(f *inference, first, graphs int) {
		for g := range graphs {
			row := mu.RawRowView(first + g)
			for v := range net.nodes {
				for d, x := range f.head[(g*net.nodes+v)*f32.Width:][:net.latent] {
					row[v*net.latent+d] = float64(x)
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	mean, cov, err := covariance(ctx, mu, threads)
	if err != nil {
		return nil, err
	}
	l, err := root(cov)
	if err != nil {
		return nil, err
	}
	return &gaussian{net.k, mean, l}, nil
}

// covariance returns the mean of the rows of x and their unbiased covariance.
func covariance(ctx context.Context, x *mat.Dense, threads int) ([]float64, *mat.SymDense, error) {
	rows, size := x.Dims()
	mean := make([]float64, size)
	for i := range rows {
		for j, v := range x.RawRowView(i) {
			mean[j] += v / float64(rows)
		}
	}
	for i := range rows {
		for j := range mean {
			x.RawRowView(i)[j] -= mean[j]
		}
	}
	pieces := make([]*mat.SymDense, (rows+pieceFitted-1)/pieceFitted)
	err := parallel(ctx, threads, rows, pieceFitted, func() func(first, n int) error {
		return func(first, n int) error {
			c := mat.NewSymDense(size, nil)
			c.SymOuterK(1/float64(max(rows-1, 1)), x.Slice(first, first+n, 0, size).T())
			pieces[first/pieceFitted] = c
			return nil
		}
	})
	if err != nil {
		return nil, nil, err
	}
	sum := mat.NewSymDense(size, nil)
	for _, c := range pieces {
		sum.AddSym(sum, c)
	}
	return mean, sum, nil
}

// root is the Cholesky factor L of c + jitter, with L Lᵀ = c + jitter I. Latent
// dimensions that the model does not use make c singular; the jitter begins at
// 1e-9 of the mean variance and grows until the factor exists.
func root(c *mat.SymDense) (*mat.TriDense, error) {
	size := c.SymmetricDim()
	jitter := 1e-9 * mat.Trace(c) / float64(size)
	if jitter <= 0 {
		jitter = 1e-12
	}
	for range 8 {
		j := mat.NewSymDense(size, nil)
		j.CopySym(c)
		for i := range size {
			j.SetSym(i, i, c.At(i, i)+jitter)
		}
		var f mat.Cholesky
		if f.Factorize(j) {
			l := mat.NewTriDense(size, mat.Lower, nil)
			f.LTo(l)
			return l, nil
		}
		jitter *= 10
	}
	return nil, errors.New("graphae: the covariance of the latent points is not positive definite; the model's weights may not be finite")
}

func (p *gaussian) points(ctx context.Context, n int, seed uint64, threads int) ([][]float32, error) {
	size := len(p.mean)
	key := f32.NewKey(seed, streamDraw)
	points := make([][]float32, n)
	err := parallel(ctx, threads, n, inferenceBatch, func() func(first, n int) error {
		noise, e := f32.Align(up(size, f32.RandomLane)), make([]float64, size)
		return func(first, n int) error {
			for i := first; i < first+n; i++ {
				p.k.Normal(key, uint32(i), 0, noise)
				for j := range e {
					e[j] = float64(noise[j])
				}
				z := make([]float32, size)
				raw := p.l.RawTriangular()
				for j := range z {
					sum := p.mean[j]
					for k, l := range raw.Data[j*raw.Stride:][:j+1] {
						sum += l * e[k]
					}
					z[j] = float32(sum)
				}
				points[i] = z
			}
			return nil
		}
	})
	return points, err
}
