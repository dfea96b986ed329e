package search

import (
	"fmt"
	"math"
	"slices"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/dngo"
	"arch2vec/native/gp"
	"arch2vec/native/points"
)

// Arch2vecX are the settings of arch2vec-X, which is not the paper's: Bayesian
// optimisation by two models in turns. DNGO learns trends over the whole space and
// finds its best region; a Gaussian process then tells the neighbours of what was good
// apart. A model's turn ends when it has not found anything better for a while; both
// know all answers.
//
// Tried on NAS-Bench-201 on seeds 1 to 32 and not better on all three data sets: a
// single process on node vectors, averaged over a class or not, at other length
// scales, noises and floors; two processes whose proposals alternate, whose expected
// improvements are added, or whose kernels are; and, in place of the process that
// takes turns with DNGO, one with a kernel additive over nodes. A process of the
// latter kind alternating with one on whole cells finds more optima of ImageNet16-120,
// but not of CIFAR-10.
type Arch2vecX struct {
	// Initial is the number of random cells, Batch the number proposed in a round.
	Initial int `json:"initial"`
	Batch   int `json:"batch"`
	// Patience is the number of answers without a better one that ends a turn.
	Patience int `json:"patience"`
	// Nodes has the models see the vectors of all nodes, averaged over the cells that are
	// the same network, where nodes have fixed places. Otherwise they see the mean over
	// nodes, as in arch2vec-BO.
	Nodes bool `json:"nodes"`
	// Floor is the share, in [0, 1), of the lowest answers that are raised to the next
	// higher one before the models see them.
	Floor float64 `json:"floor"`
	// Model is how DNGO is trained.
	Model dngo.Settings `json:"model"`
	// Length is the length scale of the process's squared exponential kernel, in units
	// of the root mean square distance of two cells, and Noise the variance of what the
	// kernel does not explain, in units of the answers'.
	Length float64 `json:"length"`
	Noise  float64 `json:"noise"`
}

// Method returns "arch2vec-x".
func (Arch2vecX) Method() string { return "arch2vec-x" }

func (a Arch2vecX) validate() error {
	switch {
	case a.Initial < 1 || a.Batch < 1 || a.Patience < 1:
		return fmt.Errorf("%d random cells, %d cells a round, patience %d: want at least 1", a.Initial, a.Batch, a.Patience)
	case !(a.Floor >= 0 && a.Floor < 1):
		return fmt.Errorf("floor %v: want in [0, 1)", a.Floor)
	case !(a.Length > 0) || !(a.Noise > 0):
		return fmt.Errorf("length %v, noise %v: want above 0", a.Length, a.Noise)
	}
	return a.Model.Validate()
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
	nodes := p.Space.Nodes()
	if p.Pool.Dim%nodes != 0 {
		return nil, fmt.Errorf("embeddings of %d numbers are not vectors of %d nodes", p.Pool.Dim, nodes)
	}
	seen := p.Pool
	if a.Nodes {
		seen, err = seen.byClass()
	} else {
		seen = seen.means(nodes)
	}
	if err != nil {
		return nil, err
	}
	s := &arch2vecX{latent: l, settings: a, threads: p.Threads}
	// Two cells are at a root mean square distance of 1.
	if s.seen, err = points.New(seen.Dim, seen.scaled(1/math.Sqrt(2*float64(seen.Dim)))); err != nil {
		return nil, err
	}
	if s.process, err = gp.New(gp.RBF{Lengths: []float64{a.Length}}, seen.Dim, 1, a.Noise); err != nil {
		return nil, err
	}
	s.mean, s.variance = make([]float32, s.seen.Len()), make([]float32, s.seen.Len())
	s.proposeRandom(a.Initial)
	return s, nil
}

type arch2vecX struct {
	latent
	settings       Arch2vecX
	threads        int
	seen           *points.Set
	process        *gp.GP
	mean, variance []float32
	refines        bool // it is the process's turn
	best           float64
	since          int // answers at the last better one, or when the turn began
}

func (s *arch2vecX) Ask(n int) ([]cell.Cell, error) {
	if len(s.queue) == 0 {
		if len(s.y)-s.since >= s.settings.Patience {
			s.refines, s.since = !s.refines, len(s.y)
		}
		round := s.explore
		if s.refines {
			round = s.refine
		}
		if err := round(raised(s.y, s.settings.Floor)); err != nil {
			return nil, fmt.Errorf("search: arch2vec-x: %w", err)
		}
	}
	return s.take(n)
}

func (s *arch2vecX) Tell(c cell.Cell, score benchmark.Score) error {
	if _, err := s.tell(c, score.Validation/100); err != nil {
		return err
	}
	if n := len(s.y); n <= s.settings.Initial || s.y[n-1] > s.best {
		s.best, s.since = slices.Max(s.y), n
	}
	return nil
}

// explore proposes the cells of highest expected improvement by DNGO.
func (s *arch2vecX) explore(y []float64) error {
	var x []float32
	for _, i := range s.cells {
		x = append(x, s.seen.Row(i)...)
	}
	model, err := dngo.Train(s.settings.Model, s.seen.Dim(), x, y, s.rng.Uint64())
	if err != nil {
		return err
	}
	if err := model.Scan(s.seen, s.mean, s.variance, s.threads); err != nil {
		return err
	}
	s.proposeImprovement(slices.Max(y), 0)
	return nil
}

// refine proposes those by the Gaussian process. What its kernel does not explain of
// a cell is part of what asking may gain, if the oracle gives the same answer every
// time: so the noise is added to the variance.
func (s *arch2vecX) refine(y []float64) error {
	mean, sd := meanSD(y)
	for i := range y {
		y[i] = (y[i] - mean) / sd
	}
	for i := s.process.Len(); i < len(y); i++ {
		if err := s.process.Add(s.seen.Row(s.cells[i]), y[i]); err != nil {
			return err
		}
	}
	if err := s.process.SetTargets(y); err != nil {
		return err
	}
	if err := s.process.Scan(s.seen, s.mean, s.variance, s.threads); err != nil {
		return err
	}
	s.proposeImprovement(slices.Max(y), s.settings.Noise)
	return nil
}

func (s *arch2vecX) proposeImprovement(best, noise float64) {
	s.proposeHighest(s.settings.Batch, false, func(i int) float64 {
		return expectedImprovement(float64(s.mean[i]), math.Sqrt(float64(s.variance[i])+noise), best)
	})
}
