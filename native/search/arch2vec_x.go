package search

import (
	"fmt"
	"math"
	"slices"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/gp"
	"arch2vec/native/points"
)

// Arch2vecX are the settings of arch2vec-X, which is not the paper's: Bayesian
// optimisation with a Gaussian process in the place of DNGO. Where nodes have fixed
// places it knows more of a cell than the mean m over nodes of their vectors xᵢ: its
// kernel is additive over that mean and the n vectors themselves,
//
//	1/2 exp(-|m - m'|² / 2 Length²) + 1/2n Σ exp(-|xᵢ - xᵢ'|² / 2 Length²)
//
// The first term finds the region of good cells; the second, which learns about each
// place from all cells, tells those apart that are there. Vectors are means over all
// cells that are the same network. Elsewhere, where the same cell may have its nodes
// in another order, the kernel is exp(-|m - m'|² / 2 Length²).
//
// Tried on NAS-Bench-201, on seeds below 1000, and not better on all three data sets:
// either term alone; the process and DNGO, or two processes, in turns; expected
// improvements of two processes added, also weighted by their likelihoods; and kernels
// of pairs of nodes, of all sets of nodes, and of all vectors at once.
type Arch2vecX struct {
	// Initial is the number of random cells, Batch the number proposed in a round.
	Initial int `json:"initial"`
	Batch   int `json:"batch"`
	// Nodes has the kernel's second term.
	Nodes bool `json:"nodes"`
	// Floor is the share, in [0, 1), of the lowest answers that are raised to the next
	// higher one before the model sees them, as in arch2vec-BO.
	Floor float64 `json:"floor"`
	// Length is the kernel's length scale, in units of the root mean square distance of
	// two cells' means, and of two cells' vectors of a node.
	Length float64 `json:"length"`
	// Variance is that of the function, the factor on the kernel, and Noise that of
	// what the kernel does not explain, in units of the variance of the answers.
	Variance float64 `json:"variance"`
	Noise    float64 `json:"noise"`
}

// Method returns "arch2vec-x".
func (Arch2vecX) Method() string { return "arch2vec-x" }

func (a Arch2vecX) validate() error {
	switch {
	case a.Initial < 1 || a.Batch < 1:
		return fmt.Errorf("%d random cells, %d cells a round: want at least 1", a.Initial, a.Batch)
	case !(a.Floor >= 0 && a.Floor < 1):
		return fmt.Errorf("floor %v: want in [0, 1)", a.Floor)
	case !(a.Length > 0) || !(a.Variance > 0) || !(a.Noise > 0):
		return fmt.Errorf("length %v, variance %v, noise %v: want above 0", a.Length, a.Variance, a.Noise)
	}
	return nil
}

// New returns a strategy. Its pool is of node vectors.
func (a Arch2vecX) New(p Problem) (Strategy, error) {
	s, err := a.strategy(p)
	if err != nil {
		return nil, fmt.Errorf("search: arch2vec-x: %w", err)
	}
	return s, nil
}

func (a Arch2vecX) strategy(p Problem) (*arch2vecX, error) {
	if err := a.validate(); err != nil {
		return nil, err
	}
	l, err := newLatent(p, a.Method())
	if err != nil {
		return nil, err
	}
	if nodes := p.Space.Nodes(); p.Pool.Dim%nodes != 0 {
		return nil, fmt.Errorf("embeddings of %d numbers are not vectors of %d nodes", p.Pool.Dim, nodes)
	}
	s := &arch2vecX{latent: l, settings: a}
	if a.Nodes {
		s.surrogate, err = newByNode(a, p.Pool)
	} else {
		s.surrogate, err = newByMean(a, p.Pool, p.Threads)
	}
	if err != nil {
		return nil, err
	}
	s.proposeRandom(a.Initial)
	return s, nil
}

type arch2vecX struct {
	latent
	settings  Arch2vecX
	surrogate surrogate
}

// surrogate predicts what all cells of a pool score.
type surrogate interface {
	// fit takes in observations, those of the last call and more; y, their targets, may
	// all be others.
	fit(cells []int, y []float64) error
	// at returns mean and variance of the function, without noise, for a cell.
	at(cell int) (mean, variance float64)
}

