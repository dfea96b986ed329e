package graphae

import (
	"context"
	"fmt"
	"math"
	"time"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
	"arch2vec/native/space"
)

// SupervisedConfig says how to train a [Supervised]. Start from
// [DefaultSupervisedConfig] and change fields; [SupervisedConfig.Validate] says
// what is wrong.
type SupervisedConfig struct {
	// Space is the name of the search space.
	Space string
	// Seed determines initial weights, split, order and dropout.
	Seed uint64
	// Epochs is the number of passes over the training cells, BatchSize the number
	// of cells in a step. The last, shorter batch of an epoch is used too.
	Epochs, BatchSize int
	// Holdout is the share of the cells, in [0, 1), kept from training to report how
	// well they are predicted: the last ones of a seeded permutation.
	Holdout float64

	// Layers and Hidden are depth and width of the encoder, Latent the dimension
	// of a cell's code: Hidden a multiple of 32, Latent at most 16.
	Layers, Hidden, Latent int
	// Dropout is the probability that an entry of the code is dropped while
	// training.
	Dropout float64

	// LearningRate is Adam's, and ClipNorm the bound on the gradient's norm (0:
	// none).
	LearningRate, ClipNorm float64
	// CosineDecay lowers the rate over the run along half a cosine, to 0 after the
	// last epoch. Otherwise it is constant.
	CosineDecay bool

	// Threads is the number of threads, 1 to 4; it does not change results and is
	// not saved. 0 stands for what the machine has.
	Threads int `json:"-"`
}

// DefaultSupervisedConfig returns settings for the named space: the encoder that
// arch2vec has there, and training that suits some hundreds to thousands of
// cells.
func DefaultSupervisedConfig(space string) SupervisedConfig {
	return SupervisedConfig{
		Space: space, Seed: 1, Epochs: 100, BatchSize: 32,
		Layers: 4, Hidden: 128, Latent: 16,
		LearningRate: 1e-3, ClipNorm: 5, CosineDecay: true,
	}
}

// config is what the network and its steps want to know.
func (c SupervisedConfig) config() Config {
	return Config{
		Model: modelSupervised, Space: c.Space, Seed: c.Seed, Epochs: c.Epochs, BatchSize: c.BatchSize, Holdout: c.Holdout,
		Layers: c.Layers, Hidden: c.Hidden, Latent: c.Latent,
		OpsLoss: opsSoftmax, Dropout: c.Dropout, DropoutUntil: 1,
		LearningRate: c.LearningRate, ClipNorm: c.ClipNorm, CosineDecay: c.CosineDecay, Threads: c.Threads,
	}
}

// Validate reports every setting that is out of range.
func (c SupervisedConfig) Validate() error {
	config := c.config()
	config.Model = modelArch2vec // ranges are those of the autoencoder
	return config.Validate()
}

// SupervisedProgress is what TrainSupervised reports after an epoch.
type SupervisedProgress struct {
	// Epoch is the epoch that ended, from 1, of Epochs.
	Epoch, Epochs int
	// Loss is the epoch's mean squared error in training, in units of the targets'
	// variance.
	Loss float64
	// Remaining is the time that the rest takes at the speed so far.
	Remaining time.Duration
}

// Supervised predicts a number, such as an accuracy, from a cell. Its encoder is
// that of arch2vec, trained end to end on known numbers instead of on the cells
// themselves: four GIN layers, a linear layer that gives each node 16 numbers,
// their mean over the N nodes (the code of the cell), and a linear layer from the
// code to the prediction. Its methods may be called concurrently.
type Supervised struct {
	cfg       SupervisedConfig
	model     Model // of which mu is a node's code; without a prior
	mean, std float64
	heldOut   []int
}

