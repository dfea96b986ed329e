package search

import (
	"fmt"
	"math"
	"slices"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/points"
	rl "arch2vec/native/reinforce"
)

// Arch2vecRL are the settings of arch2vec-RL: an LSTM policy (package reinforce)
// moves through the embeddings. In the state z of a cell it draws a point; the nearest
// cell to it that was not asked is next. After an episode of steps the policy is
// updated by REINFORCE. Rewards are validation accuracies, as fractions of 1, or their
// ranks.
type Arch2vecRL struct {
	Episode int     `json:"episode"` // steps
	Hidden  int     `json:"hidden"`  // LSTM units
	Rate    float64 `json:"rate"`    // of Adam
	// Scale stretches the embeddings, centred, so that the root mean square of their
	// coordinates' standard deviations is Scale, against the 1 of the policy's draws.
	// 0 leaves them as they are.
	Scale float64 `json:"scale,omitempty"`
	// Relative adds the policy's draw to the state. Otherwise it is the point.
	Relative bool `json:"relative"`
	// Restart begins each episode at the best cell so far. Otherwise it goes on from
	// the last one.
	Restart bool `json:"restart"`
	// Ranks rewards a cell with the utility of its rank among all answers so far, not
	// with its accuracy. A cell that does not learn is tens of points below the
	// others, whose differences, which a search is about, are of tenths; its rank is
	// that of any of the worse half.
	Ranks bool `json:"ranks,omitempty"`
	// Gamma discounts the rewards that follow a step in its return.
	Gamma float64 `json:"gamma"`
	// Baseline is what a reward is compared with. 0 stands for the mean of the
	// episode's returns, in units of their standard deviation.
	Baseline float64 `json:"baseline,omitempty"`
	// Second takes the second nearest cell, as the published code does on
	// NAS-Bench-201.
	Second bool `json:"second,omitempty"`
}

// Method returns "arch2vec-rl".
func (Arch2vecRL) Method() string { return "arch2vec-rl" }

// New returns a strategy.
func (a Arch2vecRL) New(p Problem) (Strategy, error) { return a.strategy(p, a.Method()) }

func (a Arch2vecRL) strategy(p Problem, method string) (*arch2vecRL, error) {
	if !(a.Scale >= 0) || !(a.Gamma >= 0 && a.Gamma <= 1) {
		return nil, fmt.Errorf("search: %s: scale %v, gamma %v: want at least 0, and in [0, 1]", method, a.Scale, a.Gamma)
	}
	l, err := newLatent(p, method)
	if err != nil {
		return nil, err
	}
	s := &arch2vecRL{latent: l, settings: a, dim: p.Pool.Dim}
	policy := rl.Settings{Dim: s.dim, Hidden: a.Hidden, Episode: a.Episode, Rate: a.Rate}
	if s.policy, err = rl.New(policy, s.rng.Uint64()); err != nil {
		return nil, fmt.Errorf("search: %s: %w", method, err)
	}
	if s.kernels, err = f32.FromEnv(); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	if err := s.see(p.Pool); err != nil {
		return nil, err
	}
	if a.Scale == 0 && len(s.asked) >= indexFrom {
		if s.index, err = p.Pool.nearest(); err != nil {
			return nil, fmt.Errorf("search: %s: %w", method, err)
		}
	}
	// The first state is not paid for: it is where the policy starts.
	s.state = s.rng.IntN(len(s.asked))
	s.asked[s.state] = true
	return s, nil
}

// see has the strategy search in a pool, of as many dimensions as the one before.
func (s *arch2vecRL) see(p *Pool) error {
	if p.Dim != s.dim {
		return fmt.Errorf("search: embeddings of %d dimensions took the place of some of %d", p.Dim, s.dim)
	}
	s.pool, s.index = p, nil
	s.z, s.stride = f32.Pad(s.dim, p.scaled(s.settings.Scale))
	s.point = f32.Align(s.stride)
	return nil
}