func (s *arch2vecX) Ask(n int) ([]cell.Cell, error) {
	if len(s.queue) == 0 {
		if err := s.round(); err != nil {
			return nil, fmt.Errorf("search: arch2vec-x: %w", err)
		}
	}
	return s.take(n)
}

func (s *arch2vecX) Tell(c cell.Cell, score benchmark.Score) error {
	_, err := s.tell(c, score.Validation/100)
	return err
}

// round proposes the cells of highest expected improvement. What the kernel does not
// explain of a cell is part of what asking may gain, if the oracle gives the same
// answer every time: so the noise is added to the variance.
func (s *arch2vecX) round() error {
	y := raised(s.y, s.settings.Floor)
	mean, sd := meanSD(y)
	for i := range y {
		y[i] = (y[i] - mean) / sd
	}
	if err := s.surrogate.fit(s.cells, y); err != nil {
		return err
	}
	best := slices.Max(y)
	s.proposeHighest(s.settings.Batch, false, func(i int) float64 {
		mean, variance := s.surrogate.at(i)
		return expectedImprovement(mean, math.Sqrt(variance+s.settings.Noise), best)
	})
	return nil
}

// byNode is the process with both terms, over the classes of cells that are the same
// network. It keeps what it computed for every class, so that an observation costs
// time in proportion to their number.
type byNode struct {
	kernel gp.Additive
	*vectors
	post *posterior
	seen []int // classes that were observed
}

func newByNode(a Arch2vecX, p *Pool) (*byNode, error) {
	v, err := p.vectors()
	if err != nil {
		return nil, err
	}
	weights := []float64{0.5}
	for range v.nodes {
		weights = append(weights, 0.5/float64(v.nodes))
	}
	return &byNode{gp.Additive{Length: a.Length, Weights: weights}, v, newPosterior(v.len(), a.Variance, a.Noise), nil}, nil
}

func (b *byNode) fit(cells []int, y []float64) error {
	for i := len(b.seen); i < len(cells); i++ {
		class := b.class[cells[i]]
		all, observed := make([]float64, b.len()), make([]float64, i)
		for c := range all {
			all[c] = b.kernel.Cov(b.row(class), b.row(c))
		}
		for j, c := range b.seen {
			observed[j] = all[c]
		}
		if err := b.post.add(y[i], observed, all); err != nil {
			return err
		}
		b.seen = append(b.seen, class)
	}
	b.post.retarget(y)
	return nil
}

func (b *byNode) at(cell int) (mean, variance float64) {
	mean, sd := b.post.at(b.class[cell], 0, 1)
	return mean, sd * sd
}

// byMean is the process with the first term, over all cells. It keeps nothing: of
// spaces of hundreds of thousands of cells that would take a gigabyte a run.
type byMean struct {
	process        *gp.GP
	cells          *points.Set
	mean, variance []float32
	threads        int
}

func newByMean(a Arch2vecX, p *Pool, threads int) (*byMean, error) {
	means := p.means(p.Space.Nodes())
	// Two cells are at a root mean square distance of 1.
	cells, err := points.New(means.Dim, means.scaled(1/math.Sqrt(2*float64(means.Dim))))
	if err != nil {
		return nil, err
	}
	process, err := gp.New(gp.RBF{Lengths: []float64{a.Length}}, means.Dim, a.Variance, a.Noise)
	if err != nil {
		return nil, err
	}
	return &byMean{process, cells, make([]float32, cells.Len()), make([]float32, cells.Len()), threads}, nil
}

func (b *byMean) fit(cells []int, y []float64) error {
	for i := b.process.Len(); i < len(cells); i++ {
		if err := b.process.Add(b.cells.Row(cells[i]), y[i]); err != nil {
			return err
		}
	}
	if err := b.process.SetTargets(y); err != nil {
		return err
	}
	return b.process.Scan(b.cells, b.mean, b.variance, b.threads)
}

func (b *byMean) at(cell int) (mean, variance float64) {
	return float64(b.mean[cell]), float64(b.variance[cell])
}
