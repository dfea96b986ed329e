package search

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/f32"
)

// Bananas are the settings of BANANAS (White, Neiswanger, Savani: BANANAS: Bayesian
// Optimization with Neural Architectures for Neural Architecture Search, AAAI 2021,
// algorithm 1): an ensemble of networks on the path encoding predicts validation
// errors; of mutations of the best cells, those are asked that have the lowest draw
// from a normal distribution of their own, with the ensemble's mean and deviation
// (independent Thompson sampling).
type Bananas struct {
	Initial    int `json:"initial"`    // t_0: random cells to begin with
	Batch      int `json:"batch"`      // cells asked between two trainings
	Candidates int `json:"candidates"` // c
	Near       int `json:"near"`       // x: the best cells, which are mutated
	Length     int `json:"length"`     // operations on the longest path that is encoded
	// The networks: their number, layers and units a layer, at most 32.
	Networks int `json:"networks"`
	Layers   int `json:"layers"`
	Width    int `json:"width"`
	// Their training.
	Epochs       int     `json:"epochs"`
	LearningRate float64 `json:"learning_rate"`
}

// Method returns "bananas".
func (Bananas) Method() string { return "bananas" }

// New returns a strategy.
func (b Bananas) New(p Problem) (Strategy, error) {
	for name, v := range map[string]int{"initial": b.Initial, "batch": b.Batch, "candidates": b.Candidates, "near": b.Near,
		"length": b.Length, "networks": b.Networks, "layers": b.Layers, "width": b.Width, "epochs": b.Epochs} {
		if v < 1 {
			return nil, fmt.Errorf("search: bananas: %s is %d, must be at least 1", name, v)
		}
	}
	if b.Width > f32.Width || !(b.LearningRate > 0) {
		return nil, fmt.Errorf("search: bananas: width %d, learning rate %v: want at most %d, and above 0", b.Width, b.LearningRate, f32.Width)
	}
	k, err := f32.FromEnv()
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return &bananas{settings: b, kernels: k, draw: newDraws(p, "bananas", false), paths: newPathEncoding(p.Space, b.Length)}, nil
}

type bananas struct {
	settings Bananas
	kernels  *f32.Kernels
	draw     *draws
	paths    *pathEncoding
	asked    int
	queue    []cell.Cell // chosen, not asked yet
	// What was told: cells, their encodings, and validation errors in percent.
	cells  []cell.Cell
	codes  [][]int
	errors []float64
}

func (b *bananas) Ask(n int) ([]cell.Cell, error) {
	var cells []cell.Cell
	for len(cells) < n {
		if b.asked < b.settings.Initial {
			c, err := b.draw.cell()
			if err == ErrExhausted && len(cells) > 0 {
				break
			}
			if err != nil {
				return nil, err
			}
			cells = append(cells, c)
			b.asked++
			continue
		}
		if len(b.queue) == 0 {
			if len(cells) > 0 { // let their answers in first
				break
			}
			if err := b.choose(); err != nil {
				return nil, err
			}
		}
		cells = append(cells, b.queue[0])
		b.queue = b.queue[1:]
		b.asked++
	}
	return cells, nil
}

func (b *bananas) Tell(c cell.Cell, s benchmark.Score) error {
	b.cells, b.codes, b.errors = append(b.cells, c), append(b.codes, b.paths.set(c)), append(b.errors, 100-s.Validation)
	return nil
}

// choose trains the ensemble and fills the queue.
func (b *bananas) choose() error {
	candidates, err := b.candidates()
	if err != nil {
		return err
	}
	outputs := make([][]float64, len(candidates)) // of each network, by candidate
	// All targets are above the floor of the loss.
	floor := 0.95 * slices.Min(b.errors)
	if floor <= 0 {
		floor = -1
	}
	const rows = 32
	out := make([]float64, rows)
	for range b.settings.Networks {
		p := newPredictor(b.kernels, b.paths.bits(), b.settings.Layers, b.settings.Width, rows, b.draw.rng)
		p.fit(b.codes, b.errors, floor, b.settings.LearningRate, b.settings.Epochs, rows, b.draw.rng)
		for first := 0; first < len(candidates); first += rows {
			n := min(rows, len(candidates)-first)
			for r, c := range candidates[first : first+n] {
				p.input(r, b.paths.set(c))
			}
			p.forward(n, out)
			for r, v := range out[:n] {
				outputs[first+r] = append(outputs[first+r], v)
			}
		}
	}
	samples := make([]float64, len(candidates))
	order := make([]int, len(candidates))
	for i, o := range outputs {
		order[i] = i
		mean, sd := stat.Mean(o, nil), 0.0
		if len(o) > 1 {
			sd = stat.StdDev(o, nil)
		}
		samples[i] = mean + sd*b.draw.rng.NormFloat64()
		if math.IsNaN(samples[i]) { // a network that diverged says nothing
			samples[i] = math.Inf(1)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(samples[i], samples[j]) })
	for _, i := range order[:min(len(order), b.settings.Batch)] {
		b.draw.take(candidates[i])
		b.queue = append(b.queue, candidates[i])
	}
	return nil
}

// candidates returns new cells, one edit from one of the best.
func (b *bananas) candidates() ([]cell.Cell, error) {
	order := make([]int, len(b.cells))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(b.errors[i], b.errors[j]) })
	var list []cell.Cell
	known := map[cell.Cell]bool{}
	for try := 0; len(list) < b.settings.Candidates && try < 10*b.settings.Candidates; try++ {
		parent := b.cells[order[try%min(len(order), b.settings.Near)]]
		c, err := b.draw.space.Mutate(parent, b.draw.rng)
		if err != nil {
			return nil, err
		}
		if !known[c] && !b.draw.seen[c] {
			known[c] = true
			list = append(list, c)
		}
	}
	if len(list) > 0 {
		return list, nil
	}
	c, err := b.draw.cell() // all neighbours are known
	return []cell.Cell{c}, err
}