// TrainSupervised trains on the numbers targets[i] of the cells cells[i] of s,
// minimising the mean squared error of the standardised targets. It calls
// progress, unless nil, after every epoch. It fails on settings out of range,
// lists of different lengths, cells that s does not have, targets that are not
// finite, and when ctx ends.
func TrainSupervised(ctx context.Context, s space.Space, cells []int, targets []float64, c SupervisedConfig, progress func(SupervisedProgress)) (*Supervised, error) {
	if c.Space == "" {
		c.Space = s.Name()
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Space != s.Name() {
		return nil, fmt.Errorf("graphae: the settings are for space %q, the space is %q", c.Space, s.Name())
	}
	train, err := checkTargets(s, cells, targets, c.Holdout)
	if err != nil {
		return nil, err
	}
	k, err := f32.FromEnv()
	if err != nil {
		return nil, fmt.Errorf("graphae: %w", err)
	}
	split := make([]int32, len(cells)) // the first train, the rest are held out
	permutation(split, f32.NewKey(c.Seed, streamSplit), 0)

	m := &Supervised{cfg: c}
	for _, i := range split[train:] {
		m.heldOut = append(m.heldOut, cells[i])
	}
	steps, err := m.stepper(s, cells, k)
	if err != nil {
		return nil, err
	}
	m.standardise(targets, split[:train])
	steps.targets = make([]float32, len(targets))
	for i, y := range targets {
		steps.targets[i] = float32((y - m.mean) / m.std)
	}
	steps.team = nn.NewTeam(k, threads(c.Threads))
	defer steps.team.Close()
	if err := m.run(ctx, steps, split[:train], progress); err != nil {
		return nil, err
	}
	steps.net.refreshAll()
	return m, nil
}

// checkTargets returns how many cells there are to train on.
func checkTargets(s space.Space, cells []int, targets []float64, holdout float64) (int, error) {
	if len(cells) != len(targets) {
		return 0, fmt.Errorf("graphae: %d cells but %d targets", len(cells), len(targets))
	}
	if err := checkCells(s, cells); err != nil {
		return 0, err
	}
	for i, y := range targets {
		if math.IsNaN(y) || math.IsInf(y, 0) {
			return 0, fmt.Errorf("graphae: target %d, of cell %d, is %v: leave such cells out", i, cells[i], y)
		}
	}
	train := int(float64(len(cells)) * (1 - holdout))
	if train == 0 {
		return 0, fmt.Errorf("graphae: no cells to train on: %d are given, and a share of %v is held out", len(cells), holdout)
	}
	return train, nil
}

func checkCells(s space.Space, cells []int) error {
	for i, c := range cells {
		if c < 0 || c >= s.Len() {
			return fmt.Errorf("graphae: cell number %d at position %d: %s has cells 0 to %d", c, i, s.Name(), s.Len()-1)
		}
	}
	return nil
}

// stepper makes the network, with fresh weights, and what trains it on the given
// cells.
func (m *Supervised) stepper(s space.Space, cells []int, k *f32.Kernels) (*stepper, error) {
	c := m.cfg.config()
	d := newEmptyDataset(s.Nodes(), len(s.Ops()), len(cells), c.Twins)
	for i, number := range cells {
		if err := d.set(i, s.Cell(number)); err != nil {
			return nil, fmt.Errorf("graphae: cell %d of %s: %w", number, s.Name(), err)
		}
	}
	n := newNetwork(c.shape(d.nodes, d.ops), k, true)
	n.init(c.Seed)
	m.model = Model{cfg: c, net: n}
	steps := newStepper(n, d, c)
	steps.objective = steps.regress
	return steps, nil
}

// standardise sets mean and std from the targets of the training cells.
func (m *Supervised) standardise(targets []float64, train []int32) {
	n := float64(len(train))
	m.mean, m.std = 0, 0
	for _, i := range train {
		m.mean += targets[i] / n
	}
	for _, i := range train {
		m.std += (targets[i] - m.mean) * (targets[i] - m.mean) / n
	}
	if m.std = math.Sqrt(m.std); m.std == 0 {
		m.std = 1
	}
}

func (m *Supervised) run(ctx context.Context, s *stepper, train []int32, progress func(SupervisedProgress)) error {
	c := m.cfg
	order := make([]int32, len(train))
	started := time.Now()
	total := float64(c.Epochs * len(train))
	for epoch := range c.Epochs {
		permutation(order, f32.NewKey(c.Seed, streamOrder), uint32(epoch))
		for i, j := range order {
			order[i] = train[j]
		}
		sum := 0.0
		for at := 0; at < len(order); at += c.BatchSize {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("graphae: training stopped in epoch %d of %d: %w", epoch+1, c.Epochs, err)
			}
			if c.CosineDecay {
				s.rate = c.LearningRate * (1 + math.Cos(math.Pi*float64(epoch*len(order)+at)/total)) / 2
			}
			cells := order[at:min(at+c.BatchSize, len(order))]
			loss := s.take(cells, true)
			if math.IsNaN(loss) || math.IsInf(loss, 0) {
				return fmt.Errorf("graphae: the loss became %v in epoch %d: try a lower learning rate", loss, epoch+1)
			}
			sum += loss * float64(len(cells))
		}
		if progress != nil {
			spent := time.Since(started)
			progress(SupervisedProgress{
				Epoch: epoch + 1, Epochs: c.Epochs, Loss: sum / float64(len(order)),
				Remaining: time.Duration(float64(spent) * float64(c.Epochs-epoch-1) / float64(epoch+1)),
			})
		}
	}
	return nil
}
