package graphae

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/space"
)

// firstCells is the beginning of a space: enough for tests.
type firstCells struct {
	space.Space
	n int
}

func (s firstCells) Len() int { return s.n }

func (s firstCells) Cell(i int) cell.Cell { return s.Space.Cell(i * 31 % s.Space.Len()) }

func smallSpace(t testing.TB, n int) space.Space {
	t.Helper()
	s, err := space.Open("nasbench201")
	if err != nil {
		t.Fatal(err)
	}
	return firstCells{s, n}
}

// smallConfigs trains in a fraction of a second, in all manners.
func smallConfigs() map[string]Config {
	configs := map[string]Config{"reference": ReferenceConfig("nasbench201"), "default": DefaultConfig("nasbench201"),
		modelVGAE: ConfigFor(modelVGAE, "nasbench201"), modelGAE: ConfigFor(modelGAE, "nasbench201")}
	for name, c := range configs {
		c.Layers, c.Hidden, c.Epochs = 2, 64, 3
		configs[name] = c
	}
	return configs
}

func newTestTrainer(t *testing.T, s space.Space, c Config) *Trainer {
	t.Helper()
	tr, err := NewTrainer(s, c)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func train(t *testing.T, tr *Trainer) {
	t.Helper()
	if err := tr.Run(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

// endsAfter is a context that ends at its n-th question.
type endsAfter struct {
	context.Context
	n int
}

func (c *endsAfter) Err() error {
	if c.n--; c.n < 0 {
		return context.Canceled
	}
	return nil
}

func saved(t *testing.T, tr *Trainer) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.safetensors")
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Stopped anywhere, saved, loaded, and run on with another number of threads,
// training ends with the same bytes as when it was never stopped.
func TestResume(t *testing.T) {
	s := smallSpace(t, 300)
	for name, c := range smallConfigs() {
		t.Run(name, func(t *testing.T) {
			c.Threads = 1
			whole := newTestTrainer(t, s, c)
			train(t, whole)
			want := saved(t, whole)
			steps := whole.perEpoch()
			for _, stop := range []int{0, 1, steps - 1, steps, steps + 4, 2 * steps} {
				tr := newTestTrainer(t, s, c)
				err := tr.Run(&endsAfter{context.Background(), stop}, nil)
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("stopped at step %d: error %v", stop, err)
				}
				path := filepath.Join(t.TempDir(), "c.safetensors")
				if err := tr.Save(path); err != nil {
					t.Fatal(err)
				}
				tr, err = LoadTrainer(s, path)
				if err != nil {
					t.Fatal(err)
				}
				tr.SetThreads(2)
				train(t, tr)
				if !bytes.Equal(saved(t, tr), want) {
					t.Errorf("stopped at step %d of %d: the result differs", stop, 3*steps)
				}
			}
		})
	}
}

func TestSeeds(t *testing.T) {
	s := smallSpace(t, 200)
	c := smallConfigs()["default"]
	c.Epochs = 1
	a, b := newTestTrainer(t, s, c), newTestTrainer(t, s, c)
	c.Seed++
	d := newTestTrainer(t, s, c)
	for _, tr := range []*Trainer{a, b, d} {
		train(t, tr)
	}
	if !bytes.Equal(saved(t, a), saved(t, b)) {
		t.Error("the same seed gave different checkpoints")
	}
	if slices.Equal(a.net.params.Value, d.net.params.Value) {
		t.Error("another seed gave the same weights")
	}
	if slices.Equal(a.HeldOut(), d.HeldOut()) {
		t.Error("another seed gave the same split")
	}
	seen := map[int32]bool{}
	for _, i := range a.split {
		seen[i] = true
	}
	if len(seen) != 200 || len(a.HeldOut()) != 20 {
		t.Errorf("split: %d distinct cells of 200, %d held out", len(seen), len(a.HeldOut()))
	}
}

// From the second epoch on the published code trains in evaluation mode: running
// statistics stand still, weights do not.
func TestFreezeAfterFirst(t *testing.T) {
	s := smallSpace(t, 200)
	for name, c := range smallConfigs() {
		c.Epochs = 1
		tr := newTestTrainer(t, s, c)
		train(t, tr)
		var running []float32
		tr.net.encoder.state(func(_ string, v []float32) { running = append(running, v...) })
		weights, order := slices.Clone(tr.net.params.Value), slices.Clone(tr.order)
		if err := tr.SetEpochs(2); err != nil {
			t.Fatal(err)
		}
		train(t, tr)
		var after []float32
		tr.net.encoder.state(func(_ string, v []float32) { after = append(after, v...) })
		frozen := name == "reference"
		if slices.Equal(running, after) != frozen {
			t.Errorf("%s: running statistics stood still: %v, want %v", name, !frozen, frozen)
		}
		if slices.Equal(weights, tr.net.params.Value) {
			t.Errorf("%s: the second epoch changed nothing", name)
		}
		if slices.Equal(order, tr.order) != frozen {
			t.Errorf("%s: same order in both epochs: %v, want %v", name, !frozen, frozen)
		}
	}
}

// With a learning rate of nearly nothing the mu's of a frozen epoch are those of
// the final model: the prior must be their mean and unbiased standard deviation.
func TestPrior(t *testing.T) {
	s := smallSpace(t, 150)
	c := smallConfigs()["reference"]
	c.Epochs, c.LearningRate = 2, 1e-12
	tr := newTestTrainer(t, s, c)
	train(t, tr)
	m := tr.Model()
	size := m.Nodes() * m.Dim()
	mean, m2 := make([]float64, size), make([]float64, size)
	var all [][]float32
	for _, i := range tr.split[:tr.train] {
		mu, err := m.Encode(s.Cell(int(i)))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, mu)
		for j, v := range mu {
			mean[j] += float64(v) / float64(tr.train)
		}
	}
	for _, mu := range all {
		for j, v := range mu {
			m2[j] += (float64(v) - mean[j]) * (float64(v) - mean[j])
		}
	}
	for j := range mean {
		std := math.Sqrt(m2[j] / float64(tr.train-1))
		if !(math.Abs(float64(m.prior.mean[j])-mean[j]) <= 1e-5 && math.Abs(float64(m.prior.std[j])-std) <= 1e-5) {
			t.Fatalf("entry %d: prior %v ± %v, want %v ± %v", j, m.prior.mean[j], m.prior.std[j], mean[j], std)
		}
	}
}

func TestProgress(t *testing.T) {
	s := smallSpace(t, 300)
	c := smallConfigs()["default"]
	tr := newTestTrainer(t, s, c)
	var ends []Progress
	err := tr.Run(context.Background(), func(p Progress) {
		if p.Epochs != 3 || p.Steps != 9 || p.Epoch < 1 || p.Epoch > 3 || p.Step > 9 || !(p.Loss > 0) || !(p.GraphsPerSecond > 0) {
			t.Errorf("%+v", p)
		}
		if p.EpochEnd {
			ends = append(ends, p)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(ends) != 3 {
		t.Fatalf("%d epoch ends", len(ends))
	}
	for i, p := range ends {
		if p.Epoch != i+1 || p.Step != p.Steps || len(p.EpochLosses) != i+1 || p.Loss != p.EpochLosses[i] {
			t.Errorf("epoch end %d: %+v", i, p)
		}
	}
	if ends[2].Remaining != 0 {
		t.Errorf("%v remain after the last epoch", ends[2].Remaining)
	}
	if err := tr.Run(context.Background(), func(Progress) { t.Error("trained on after the last epoch") }); err != nil {
		t.Error(err)
	}
}

func TestNewTrainerRefuses(t *testing.T) {
	s := smallSpace(t, 100)
	for want, edit := range map[string]func(*Config){
		"epochs is 0":      func(c *Config) { c.Epochs = 0 },
		"epochs is -1":     func(c *Config) { c.Epochs = -1 },
		`model "gcn"`:      func(c *Config) { c.Model = "gcn" },
		"multiple of 32":   func(c *Config) { c.Hidden = 100 },
		"latent dimension": func(c *Config) { c.Latent = 17 },
		"learning rate":    func(c *Config) { c.LearningRate = math.NaN() },
		"dropout":          func(c *Config) { c.Dropout = 1 },
		"held-out":         func(c *Config) { c.Holdout = 1 },
		"no cells":         func(c *Config) { c.Holdout = 0.9999 },
		"darts":            func(c *Config) { c.Space = "darts" },
		"loss on":          func(c *Config) { c.OpsLoss = "" },
	} {
		c := DefaultConfig("nasbench201")
		edit(&c)
		if _, err := NewTrainer(s, c); err == nil || !strings.HasPrefix(err.Error(), "graphae: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	t.Setenv(f32.EnvVar, "mmx")
	if _, err := NewTrainer(s, DefaultConfig("nasbench201")); err == nil || !strings.Contains(err.Error(), "mmx") {
		t.Errorf("unknown instruction set: %v", err)
	}
}

// A loss that is no number ends training with an error that says so.
func TestDivergence(t *testing.T) {
	c := smallConfigs()["default"]
	c.LearningRate, c.ClipNorm = 10, 0
	c.EdgeWeight = 1e6
	tr := newTestTrainer(t, smallSpace(t, 300), c)
	tr.net.params.Value[40] = float32(math.Inf(1))
	if err := tr.Run(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "learning rate") {
		t.Errorf("got %v", err)
	}
}

// The schedules of the default settings over a run of four steps.
func TestSchedules(t *testing.T) {
	c := smallConfigs()["default"]
	c.Epochs, c.BatchSize, c.Holdout = 4, 100, 0
	c.LearningRate, c.EdgeRamp, c.Dropout, c.DropoutUntil = 2, 0.5, 0.3, 0.75
	tr := newTestTrainer(t, smallSpace(t, 100), c)
	for epoch, want := range [][3]float64{{2, 0.1, 0.3}, {1 + math.Sqrt2/2, 0.55, 0.3}, {1, 1, 0.3}, {1 - math.Sqrt2/2, 1, 0}} {
		tr.epoch = epoch
		got := [3]float64{tr.rate(), tr.ramp(), tr.drop()}
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-12 {
				t.Errorf("step %d: rate, ramp, dropout %v, want %v", epoch, got, want)
			}
		}
	}
	ref := newTestTrainer(t, smallSpace(t, 100), smallConfigs()["reference"])
	ref.epoch = 2
	if got := [3]float64{ref.rate(), ref.ramp(), ref.drop()}; got != [3]float64{1e-3, 1, 0.3} {
		t.Errorf("reference: rate, ramp, dropout %v", got)
	}
}
