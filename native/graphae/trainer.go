package graphae

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
	"arch2vec/native/space"
)

// Trainer trains one model on one space. It is for one goroutine at a time.
type Trainer struct {
	cfg   Config
	space space.Space
	data  *dataset
	net   *network
	steps *stepper

	split []int32 // all cells, permuted once: the first train, the rest are held out
	train int     // how many train
	order []int32 // the training cells in the order of the epoch at hand

	epoch, pos int     // epochs completed, steps done of the next one
	sum        float64 // of the losses of those steps, each times its cells
	losses     []float64
	prior      prior
}

// Progress is what a running Trainer reports.
type Progress struct {
	// Epoch is the current epoch, from 1, of Epochs; Step the number of its steps
	// done, of Steps.
	Epoch, Epochs, Step, Steps int
	// Loss is the mean training loss of the epoch so far, EpochLosses those of the
	// completed epochs.
	Loss        float64
	EpochLosses []float64
	// GraphsPerSecond is the mean speed of this run, Remaining the time that the
	// rest of it takes at that speed.
	GraphsPerSecond float64
	Remaining       time.Duration
	// EpochEnd is set on the last report of an epoch.
	EpochEnd bool
}

// reportEvery is the longest time between two reports of progress.
const reportEvery = 100 * time.Millisecond

// NewTrainer prepares a model with fresh weights for training on s, as c says.
func NewTrainer(s space.Space, c Config) (*Trainer, error) {
	t, err := newTrainer(s, c)
	if err != nil {
		return nil, err
	}
	t.net.init(c.Seed)
	return t, nil
}

// newTrainer prepares all but the weights.
func newTrainer(s space.Space, c Config) (*Trainer, error) {
	if c.Space == "" {
		c.Space = s.Name()
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Space != s.Name() {
		return nil, fmt.Errorf("graphae: the settings are for space %q, the space is %q", c.Space, s.Name())
	}
	if c.Cells == "" {
		c.Cells = s.ID()
	}
	if c.Cells != s.ID() {
		return nil, fmt.Errorf("graphae: the settings are for the cells %q, the space is %q: open that one", c.Cells, s.ID())
	}
	k, err := f32.FromEnv()
	if err != nil {
		return nil, fmt.Errorf("graphae: %w", err)
	}
	data, err := newDataset(context.Background(), s, c.Twins)
	if err != nil {
		return nil, err
	}
	t := &Trainer{cfg: c, space: s, data: data, split: make([]int32, data.n)}
	permutation(t.split, f32.NewKey(c.Seed, streamSplit), 0)
	t.train = int(float64(data.n) * (1 - c.Holdout))
	if t.train == 0 {
		return nil, fmt.Errorf("graphae: no cells to train on: %s has %d, and a share of %v is held out", s.Name(), data.n, c.Holdout)
	}
	t.order = make([]int32, t.train)
	t.net = newNetwork(c.shape(s.Nodes(), len(s.Ops())), k, true)
	t.steps = newStepper(t.net, data, c)
	t.prior = newPrior(t.net.shape)
	return t, nil
}

func (c Config) shape(nodes, ops int) shape {
	return shape{model: c.Model, nodes: nodes, ops: ops, layers: c.Layers, hidden: c.Hidden, latent: c.Latent, selfLoop: c.SelfLoop, twins: c.Twins}
}

// Config returns the settings.
func (t *Trainer) Config() Config { return t.cfg }

// SetEpochs changes where Run ends, for instance to train a loaded Trainer on.
func (t *Trainer) SetEpochs(n int) error {
	c := t.cfg
	c.Epochs = n
	if err := c.Validate(); err != nil {
		return err
	}
	t.cfg.Epochs = n
	return nil
}

// SetThreads changes the number of threads; see Config.Threads.
func (t *Trainer) SetThreads(n int) { t.cfg.Threads = max(n, 0) }

// Epoch is the number of epochs completed.
func (t *Trainer) Epoch() int { return t.epoch }

// Losses returns the mean training loss of each completed epoch.
func (t *Trainer) Losses() []float64 { return slices.Clone(t.losses) }

// HeldOut returns the indices of the cells that are not trained on.
func (t *Trainer) HeldOut() []int {
	var cells []int
	for _, c := range t.split[t.train:] {
		cells = append(cells, int(c))
	}
	return cells
}

func threads(n int) int {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return min(n, nn.Parts)
}

// Run trains until Config.Epochs epochs are completed, from wherever the Trainer
// stands. It calls progress, unless nil, at least every 100 ms and at the end of
// each epoch. When ctx ends, it stops within a step and returns its error; the
// Trainer can then be saved, or run on with the same result as if it had never
// stopped.
func (t *Trainer) Run(ctx context.Context, progress func(Progress)) error {
	pace := newPace(t.net.k, threads(t.cfg.Threads))
	defer pace.close()

	started, last := time.Now(), time.Now()
	done := 0
	report := func(end bool) {
		now := time.Now()
		if progress == nil || !end && now.Sub(last) < reportEvery {
			return
		}
		last = now
		progress(t.progress(done, now.Sub(started), end))
		started = started.Add(time.Since(now)) // what the caller does meanwhile is not training
	}
	for t.epoch < t.cfg.Epochs {
		t.begin()
		for b := t.cfg.BatchSize; t.pos*b < t.train; {
			training := t.training()
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("graphae: training stopped in epoch %d of %d: %w", t.epoch+1, t.cfg.Epochs, err)
			}
			cells := t.order[t.pos*b : min((t.pos+1)*b, t.train)]
			t.steps.rate, t.steps.ramp, t.steps.drop = t.rate(), t.ramp(), t.drop()
			before := time.Now()
			t.steps.team = pace.team()
			loss := t.steps.take(cells, training)
			pace.done(time.Since(before))
			if math.IsNaN(loss) || math.IsInf(loss, 0) {
				return fmt.Errorf("graphae: the loss became %v in epoch %d, step %d: try a lower learning rate", loss, t.epoch+1, t.pos+1)
			}
			t.sum += loss * float64(len(cells))
			t.pos++
			done += len(cells)
			if t.pos*b < t.train {
				report(false)
			}
		}
		t.end()
		report(true)
	}
	return nil
}

