package graphae

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"arch2vec/native/f32"
	"arch2vec/native/graphae/safetensors"
	"arch2vec/native/internal/tabletest"
	"arch2vec/native/nn"
	"arch2vec/native/space"
	"arch2vec/native/space/nasbench201"
)

func smallSupervised() SupervisedConfig {
	c := DefaultSupervisedConfig("nasbench201")
	c.Layers, c.Hidden, c.Epochs = 2, 64, 30
	return c
}

// Every parameter's gradient, against central differences of the float64 model.
func TestSupervisedGradients(t *testing.T) {
	for _, simd := range f32.Supported() {
		for name, training := range map[string]bool{"training": true, "evaluation": false} {
			t.Run(simd+"/"+name, func(t *testing.T) {
				k, err := f32.Select(simd)
				if err != nil {
					t.Fatal(err)
				}
				sc := DefaultSupervisedConfig("test")
				sc.Layers, sc.Hidden, sc.Latent, sc.BatchSize, sc.Dropout = 2, 32, 10, 12, 0.2
				c := sc.config()
				d := randomDataset(rand.New(rand.NewPCG(1, 1)), 9, 7, 5, true)
				s := newTestStepper(t, k, d, c, 2)
				s.objective = s.regress
				r := rand.New(rand.NewPCG(8, 9))
				s.targets = make([]float32, d.n)
				for i := range s.targets {
					s.targets[i] = float32(r.NormFloat64())
				}
				ref := newReference(s.net, c)
				cells := cellNumbers(d.n)
				got := s.take(cells, training)
				keep := codeDropout(s, training)
				loss := func() float64 { return ref.squaredError(d, cells, s.targets, keep, training) }
				if want := loss(); !(math.Abs(got-want) <= 2e-5*math.Abs(want)) {
					t.Fatalf("loss %v, want %v", got, want)
				}
				checkGradients(t, s, ref, loss)
			})
		}
	}
}

// codeDropout reads back the dropout factors of the last step, by graph.
func codeDropout(s *stepper, training bool) (keep [][]float64) {
	for i := range nn.Parts {
		p := &s.ws.parts[i]
		for g := range p.g1 - p.g0 {
			var m []float64
			for d := range s.net.latent {
				if training {
					m = append(m, float64(p.keep[g*maxLatent+d]))
				} else {
					m = append(m, 1)
				}
			}
			keep = append(keep, m)
		}
	}
	return keep
}

// squaredError is the supervised objective in plain float64 loops.
func (r *reference) squaredError(d *dataset, cells []int32, targets []float32, keep [][]float64, training bool) float64 {
	h, _ := r.encode(d, cells, training)
	code := r.linear("encoder.code", h)
	loss := 0.0
	for g, c := range cells {
		mean := make([]float64, r.latent)
		for v := range r.nodes {
			for i, x := range code[g*r.nodes+v] {
				mean[i] += x * keep[g][i] / float64(r.nodes)
			}
		}
		e := r.linear("regression", [][]float64{mean})[0][0] - float64(targets[c])
		loss += e * e / float64(len(cells))
	}
	return loss
}

// convs is a function that can be learned: the number of 3x3 convolutions.
func convs(s space.Space, i int) float64 {
	c, n := s.Cell(i), 0
	for v := range c.Len() {
		if c.Op(v) == nasbench201.Conv3x3 {
			n++
		}
	}
	return float64(n)
}

func known(t testing.TB, n int) (s space.Space, cells []int, targets []float64) {
	s = smallSpace(t, nasbench201.Size)
	for i := range n {
		cells = append(cells, i)
		targets = append(targets, 100+10*convs(s, i))
	}
	return s, cells, targets
}

