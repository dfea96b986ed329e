package search

import (
	"math/rand/v2"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
)

// Random are the settings of random search: cells drawn uniformly, one after the
// other.
type Random struct {
	// Repeat draws with replacement, as the published code does: a cell that was
	// asked before can be asked, and paid for, again.
	Repeat bool `json:"repeat"`
}

// Method returns "random".
func (Random) Method() string { return "random" }

// New returns a strategy.
func (r Random) New(p Problem) (Strategy, error) {
	return &random{draw: newDraws(p, "random", r.Repeat)}, nil
}

type random struct{ draw *draws }

func (r *random) Ask(n int) ([]cell.Cell, error) {
	cells := make([]cell.Cell, 0, n)
	for range n {
		c, err := r.draw.cell()
		if err != nil {
			if len(cells) > 0 {
				break
			}
			return nil, err
		}
		cells = append(cells, c)
	}
	return cells, nil
}

func (*random) Tell(cell.Cell, benchmark.Score) error { return nil }

// seeded returns the random numbers of one strategy: methods with the same seed
// have streams of their own.
func seeded(seed uint64, method string) *rand.Rand {
	h := uint64(14695981039346656037) // FNV-1a
	for _, b := range []byte(method) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, h))
}
