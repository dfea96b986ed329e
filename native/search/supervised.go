package search

import (
	"context"
	"fmt"

	"arch2vec/native/graphae"
	"arch2vec/native/space"
)

// Encoder says how the supervised methods make their embeddings: the encoder of
// arch2vec, trained end to end to predict the answers so far, instead of without
// labels beforehand. It starts anew each time, and its codes take the place of the
// embeddings of all cells.
type Encoder struct {
	// Epochs is the number of passes over the answers in a training.
	Epochs int `json:"epochs"`
	// Every is the number of answers after which it is trained again. The published
	// code trains it for every round.
	Every int `json:"every"`
}

func (e Encoder) validate(method string) error {
	if e.Epochs < 1 || e.Every < 1 {
		return fmt.Errorf("search: %s: %d epochs, training after every %d answers: want at least 1", method, e.Epochs, e.Every)
	}
	return nil
}

// codes trains an encoder on the answers y about cells and returns the codes of all
// cells.
func (e Encoder) codes(s space.Space, cells []int, y []float64, seed uint64, threads int) (*Pool, error) {
	c := graphae.DefaultSupervisedConfig(s.Name())
	c.Seed, c.Epochs, c.Threads = seed, e.Epochs, min(threads, 4)
	model, err := graphae.TrainSupervised(context.Background(), s, cells, y, c, nil)
	if err != nil {
		return nil, err
	}
	all, err := model.Embed(context.Background(), s, threads)
	if err != nil {
		return nil, err
	}
	return &Pool{Space: s, Dim: all.Dim, Z: all.Data}, nil
}

// SupervisedBO are the settings of supervised BO: arch2vec-BO on codes of a
// supervised encoder.
type SupervisedBO struct {
	Search  Arch2vecBO `json:"search"`
	Encoder Encoder    `json:"encoder"`
}

// Method returns "supervised-bo".
func (SupervisedBO) Method() string { return "supervised-bo" }

// New returns a strategy.
func (b SupervisedBO) New(p Problem) (Strategy, error) {
	if err := b.Encoder.validate(b.Method()); err != nil {
		return nil, err
	}
	// Until the first training there is nothing to search in: random cells.
	p.Pool = &Pool{Space: p.Space, Dim: 1, Z: make([]float32, p.Space.Len())}
	s, err := b.Search.strategy(p, b.Method())
	if err != nil {
		return nil, err
	}
	trained := 0
	s.before = func() error {
		if trained > 0 && len(s.y) < trained+b.Encoder.Every {
			return nil
		}
		pool, err := b.Encoder.codes(p.Space, s.cells, s.y, s.rng.Uint64(), p.Threads)
		if err != nil {
			return err
		}
		trained = len(s.y)
		return s.see(pool)
	}
	return s, nil
}

// SupervisedRL are the settings of supervised RL: arch2vec-RL in codes of a
// supervised encoder. The published one trains its encoder by the policy's gradient,
// which reaches it through a single cell; here it learns from all answers.
type SupervisedRL struct {
	Search  Arch2vecRL `json:"search"`
	Encoder Encoder    `json:"encoder"`
	// Still leaves the policy in its first state, as the published code does.
	Still bool `json:"still,omitempty"`
}

// Method returns "supervised-rl".
func (SupervisedRL) Method() string { return "supervised-rl" }

// New returns a strategy.
func (r SupervisedRL) New(p Problem) (Strategy, error) {
	if err := r.Encoder.validate(r.Method()); err != nil {
		return nil, err
	}
	const dim = 16 // of a supervised encoder's codes
	p.Pool = &Pool{Space: p.Space, Dim: dim, Z: make([]float32, dim*p.Space.Len())}
	s, err := r.Search.strategy(p, r.Method())
	if err != nil {
		return nil, err
	}
	s.proposeRandom(r.Search.Episode) // the first answers to train on
	trained, first := 0, s.state
	s.before = func() error {
		if r.Still {
			s.state = first
		}
		if trained > 0 && len(s.y) < trained+r.Encoder.Every {
			return nil
		}
		pool, err := r.Encoder.codes(p.Space, s.cells, s.y, s.rng.Uint64(), p.Threads)
		if err != nil {
			return err
		}
		trained = len(s.y)
		return s.see(pool)
	}
	return s, nil
}