// begin makes the order of the epoch.
func (t *Trainer) begin() {
	if !t.cfg.Shuffle {
		copy(t.order, t.split)
		return
	}
	permutation(t.order, f32.NewKey(t.cfg.Seed, streamOrder), uint32(t.epoch))
	for i, j := range t.order {
		t.order[i] = t.split[j]
	}
}

// done is the share of the run's steps that are done.
func (t *Trainer) done() float64 {
	steps := t.perEpoch()
	return float64(t.epoch*steps+t.pos) / float64(t.cfg.Epochs*steps)
}

// rate is the learning rate of the next step.
func (t *Trainer) rate() float64 {
	if !t.cfg.CosineDecay {
		return t.cfg.LearningRate
	}
	return t.cfg.LearningRate * (1 + math.Cos(math.Pi*t.done())) / 2
}

// ramp is the factor on the weight of edges in the next step.
func (t *Trainer) ramp() float64 {
	if done := t.done(); done < t.cfg.EdgeRamp {
		return 0.1 + 0.9*done/t.cfg.EdgeRamp
	}
	return 1
}

// drop is the probability of dropout in the next step.
func (t *Trainer) drop() float64 {
	if t.done() < t.cfg.DropoutUntil {
		return t.cfg.Dropout
	}
	return 0
}

// training says whether the next step is in training mode.
func (t *Trainer) training() bool {
	return (t.epoch == 0 || !t.cfg.FreezeAfterFirst) && t.done() < t.cfg.FreezeFrom
}

// perEpoch is the number of steps of an epoch.
func (t *Trainer) perEpoch() int { return (t.train + t.cfg.BatchSize - 1) / t.cfg.BatchSize }

// end closes the epoch.
func (t *Trainer) end() {
	t.losses = append(t.losses, t.sum/float64(t.train))
	t.prior.collect(t.steps.ws, t.train)
	t.sum, t.pos = 0, 0
	t.epoch++
}

func (t *Trainer) progress(done int, elapsed time.Duration, end bool) Progress {
	steps := t.perEpoch()
	p := Progress{Epoch: t.epoch + 1, Epochs: t.cfg.Epochs, Step: t.pos, Steps: steps, EpochLosses: slices.Clone(t.losses), EpochEnd: end}
	if end {
		p.Epoch, p.Step, p.Loss = t.epoch, steps, t.losses[t.epoch-1]
	} else {
		p.Loss = t.sum / float64(min(t.pos*t.cfg.BatchSize, t.train))
	}
	if s := elapsed.Seconds(); s > 0 && done > 0 {
		p.GraphsPerSecond = float64(done) / s
		left := (t.cfg.Epochs-t.epoch)*t.train - min(t.pos*t.cfg.BatchSize, t.train)
		p.Remaining = time.Duration(float64(left) / p.GraphsPerSecond * float64(time.Second))
	}
	return p
}

// Model returns the model as it is now; training on does not change it.
func (t *Trainer) Model() *Model {
	n := newNetwork(t.net.shape, t.net.k, false)
	n.copyFrom(t.net)
	return &Model{cfg: t.cfg, net: n, prior: t.prior.clone()}
}
