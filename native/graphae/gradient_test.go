package graphae

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// randomDataset holds n random graphs; with padding, some end in absent nodes.
func randomDataset(r *rand.Rand, n, nodes, ops int, padding bool) *dataset {
	d := newEmptyDataset(nodes, ops, n, false)
	for g := range n {
		used := nodes
		if padding {
			used -= r.IntN(3)
		}
		for v := range nodes {
			d.op[g*nodes+v] = -1
			if v < used {
				d.op[g*nodes+v] = int8(r.IntN(ops))
			}
		}
		for v := range used {
			for u := v + 1; u < used; u++ {
				if r.Float64() < 0.4 {
					d.near[g*nodes+v] |= 1 << u
					d.near[g*nodes+u] |= 1 << v
				}
			}
		}
	}
	return d
}

// newTestStepper returns a small stepper that leaves parameters alone, with
// parameters and running statistics away from their special initial values.
func newTestStepper(t *testing.T, k *f32.Kernels, d *dataset, c Config, threads int) *stepper {
	t.Helper()
	n := newNetwork(c.shape(d.nodes, d.ops), k, true)
	n.init(c.Seed)
	r := rand.New(rand.NewPCG(5, 6))
	for _, p := range n.params.Tensors() {
		v := n.params.Get(n.params.Value, p)
		for i := range v {
			v[i] += float32(0.1 * r.NormFloat64())
		}
		if err := n.params.Set(n.params.Value, p, v); err != nil {
			t.Fatal(err)
		}
	}
	n.encoder.state(func(_ string, v []float32) {
		for i := range v {
			v[i] += float32(0.3 * r.Float64())
		}
	})
	n.refreshAll()
	s := newStepper(n, d, c)
	s.update = false
	s.team = nn.NewTeam(k, threads)
	t.Cleanup(s.team.Close)
	return s
}

func cellNumbers(n int) []int32 {
	c := make([]int32, n)
	for i := range c {
		c[i] = int32(i)
	}
	return c
}

// Every parameter's gradient, against central differences of the float64 model:
// along the gradient itself, where nothing cancels, and in single entries.
func TestGradients(t *testing.T) {
	type variant struct {
		nodes, ops, graphs int
		training           bool
		edit               func(*Config)
	}
	base := ReferenceConfig("test")
	base.Hidden, base.Layers, base.PublishedBCE = 32, 2, false // 64, two panels, where said
	variants := map[string]variant{
		"training sigmoid":   {8, 7, 10, true, func(c *Config) { c.Hidden = 64 }},
		"evaluation sigmoid": {8, 7, 10, false, func(c *Config) {}},
		"training softmax":   {7, 5, 9, true, func(c *Config) { c.OpsLoss, c.PublishedKL, c.Beta = opsSoftmax, false, 0.3 }},
		"evaluation softmax": {11, 11, 3, false, func(c *Config) { c.OpsLoss = opsSoftmax }},
		"narrow latent":      {7, 5, 5, true, func(c *Config) { c.Latent, c.Layers, c.OpsWeight, c.EdgeWeight, c.NonEdgeWeight = 6, 3, 2, 0.5, 1.5 }},
		"twins":              {7, 5, 9, true, func(c *Config) { c.Twins = true }},
		"vgae twins":         {7, 5, 9, true, func(c *Config) { c.Model, c.SelfLoop, c.Twins = modelVGAE, 1, true }},
		"vgae training": {7, 5, 9, true, func(c *Config) {
			c.Model, c.SelfLoop, c.Hidden, c.Layers, c.OpsLoss = modelVGAE, 1, 64, 3, opsSoftmax
		}},
		"vgae evaluation": {8, 7, 10, false, func(c *Config) { c.Model, c.SelfLoop = modelVGAE, 2.5 }},
		"gae training":    {11, 11, 5, true, func(c *Config) { c.Model, c.SelfLoop, c.Dropout, c.Latent = modelGAE, 2, 0.1, 10 }},
		"gae one layer":   {7, 5, 6, true, func(c *Config) { c.Model, c.SelfLoop, c.Layers = modelGAE, 1, 1 }},
		"one layer":       {11, 11, 6, true, func(c *Config) { c.Layers = 1 }},
	}
	for _, simd := range f32.Supported() {
		for name, v := range variants {
			t.Run(simd+"/"+name, func(t *testing.T) {
				k, err := f32.Select(simd)
				if err != nil {
					t.Fatal(err)
				}
				c := base
				v.edit(&c)
				c.BatchSize = v.graphs + 2
				d := randomDataset(rand.New(rand.NewPCG(1, 1)), v.graphs, v.nodes, v.ops, true)
				for i := range d.twin { // wherever they are
					if c.Twins && d.op[i] >= 0 {
						d.twin[i] = int8(i % (twinColumns + 1))
					}
				}
				s := newTestStepper(t, k, d, c, 2)
				ref := newReference(s.net, c)
				cells := cellNumbers(v.graphs)
				got := s.take(cells, v.training)
				var noise, keep [][]float64
				if v.training {
					noise, keep = drawn(s)
				}
				want, _ := ref.loss(d, cells, noise, keep)
				if !(math.Abs(got-want) <= 2e-5*math.Abs(want)) {
					t.Fatalf("loss %v, want %v", got, want)
				}
				checkGradients(t, s, ref, func() float64 { l, _ := ref.loss(d, cells, noise, keep); return l })
			})
		}
	}
}

