package search

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/dngo"
	"arch2vec/native/points"
)

// Arch2vecBO are the settings of arch2vec-BO: Bayesian optimisation over the
// embeddings of all cells with DNGO (package dngo). After some random cells, rounds
// train the model on all answers and propose the cells of highest expected
// improvement.
type Arch2vecBO struct {
	// Initial is the number of random cells, Batch the number proposed in a round.
	Initial int `json:"initial"`
	Batch   int `json:"batch"`
	// Floor is the share, in [0, 1), of the lowest answers that are raised to the next
	// higher one before the model sees them: how bad a bad cell is says little about
	// good ones, and the model spends no effort on it. Raising more takes from the model
	// what tells good cells from middling ones.
	Floor float64 `json:"floor,omitempty"`
	// Model is how DNGO is trained. Targets are accuracies as fractions of 1.
	Model dngo.Settings `json:"model"`
	// Published repeats the defects of the published code: the variance of an
	// observation stands where expected improvement has the standard deviation of the
	// function; improvement is over Target, a fraction, instead of the best answer;
	// arithmetic is in float32, where the tail of the normal distribution is 0; and
	// cells are proposed again that were asked before.
	Published bool    `json:"published"`
	Target    float64 `json:"target,omitempty"`
	// Misplaced has the parenthesis of the published supervised BO, mean -
	// Target/variance. There cells are not proposed again.
	Misplaced bool `json:"misplaced,omitempty"`
}

// Method returns "arch2vec-bo".
func (Arch2vecBO) Method() string { return "arch2vec-bo" }

// New returns a strategy.
func (a Arch2vecBO) New(p Problem) (Strategy, error) { return a.strategy(p, a.Method()) }

func (a Arch2vecBO) strategy(p Problem, method string) (*arch2vecBO, error) {
	switch {
	case a.Initial < 1 || a.Batch < 1:
		return nil, fmt.Errorf("search: %s: %d random cells, %d cells a round: want at least 1", method, a.Initial, a.Batch)
	case !(a.Floor >= 0 && a.Floor < 1):
		return nil, fmt.Errorf("search: %s: floor %v: want in [0, 1)", method, a.Floor)
	}
	if err := a.Model.Validate(); err != nil {
		return nil, fmt.Errorf("search: %s: %w", method, err)
	}
	l, err := newLatent(p, method)
	if err != nil {
		return nil, err
	}
	s := &arch2vecBO{latent: l, settings: a, threads: p.Threads}
	if err := s.see(p.Pool); err != nil {
		return nil, fmt.Errorf("search: %s: %w", method, err)
	}
	s.proposeRandom(a.Initial)
	return s, nil
}

type arch2vecBO struct {
	latent
	settings       Arch2vecBO
	threads        int
	points         *points.Set
	mean, variance []float32    // what the published variant predicts
	before         func() error // a round; nil: nothing
}

// see has the strategy search in a pool.
func (s *arch2vecBO) see(p *Pool) (err error) {
	s.pool = p
	s.points, err = points.New(p.Dim, p.Z)
	return err
}

func (s *arch2vecBO) Ask(n int) ([]cell.Cell, error) {
	if len(s.queue) == 0 {
		if err := s.round(); err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
	}
	return s.take(n)
}

func (s *arch2vecBO) Tell(c cell.Cell, score benchmark.Score) error {
	_, err := s.tell(c, score.Validation/100)
	return err
}

// round trains the model and proposes a batch.
func (s *arch2vecBO) round() error {
	if s.before != nil {
		if err := s.before(); err != nil {
			return err
		}
	}
	x := make([]float32, 0, len(s.cells)*s.pool.Dim)
	for _, i := range s.cells {
		x = append(x, s.row(i)...)
	}
	y := raised(s.y, s.settings.Floor)
	model, err := dngo.Train(s.settings.Model, s.pool.Dim, x, y, s.rng.Uint64())
	if err != nil {
		return err
	}
	if s.settings.Published {
		return s.proposePublished(model)
	}
	top, _, err := model.Top(s.points, s.settings.Batch, slices.Max(y), s.asked, s.threads)
	for _, i := range top {
		s.propose(i)
	}
	return err
}

// proposePublished proposes the batch that the published code proposes.
func (s *arch2vecBO) proposePublished(model *dngo.Model) error {
	if len(s.mean) == 0 {
		s.mean, s.variance = make([]float32, len(s.asked)), make([]float32, len(s.asked))
	}
	if err := model.Scan(s.points, s.mean, s.variance, s.threads); err != nil {
		return err
	}
	noise, target := float32(model.Noise()), float32(s.settings.Target)
	s.proposeHighest(s.settings.Batch, !s.settings.Misplaced, func(i int) float64 {
		sigma := s.variance[i] + noise
		u := (s.mean[i] - target) / sigma
		if s.settings.Misplaced {
			u = s.mean[i] - target/sigma
		}
		return publishedImprovement(u, sigma)
	})
	return nil
}

// raised returns y with the given share of the lowest raised to the next higher one.
func raised(y []float64, share float64) []float64 {
	sorted := slices.Clone(y)
	slices.Sort(sorted)
	least := sorted[int(share*float64(len(y)))]
	for i, v := range y {
		sorted[i] = max(v, least)
	}
	return sorted
}

// proposeHighest proposes the n cells of highest value, the highest first; of equal
// ones those with the lowest number. Unless again, cells that were proposed are left
// out.
func (l *latent) proposeHighest(n int, again bool, value func(i int) float64) {
	type candidate struct {
		cell  int
		value float64
	}
	var top []candidate // in descending order
	for i, asked := range l.asked {
		if asked && !again {
			continue
		}
		v := value(i)
		if len(top) == n && !(v > top[n-1].value) || math.IsNaN(v) {
			continue
		}
		at, _ := slices.BinarySearchFunc(top, v, func(c candidate, v float64) int {
			if c.value >= v {
				return -1
			}
			return cmp.Compare(v, c.value)
		})
		if top = slices.Insert(top, at, candidate{i, v}); len(top) > n {
			top = top[:n]
		}
	}
	for _, c := range top {
		l.propose(c.cell)
	}
}

// publishedImprovement is expected improvement as the published code computes it, in
// float32, with u the standardised improvement and sigma the variance.
func publishedImprovement(u, sigma float32) float64 {
	below := (1 + float32(math.Erf(float64(u)/math.Sqrt2))) / 2
	density := float32(math.Exp(float64(-u*u/2 - float32(math.Log(2*math.Pi)/2))))
	return float64(sigma * (density + u*below))
}
