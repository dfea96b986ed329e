package graphae

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"arch2vec/native/nn"
)

// One epoch in training mode and one in evaluation mode, as the published code
// trains, repeated in float64 with nothing but the definitions: the loss of the
// plain model, differences for its gradient, clipping and Adam, BatchNorm's running
// averages. Weights, running averages and prior must come out the same.
func TestReplay(t *testing.T) {
	s := smallSpace(t, 6) // five to train on: steps of two, two and one
	c := ReferenceConfig("nasbench201")
	c.Layers, c.Hidden, c.Latent, c.BatchSize, c.Epochs, c.Threads = 1, 32, 3, 2, 2, 1
	c.PublishedBCE = false // how entries beyond doubt are treated is tested by itself
	tr := newTestTrainer(t, s, c)
	replay := newReference(tr.net, c)
	start := newReference(tr.net, c)

	type step struct {
		cells       []int32
		noise, keep [][]float64
	}
	var steps []step
	tr.steps.objective = func(p *part, i int) {
		tr.steps.heads(p, i)
		if i != nn.Parts-1 {
			return
		}
		now := step{cells: slices.Clone(tr.steps.cells)}
		if tr.steps.training {
			now.noise, now.keep = drawn(tr.steps)
		}
		steps = append(steps, now)
	}
	if err := tr.Run(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if len(steps) != 6 || steps[2].noise == nil || steps[3].noise != nil || len(steps[5].cells) != 1 {
		t.Fatalf("%d steps: not two epochs of three, the second in evaluation mode", len(steps))
	}

	m, v := map[string][]float64{}, map[string][]float64{}
	var mus [][]float64 // of the last epoch, a row a node
	for i, now := range steps {
		loss := func() float64 { l, _ := replay.loss(tr.data, now.cells, now.noise, now.keep); return l }
		rows := float64(len(now.cells) * replay.nodes)
		replay.batch = func(name string, c int, mean, variance float64) {
			follow := func(what string, x float64) {
				r := replay.tensor[name+what]
				r[c] = 0.9*r[c] + 0.1*x
			}
			follow(".running_mean", mean)
			follow(".running_var", variance*rows/(rows-1))
		}
		_, mu := replay.loss(tr.data, now.cells, now.noise, now.keep)
		replay.batch = nil
		if i >= 3 {
			mus = append(mus, mu...)
		}
		grads, norm2 := map[string][]float64{}, 0.0
		for _, x := range tr.net.params.Tensors() {
			g := make([]float64, x.Len())
			// In training mode a bias before a BatchNorm has no effect.
			if !strings.Contains(x.Name, "linear") || !strings.HasSuffix(x.Name, ".bias") || now.noise == nil {
				differences(replay.tensor[x.Name], g, loss)
			}
			for _, d := range g {
				norm2 += d * d
			}
			grads[x.Name] = g
		}
		clip := min(1, c.ClipNorm/(math.Sqrt(norm2)+1e-6))
		for name, g := range grads {
			if i == 0 {
				m[name], v[name] = make([]float64, len(g)), make([]float64, len(g))
			}
			for j, d := range g {
				d *= clip
				m[name][j] += 0.1 * (d - m[name][j])
				v[name][j] += 0.001 * (d*d - v[name][j])
				mHat, vHat := m[name][j]/(1-math.Pow(0.9, float64(i+1))), v[name][j]/(1-math.Pow(0.999, float64(i+1)))
				replay.tensor[name][j] -= c.LearningRate * mHat / (math.Sqrt(vHat) + 1e-8)
			}
		}
	}

	got := newReference(tr.net, c)
	for name, want := range replay.tensor {
		moved, off := 0.0, 0.0
		for j, x := range want {
			moved += (x - start.tensor[name][j]) * (x - start.tensor[name][j])
			off += (x - got.tensor[name][j]) * (x - got.tensor[name][j])
		}
		if !(moved > 0 && off <= 1e-4*moved) { // 1 % of the way
			t.Errorf("%s went %.3g and is off by %.3g", name, math.Sqrt(moved), math.Sqrt(off))
		}
	}
	checkPrior(t, tr.prior, mus, replay.nodes)
}

// differences sets g to the gradient of f at x.
func differences(x, g []float64, f func() float64) {
	const h = 1e-7
	here := f()
	for i, v := range x {
		x[i] = v + h
		g[i] = (f() - here) / h
		x[i] = v
	}
}

// checkPrior compares p with mean and unbiased standard deviation, by node, of mus.
func checkPrior(t *testing.T, p prior, mus [][]float64, nodes int) {
	t.Helper()
	n := float64(len(mus) / nodes)
	for v := range nodes {
		for d := range mus[0] {
			mean, variance := 0.0, 0.0
			for r := v; r < len(mus); r += nodes {
				mean += mus[r][d] / n
			}
			for r := v; r < len(mus); r += nodes {
				variance += (mus[r][d] - mean) * (mus[r][d] - mean) / (n - 1)
			}
			i := v*len(mus[0]) + d
			if math.Abs(float64(p.mean[i])-mean) > 1e-3 || math.Abs(float64(p.std[i])-math.Sqrt(variance)) > 1e-3 {
				t.Errorf("node %d, dimension %d: prior %v, %v; want %v, %v", v, d, p.mean[i], p.std[i], mean, math.Sqrt(variance))
			}
		}
	}
}