type arch2vecRL struct {
	latent
	settings Arch2vecRL
	policy   *rl.Policy
	kernels  *f32.Kernels
	z        []float32 // the scaled embeddings, padded
	dim      int
	stride   int
	index    *points.Index // of the embeddings; nil: they are scanned
	point    []float32
	state    int // the cell
	best     int // position in cells and y
	rewards  []float64
	before   func() error // a step; nil: nothing
}

// Ask returns one cell: each step begins where the one before has led.
func (s *arch2vecRL) Ask(n int) ([]cell.Cell, error) {
	if len(s.queue) > 0 {
		return s.take(n)
	}
	if len(s.rewards) == s.settings.Episode {
		if err := s.learn(); err != nil {
			return nil, err
		}
	}
	if s.before != nil {
		if err := s.before(); err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
	}
	state := s.z[s.state*s.stride:][:s.dim]
	action, err := s.policy.Act(state)
	if err != nil {
		return nil, fmt.Errorf("search: arch2vec-rl: %w", err)
	}
	copy(s.point, action)
	if s.settings.Relative {
		for d, v := range state {
			s.point[d] += v
		}
	}
	next, err := s.nearest()
	if err != nil {
		return nil, err
	}
	if s.settings.Second && next >= 0 {
		s.asked[next] = true
		second, err := s.nearest()
		s.asked[next] = false
		if err != nil {
			return nil, err
		}
		next = second
	}
	if next < 0 {
		return nil, ErrExhausted
	}
	s.state = next
	s.propose(next)
	return s.take(1)
}

// indexFrom is the number of cells from which an index pays: fewer fit the cache.
const indexFrom = 100_000

// nearest returns the index of the pool's embeddings, which all runs share.
func (p *Pool) nearest() (*points.Index, error) {
	p.indexed.Do(func() { p.index, p.failed = points.NewIndex(p.Dim, p.Z) })
	return p.index, p.failed
}

// nearest returns the cell nearest to point that was not asked, -1 if there is none.
func (s *arch2vecRL) nearest() (int, error) {
	if s.index == nil {
		next, _ := s.kernels.Nearest(s.stride, s.z, s.point, s.asked)
		return next, nil
	}
	next, _, err := s.index.Nearest(s.point[:s.dim], s.asked)
	if err != nil {
		return 0, fmt.Errorf("search: arch2vec-rl: %w", err)
	}
	return next, nil
}

func (s *arch2vecRL) Tell(c cell.Cell, score benchmark.Score) error {
	if _, err := s.tell(c, score.Validation/100); err != nil {
		return err
	}
	last := len(s.y) - 1
	if s.policy.Len() > 0 { // the cell was an action of the policy
		s.rewards = append(s.rewards, s.y[last])
	}
	if s.y[last] > s.y[s.best] {
		s.best = last
	}
	return nil
}

// learn updates the policy at the end of an episode.
func (s *arch2vecRL) learn() error {
	rewards := s.rewards
	if s.settings.Ranks {
		rewards = utilities(rewards, s.y)
	}
	returns := rl.Returns(rewards, s.settings.Gamma)
	if s.settings.Baseline != 0 {
		for i := range returns {
			returns[i] -= s.settings.Baseline
		}
	} else {
		mean, sd := meanSD(returns)
		for i := range returns {
			returns[i] = (returns[i] - mean) / sd
		}
	}
	if err := s.policy.Learn(returns); err != nil {
		return fmt.Errorf("search: arch2vec-rl: %w", err)
	}
	s.rewards = s.rewards[:0]
	if s.settings.Restart {
		s.state = s.cells[s.best]
	}
	return nil
}

// utilities are those of natural evolution strategies (Wierstra et al., Natural
// Evolution Strategies, JMLR 2014, section 3.1, not normalised): of n answers the k-th
// best one, k counting those as good, has
//
//	max(0, log(n/2 + 1) - log k)
func utilities(rewards, answers []float64) []float64 {
	sorted := slices.Sorted(slices.Values(answers))
	n := len(sorted)
	u := make([]float64, len(rewards))
	for i, r := range rewards {
		worse, _ := slices.BinarySearch(sorted, r)
		u[i] = max(0, math.Log(float64(n)/2+1)-math.Log(float64(n-worse)))
	}
	return u
}