func TestSupervisedLearns(t *testing.T) {
	s, cells, targets := known(t, 500)
	c := smallSupervised()
	c.Holdout = 0.2
	var reports []SupervisedProgress
	m, err := TrainSupervised(context.Background(), s, cells, targets, c, func(p SupervisedProgress) { reports = append(reports, p) })
	if err != nil {
		t.Fatal(err)
	}
	if len(reports) != c.Epochs || reports[29].Epoch != 30 || reports[29].Remaining != 0 || !(reports[29].Loss < reports[0].Loss/10) {
		t.Errorf("%d reports, the last %+v", len(reports), reports[len(reports)-1])
	}
	held := m.HeldOut()
	got, err := m.Predict(context.Background(), s, held, 2)
	if err != nil {
		t.Fatal(err)
	}
	var want []float64
	for _, i := range held {
		want = append(want, 100+10*convs(s, i))
	}
	r := stat.Correlation(got, want, nil)
	if len(held) != 100 || !(r > 0.98) || math.Abs(stat.Mean(got, nil)-stat.Mean(want, nil)) > 2 {
		t.Errorf("%d cells held out, correlation %v, mean %v, want %v", len(held), r, stat.Mean(got, nil), stat.Mean(want, nil))
	}
	// A prediction is the regression of the code that Embed gives.
	e, err := m.Embed(context.Background(), firstCells{s, 100}, 1)
	if err != nil {
		t.Fatal(err)
	}
	one, err := m.Predict(context.Background(), firstCells{s, 100}, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	ref := newReference(m.model.net, m.model.cfg)
	for i := range 100 {
		var code []float64
		for _, v := range e.Row(i) {
			code = append(code, float64(v))
		}
		if want := m.mean + m.std*ref.linear("regression", [][]float64{code})[0][0]; !(math.Abs(one[i]-want) < 1e-3) {
			t.Fatalf("cell %d: %v, from its code %v", i, one[i], want)
		}
	}
}

// The same seed gives the same bytes with any number of threads, and a model
// comes back from its file as it was.
func TestSupervisedSaveAndLoad(t *testing.T) {
	s, cells, targets := known(t, 77)
	c := smallSupervised()
	c.Epochs, c.Dropout = 3, 0.1
	dir := t.TempDir()
	var files [][]byte
	var want []float64
	for threads := 1; threads <= 3; threads++ {
		c.Threads = threads
		m, err := TrainSupervised(context.Background(), s, cells, targets, c, nil)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "m.safetensors")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if files = append(files, data); !slices.Equal(data, files[0]) {
			t.Errorf("%d threads give other bytes than one", threads)
		}
		if want, err = m.Predict(context.Background(), s, cells, threads); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "m.safetensors")
	m, err := LoadSupervised(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Predict(context.Background(), s, cells, 1)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("other predictions (%v)", err)
	}
	if c.Threads = 0; m.Config() != c {
		t.Errorf("settings %+v, want %+v", m.Config(), c)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "another kind of model") {
		t.Errorf("loaded as an autoencoder: %v", err)
	}
	tr := newTestTrainer(t, firstCells{s, 100}, smallConfigs()["default"])
	other := filepath.Join(dir, "autoencoder.safetensors")
	if err := tr.Save(other); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadSupervised(other); err == nil || !strings.Contains(err.Error(), "another kind of model") {
		t.Errorf("an autoencoder, loaded as supervised: %v", err)
	}
	for _, cut := range []int{0, 7, 100, len(files[0]) / 2, len(files[0]) - 1} {
		if err := os.WriteFile(path, files[0][:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadSupervised(path); err == nil || !strings.HasPrefix(err.Error(), "graphae: ") || !strings.Contains(err.Error(), path) {
			t.Errorf("cut at byte %d: %v", cut, err)
		}
	}
}

func TestTrainSupervisedRefuses(t *testing.T) {
	s, cells, targets := known(t, 20)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for want, run := range map[string]func(c SupervisedConfig) error{
		"epochs is 0":      func(c SupervisedConfig) error { c.Epochs = 0; return fit(context.Background(), s, cells, targets, c) },
		"latent dimension": func(c SupervisedConfig) error { c.Latent = 99; return fit(context.Background(), s, cells, targets, c) },
		"darts": func(c SupervisedConfig) error {
			c.Space = "darts"
			return fit(context.Background(), s, cells, targets, c)
		},
		"19 targets":        func(c SupervisedConfig) error { return fit(context.Background(), s, cells, targets[1:], c) },
		"no cells":          func(c SupervisedConfig) error { return fit(context.Background(), s, nil, nil, c) },
		"cell number 15625": func(c SupervisedConfig) error { return fit(context.Background(), s, []int{3, 15625}, targets[:2], c) },
		"of cell 3, is NaN": func(c SupervisedConfig) error {
			return fit(context.Background(), s, []int{3}, []float64{math.NaN()}, c)
		},
		"context canceled": func(c SupervisedConfig) error { return fit(ctx, s, cells, targets, c) },
		"share of 0.99 is h": func(c SupervisedConfig) error {
			c.Holdout = 0.99
			return fit(context.Background(), s, cells, targets, c)
		},
	} {
		if err := run(smallSupervised()); err == nil || !strings.HasPrefix(err.Error(), "graphae: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

func fit(ctx context.Context, s space.Space, cells []int, targets []float64, c SupervisedConfig) error {
	_, err := TrainSupervised(ctx, s, cells, targets, c, nil)
	return err
}

// On the benchmark's own accuracies: trained on 1,000 cells, tested on all
// others.
func TestSupervisedOnAccuracies(t *testing.T) {
	s, err := space.Open("nasbench201")
	if err != nil {
		t.Fatal(err)
	}
	accuracy := make([]float64, s.Len())
	tabletest.Rows(t, "nb201.csv.gz", func(_ int, row []string) {
		c, err := s.Parse(row[1])
		if err != nil {
			t.Fatal(err)
		}
		i, ok := s.Index(c)
		if !ok {
			t.Fatalf("%s is not in the space", row[1])
		}
		if accuracy[i], err = strconv.ParseFloat(row[2], 64); err != nil {
			t.Fatal(err)
		}
	})
	cells := rand.New(rand.NewPCG(1, 1)).Perm(s.Len())
	var targets, rest []float64
	for i, c := range cells {
		if i < 1000 {
			targets = append(targets, accuracy[c])
		} else {
			rest = append(rest, accuracy[c])
		}
	}
	c := DefaultSupervisedConfig("nasbench201")
	c.Epochs = 20
	m, err := TrainSupervised(context.Background(), s, cells[:1000], targets, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Predict(context.Background(), s, cells[1000:], 0)
	if err != nil {
		t.Fatal(err)
	}
	r := stat.Correlation(got, rest, nil)
	t.Logf("Pearson's r %.4f", r)
	if !(r > 0.9) {
		t.Errorf("Pearson's r %v", r)
	}
}

// Whatever a file says of itself, checksum right, loading ends with a model that
// predicts or with an error.
func FuzzLoadSupervised(f *testing.F) {
	s, cells, targets := known(f, 40)
	c := smallSupervised()
	c.Layers, c.Hidden, c.Epochs = 1, 32, 1
	m, err := TrainSupervised(context.Background(), s, cells, targets, c, nil)
	if err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(f.TempDir(), "seed")
	if err := m.Save(path); err != nil {
		f.Fatal(err)
	}
	file, err := safetensors.Read(path)
	if err != nil {
		f.Fatal(err)
	}
	meta := file.Metadata
	f.Add(meta["config"], meta["nodes"], meta["ops"])
	f.Add(`{"Layers":1}`, "16", "1")
	f.Add(strings.Replace(meta["config"], `"Latent":16`, `"Latent":8`, 1), "8", "7")
	f.Fuzz(func(t *testing.T, config, nodes, ops string) {
		meta := map[string]string{"format": meta["format"], "version": meta["version"], "config": config, "nodes": nodes, "ops": ops}
		data, err := (&safetensors.File{Tensors: file.Tensors, Metadata: meta}).Encode()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "c")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		m, err := LoadSupervised(path)
		if err != nil {
			return
		}
		if _, err := m.Predict(context.Background(), s, cells, 1); err != nil && m.Config().Space == s.Name() && ops == "7" && m.model.Nodes() == s.Nodes() {
			t.Error(err)
		}
	})
}