func checkGradients(t *testing.T, s *stepper, ref *reference, loss func() float64) {
	t.Helper()
	p := s.net.params
	r := rand.New(rand.NewPCG(3, 4))
	for _, tensor := range p.Tensors() {
		x := ref.tensor[tensor.Name]
		grad := p.Get(p.Grad, tensor)
		slope := func(direction []float64, h float64) float64 {
			save := append([]float64(nil), x...)
			for i, v := range direction {
				x[i] = save[i] + h*v
			}
			up := loss()
			for i, v := range direction {
				x[i] = save[i] - h*v
			}
			down := loss()
			copy(x, save)
			return (up - down) / (2 * h)
		}
		norm := 0.0
		for _, v := range grad {
			norm += float64(v) * float64(v)
		}
		norm = math.Sqrt(norm)
		check := func(what string, got, want float64) {
			t.Helper()
			if !(math.Abs(got-want) <= 2e-4*norm+1e-6) { // so that NaN fails
				t.Errorf("%s, %s: gradient %v, finite difference %v (norm %v)", tensor.Name, what, got, want, norm)
			}
		}
		if norm > 0 {
			along := make([]float64, len(x))
			for i, v := range grad {
				along[i] = float64(v) / norm
			}
			check("along the gradient", norm, slope(along, 1e-6))
		}
		for range 3 {
			i := r.IntN(len(x))
			one := make([]float64, len(x))
			one[i] = 1
			check(fmt.Sprintf("entry %d", i), float64(grad[i]), slope(one, 1e-6))
		}
		random := make([]float64, len(x))
		want := 0.0
		for i := range random {
			random[i] = r.NormFloat64() / math.Sqrt(float64(len(x)))
			want += random[i] * float64(grad[i])
		}
		check("along a random direction", want, slope(random, 1e-6))
	}
}

func TestParameterCount(t *testing.T) {
	k, err := f32.Select("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ nodes, ops, want int }{{7, 5, 122617}, {8, 7, 122907}, {11, 11, 123487}} {
		n := newNetwork(shape{model: modelArch2vec, nodes: c.nodes, ops: c.ops, layers: 4, hidden: 128, latent: 16}, k, false)
		if got := n.params.Count(); got != c.want {
			t.Errorf("%d nodes, %d operations: %d parameters, want %d", c.nodes, c.ops, got, c.want)
		}
	}
}

// The same seed gives the same bits with any number of threads, also where the
// batch is short.
func TestThreads(t *testing.T) {
	for _, model := range Models() {
		t.Run(model, func(t *testing.T) { testThreads(t, model) })
	}
}

func testThreads(t *testing.T, model string) {
	for _, simd := range f32.Supported() {
		k, err := f32.Select(simd)
		if err != nil {
			t.Fatal(err)
		}
		d := randomDataset(rand.New(rand.NewPCG(1, 1)), 16, 7, 5, true)
		c := ReferenceConfig("test")
		c.Model, c.SelfLoop, c.Layers, c.BatchSize = model, 1, 2, 16
		var want []float32
		for threads := 1; threads <= nn.Parts; threads++ {
			s := newTestStepper(t, k, d, c, threads)
			s.update = true
			for i, graphs := range []int{16, 16, 3, 1, 16} {
				s.take(cellNumbers(graphs), i != 3)
			}
			if threads == 1 {
				want = s.net.params.Value
			}
			for i, v := range s.net.params.Value {
				if v != want[i] {
					t.Fatalf("%s, %d threads: parameter %d is %v, with one thread %v", simd, threads, i, v, want[i])
				}
			}
		}
	}
}

func TestStepDoesNotAllocate(t *testing.T) {
	k, err := f32.Select("")
	if err != nil {
		t.Fatal(err)
	}
	d := randomDataset(rand.New(rand.NewPCG(1, 1)), 32, 8, 7, false)
	for threads := 1; threads <= 2; threads++ {
		for _, c := range []Config{ReferenceConfig("test"), DefaultConfig("test"), ConfigFor(modelGAE, "test"), ConfigFor(modelVGAE, "test")} {
			s := newTestStepper(t, k, d, c, threads)
			s.update = true
			cells := cellNumbers(32)
			if n := testing.AllocsPerRun(20, func() { s.take(cells, true) }); n != 0 {
				t.Errorf("%d threads, %s, %s: %v allocations a step", threads, c.Model, c.OpsLoss, n)
			}
		}
	}
}

func BenchmarkStep(b *testing.B) {
	k, err := f32.FromEnv()
	if err != nil {
		b.Fatal(err)
	}
	for _, sp := range []struct {
		name       string
		nodes, ops int
	}{{"nasbench101", 7, 5}, {"nasbench201", 8, 7}, {"darts", 11, 11}} {
		for threads := 1; threads <= 2; threads++ {
			b.Run(fmt.Sprintf("%s/%d", sp.name, threads), func(b *testing.B) {
				d := randomDataset(rand.New(rand.NewPCG(1, 1)), 2048, sp.nodes, sp.ops, false)
				c := ReferenceConfig(sp.name)
				n := newNetwork(c.shape(d.nodes, d.ops), k, true)
				n.init(1)
				s := newStepper(n, d, c)
				s.team = nn.NewTeam(k, threads)
				defer s.team.Close()
				cells := cellNumbers(d.n)
				i := 0
				for b.Loop() {
					s.take(cells[i%64*32:][:32], true)
					i++
				}
				sec := b.Elapsed().Seconds()
				b.ReportMetric(n.flops(32*d.nodes, 32)*float64(b.N)/sec/1e9, "GFLOP/s")
				b.ReportMetric(32*float64(b.N)/sec, "graphs/s")
			})
		}
	}
}
