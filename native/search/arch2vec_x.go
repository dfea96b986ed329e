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
// optimisation with two models of the same answers that propose in turns. DNGO sees
// the mean of a cell's node vectors, as in arch2vec-BO; a Gaussian process sees the
// node vectors one after the other, which tell cells apart that the mean confuses. One
// learns trends quickly, the other looks at the neighbours of what was good.
type Arch2vecX struct {
	// Initial is the number of random cells.
	Initial int `json:"initial"`
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
	// Nodes has the Gaussian process see node vectors; otherwise it sees means too, as
	// it must where nodes have no fixed order.
	Nodes bool `json:"nodes"`
	// Classes replaces the vectors of a cell by their mean over its class: all cells
	// that are the same network.
	Classes bool `json:"classes"`
	// Both has DNGO see what the process sees, instead of means.
	Both bool `json:"both"`
	// DNGO and Process are how many cells each proposes in its turn; 0 leaves it out.
	DNGO    int `json:"dngo"`
	Process int `json:"process"`
}

// Method returns "arch2vec-x".
func (Arch2vecX) Method() string { return "arch2vec-x" }

// New returns a strategy. Its pool is of node vectors.
func (a Arch2vecX) New(p Problem) (Strategy, error) {
	switch {
	case a.Initial < 1 || a.DNGO < 0 || a.Process < 0 || a.DNGO+a.Process == 0:
		return nil, fmt.Errorf("search: arch2vec-x: %d random cells, turns of %d and %d: want at least 1 random cell, and one model that proposes", a.Initial, a.DNGO, a.Process)
	case !(a.Floor >= 0 && a.Floor < 1):
		return nil, fmt.Errorf("search: arch2vec-x: floor %v: want in [0, 1)", a.Floor)
	case !(a.Length > 0) || !(a.Noise > 0):
		return nil, fmt.Errorf("search: arch2vec-x: length %v, noise %v: want above 0", a.Length, a.Noise)
	}
	if err := a.Model.Validate(); err != nil {
		return nil, fmt.Errorf("search: arch2vec-x: %w", err)
	}
	l, err := newLatent(p, a.Method())
	if err != nil {
		return nil, err
	}
	nodes := p.Space.Nodes()
	if p.Pool.Dim%nodes != 0 {
		return nil, fmt.Errorf("search: arch2vec-x: embeddings of %d numbers are not vectors of %d nodes", p.Pool.Dim, nodes)
	}
	s := &arch2vecX{latent: l, settings: a, threads: p.Threads}
	means := p.Pool.means(nodes)
	seen := means
	if a.Nodes {
		seen = p.Pool
	}
	if a.Classes {
		if seen, err = seen.byClass(); err != nil {
			return nil, fmt.Errorf("search: arch2vec-x: %w", err)
		}
	}
	if a.Both {
		means = seen
	}
	if s.means, err = points.New(means.Dim, means.Z); err != nil {
		return nil, fmt.Errorf("search: arch2vec-x: %w", err)
	}
	// Two cells are at a root mean square distance of 1.
	if s.seen, err = points.New(seen.Dim, seen.scaled(1/math.Sqrt(2*float64(seen.Dim)))); err != nil {
		return nil, fmt.Errorf("search: arch2vec-x: %w", err)
	}
	if s.process, err = gp.New(gp.RBF{Lengths: []float64{a.Length}}, seen.Dim, 1, a.Noise); err != nil {
		return nil, fmt.Errorf("search: arch2vec-x: %w", err)
	}
	s.mean, s.variance = make([]float32, s.means.Len()), make([]float32, s.means.Len())
	s.proposeRandom(a.Initial)
	return s, nil
}

type arch2vecX struct {
	latent
	settings       Arch2vecX
	threads        int
	means, seen    *points.Set // what DNGO and what the process sees
	process        *gp.GP
	mean, variance []float32
	turns          int
}

func (s *arch2vecX) Ask(n int) ([]cell.Cell, error) {
	for len(s.queue) == 0 {
		if !slices.Contains(s.asked, false) {
			return nil, ErrExhausted
		}
		s.turns++
		round, size := s.learned, s.settings.DNGO
		if s.turns%2 == 1 {
			round, size = s.conditioned, s.settings.Process
		}
		if size > 0 {
			if err := round(size); err != nil {
				return nil, fmt.Errorf("search: arch2vec-x: %w", err)
			}
		}
	}
	return s.take(n)
}

func (s *arch2vecX) Tell(c cell.Cell, score benchmark.Score) error {
	_, err := s.tell(c, score.Validation/100)
	return err
}

// learned proposes the cells of highest expected improvement by DNGO.
func (s *arch2vecX) learned(n int) error {
	var x []float32
	for _, i := range s.cells {
		x = append(x, s.means.Row(i)...)
	}
	y := raised(s.y, s.settings.Floor)
	model, err := dngo.Train(s.settings.Model, s.means.Dim(), x, y, s.rng.Uint64())
	if err != nil {
		return err
	}
	if err := model.Scan(s.means, s.mean, s.variance, s.threads); err != nil {
		return err
	}
	s.proposeImprovement(n, slices.Max(y), 0)
	return nil
}

// conditioned proposes those by the Gaussian process. Answers do not vary from
// query to query: what the kernel does not explain of a cell is part of what asking
// it may gain, so the noise is added to the variance.
func (s *arch2vecX) conditioned(n int) error {
	y := raised(s.y, s.settings.Floor)
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
	s.proposeImprovement(n, slices.Max(y), s.settings.Noise)
	return nil
}

func (s *arch2vecX) proposeImprovement(n int, best, noise float64) {
	s.proposeHighest(n, false, func(i int) float64 {
		return expectedImprovement(float64(s.mean[i]), math.Sqrt(float64(s.variance[i])+noise), best)
	})
}
