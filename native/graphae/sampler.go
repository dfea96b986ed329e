package graphae

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/space"
)

// A Sampler draws new cells from a trained model: latent points from a
// distribution fitted to the training cells, decoded plainly or legally. Its
// methods may be called concurrently.
type Sampler struct {
	name    string
	threads int
	model   *Model
	read    reader
	from    distribution
}

// distribution draws latent points, Nodes x Dim each: point number i of a seed
// does not depend on how many are drawn.
type distribution interface {
	points(ctx context.Context, n int, seed uint64, threads int) ([][]float32, error)
}

const (
	fromNormal    = "normal"
	fromGaussian  = "gaussian"
	fromSmoothed  = "smoothed"
	fromPosterior = "posterior"
	legally       = "-legal"
)

// DefaultSampler is the sampler that [Model.Sample] draws with.
const DefaultSampler = fromSmoothed + legally

// Samplers lists the samplers that [Model.Sampler] knows. With mu_i (Nodes x Dim
// numbers) and sigma_i the encoding of training cell i, a point z is drawn from
//
//	normal     N(m_k, s_k²) for each coordinate k of its own: the paper's, with m and
//	           s the mean and standard deviation of the mu_i of the last epoch
//	gaussian   N(m, C): one multivariate normal over all coordinates, with the mean
//	           and the full covariance of the mu_i
//	smoothed   1/N sum_i N(m + sqrt(1-h²) (mu_i - m), h² C): a mixture of normals around
//	           all training cells (a kernel density estimate) that has the mean and the
//	           covariance of the mu_i; h = 1/2
//	posterior  1/N sum_i N(mu_i, diag(sigma_i²)): the aggregated posterior, that is a
//	           training cell and its noise; draws are close to cells trained on
//
// and decoded to the most probable operations and edges, legal or not, or, with
// "-legal" after the name, to the most probable legal cell of the space.
func Samplers() []string {
	var names []string
	for _, from := range []string{fromNormal, fromGaussian, fromSmoothed, fromPosterior} {
		names = append(names, from, from+legally)
	}
	return names
}

// Sampler fits the named sampler (see [Samplers]; "" stands for
// [DefaultSampler]) to the cells of s that the model was trained on. Threads 0
// stands for all; what is drawn does not depend on it.
func (m *Model) Sampler(ctx context.Context, s space.Space, name string, threads int) (*Sampler, error) {
	if name == "" {
		name = DefaultSampler
	}
	if !slices.Contains(Samplers(), name) {
		return nil, fmt.Errorf("graphae: there is no sampler %q (there are: %s)", name, strings.Join(Samplers(), ", "))
	}
	if err := m.fits(s); err != nil {
		return nil, err
	}
	p := &Sampler{name: name, threads: threads, model: m, read: m.net.read}
	from, legal := strings.CutSuffix(name, legally)
	var err error
	if legal {
		if p.read, err = m.net.legal(s.Name()); err != nil {
			return nil, err
		}
	}
	train := trainingCells(m.cfg, s.Len())
	replay := replay{m, s, train}
	switch from {
	case fromNormal:
		p.from = paperPrior{m}
	case fromGaussian:
		p.from, err = newGaussian(ctx, m, s, train, threads)
	case fromSmoothed:
		var g *gaussian
		g, err = newGaussian(ctx, m, s, train, threads)
		p.from = smoothed{replay, g}
	case fromPosterior:
		p.from = posterior{replay}
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// trainingCells are the cells of a space of n that a model with these settings
// was trained on, in random order.
func trainingCells(c Config, n int) []int32 {
	split := make([]int32, n)
	permutation(split, f32.NewKey(c.Seed, streamSplit), 0)
	return split[:int(float64(n)*(1-c.Holdout))]
}

// Name is the name of the sampler.
func (p *Sampler) Name() string { return p.name }

// Points returns n latent points, Nodes x Dim each, row-major. The same seed
// gives the same points.
func (p *Sampler) Points(ctx context.Context, n int, seed uint64) ([][]float32, error) {
	if n < 0 {
		return nil, fmt.Errorf("graphae: cannot draw %d points", n)
	}
	return p.from.points(ctx, n, seed, p.threads)
}

// Cells returns the cells that Points with the same seed decode to; those of a
// sampler without "-legal" need not be legal.
func (p *Sampler) Cells(ctx context.Context, n int, seed uint64) ([]cell.Cell, error) {
	points, err := p.Points(ctx, n, seed)
	if err != nil {
		return nil, err
	}
	return p.model.decodeAll(ctx, p.threads, points, p.read)
}

// Sample draws n legal cells of s with [DefaultSampler], on all threads. The same
// seed gives the same cells.
func (m *Model) Sample(ctx context.Context, s space.Space, n int, seed uint64) ([]cell.Cell, error) {
	p, err := m.Sampler(ctx, s, "", 0)
	if err != nil {
		return nil, err
	}
	return p.Cells(ctx, n, seed)
}

// paperPrior is the sampler "normal".
type paperPrior struct{ m *Model }

func (p paperPrior) points(_ context.Context, n int, seed uint64, _ int) ([][]float32, error) {
	return p.m.Draw(n, seed), nil
}
