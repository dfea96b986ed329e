package reinforce

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"arch2vec/native/f32"
	"arch2vec/native/points"
)

// loss is the episode's loss in float64, straight from the equations in the
// package's comment.
func (p *Policy) loss(states [][]float32, advantages []float64) float64 {
	get := map[string][]float32{}
	for _, t := range p.params.Tensors() {
		get[t.Name] = p.params.Get(p.params.Value, t)
	}
	linear := func(name string, x []float64) []float64 {
		w, b := get[name+".weight"], get[name+".bias"]
		y := make([]float64, len(b))
		for o := range y {
			y[o] = float64(b[o])
			for i, v := range x {
				y[o] += float64(w[o*len(x)+i]) * v
			}
		}
		return y
	}
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	n := p.s.Hidden
	h, c := make([]float64, n), make([]float64, n)
	loss := 0.0
	for t, state := range states {
		x := make([]float64, len(state))
		for i, v := range state {
			x[i] = float64(v)
		}
		a, b := linear("lstm.input", x), linear("lstm.recurrent", h)
		for u := range n {
			i, f, g, o := a[u]+b[u], a[n+u]+b[n+u], a[2*n+u]+b[2*n+u], a[3*n+u]+b[3*n+u]
			c[u] = sigmoid(f)*c[u] + sigmoid(i)*math.Tanh(g)
			h[u] = sigmoid(o) * math.Tanh(c[u])
		}
		log := -float64(p.s.Dim) / 2 * math.Log(2*math.Pi)
		for d, mean := range linear("output", h) {
			e := float64(p.actions[t*p.s.Dim+d]) - mean
			log -= e * e / 2
		}
		loss -= advantages[t] * log / float64(len(states))
	}
	return loss
}

func episode(t *testing.T, p *Policy, n int, seed uint64) [][]float32 {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	var states [][]float32
	for range n {
		s := make([]float32, p.s.Dim)
		for d := range s {
			s[d] = float32(r.NormFloat64())
		}
		if _, err := p.Act(s); err != nil {
			t.Fatal(err)
		}
		states = append(states, s)
	}
	return states
}

// Backpropagation through time against finite differences, on every instruction
// set, for whole episodes and shorter ones, of few and many coordinates.
func TestGradient(t *testing.T) {
	for _, set := range f32.Supported() {
		t.Setenv(f32.EnvVar, set)
		for _, c := range []struct{ dim, steps int }{{16, 5}, {3, 1}, {64, 4}} {
			s := Settings{Dim: c.dim, Hidden: 32, Episode: 5, Rate: 0.01}
			p, err := New(s, 1)
			if err != nil {
				t.Fatal(err)
			}
			// A longer episode before leaves nothing behind.
			episode(t, p, 5, 9)
			if err := p.Learn([]float64{1, -1, 2, 0, 1}); err != nil {
				t.Fatal(err)
			}
			states := episode(t, p, c.steps, 2)
			advantages := []float64{0.5, -1, 2, 0.1, 1}[:c.steps]
			p.gradient(advantages)
			r := rand.New(rand.NewPCG(4, 4))
			for _, tensor := range p.params.Tensors() {
				grad, value := p.params.Get(p.params.Grad, tensor), p.params.Get(p.params.Value, tensor)
				for range 15 {
					i := r.IntN(len(value))
					const step = 1e-2
					var l [2]float64
					moved := slices.Clone(value)
					for side, h := range []float32{-step, step} {
						moved[i] = value[i] + h
						if err := p.params.Set(p.params.Value, tensor, moved); err != nil {
							t.Fatal(err)
						}
						l[side] = p.loss(states, advantages)
					}
					if err := p.params.Set(p.params.Value, tensor, value); err != nil {
						t.Fatal(err)
					}
					want := (l[1] - l[0]) / (2 * step)
					if !(math.Abs(float64(grad[i])-want) <= 1e-3*(1+math.Abs(want))) {
						t.Errorf("%s, %d coordinates, %d steps: derivative of %s[%d] = %v, want %v", set, c.dim, c.steps, tensor.Name, i, grad[i], want)
					}
				}
			}
		}
	}
}

// A step raises the probability of actions with an advantage, and a seed
// determines everything.
func TestLearn(t *testing.T) {
	run := func(seed uint64) []float32 {
		p, err := New(DefaultSettings(), seed)
		if err != nil {
			t.Fatal(err)
		}
		goal := make([]float32, 16)
		for d := range goal {
			goal[d] = float32(d%3) - 1
		}
		distance := func(a []float32) (sum float64) {
			for d, v := range a {
				sum += float64(v-goal[d]) * float64(v-goal[d])
			}
			return sum
		}
		var first, last float64
		var action []float32
		const episodes = 150
		for e := range episodes {
			var rewards []float64
			mean := 0.0
			for range 16 {
				if action, err = p.Act(goal); err != nil {
					t.Fatal(err)
				}
				rewards = append(rewards, -distance(action))
				mean += rewards[len(rewards)-1] / 16
			}
			if e < 10 {
				first -= mean / 10
			}
			if e >= episodes-10 {
				last -= mean / 10
			}
			for i := range rewards {
				rewards[i] -= mean
			}
			if err := p.Learn(rewards); err != nil {
				t.Fatal(err)
			}
		}
		if !(last < first-3) { // 16 of it is noise, some 11 at the start are the mean's
			t.Errorf("squared distance from the goal went from %v to %v", first, last)
		}
		return action
	}
	if a, b := run(1), run(1); !slices.Equal(a, b) {
		t.Error("one seed gave two results")
	}
}

func TestBadInput(t *testing.T) {
	for _, s := range []Settings{{}, {Dim: 33, Hidden: 128, Episode: 16, Rate: 1}, {Dim: 16, Hidden: 100, Episode: 16, Rate: 1}, {Dim: 16, Hidden: 128, Episode: 16, Rate: math.Inf(1)}} {
		if _, err := New(s, 1); err == nil {
			t.Errorf("%+v: no error", s)
		}
	}
	s := Settings{Dim: 2, Hidden: 32, Episode: 1, Rate: 0.1}
	p, err := New(s, 1)
	if err != nil {
		t.Fatal(err)
	}
	for what, f := range map[string]func() error{
		"no action":     func() error { return p.Learn(nil) },
		"short state":   func() error { _, err := p.Act([]float32{1}); return err },
		"NaN":           func() error { _, err := p.Act([]float32{1, float32(math.NaN())}); return err },
		"long episode":  func() error { _, _ = p.Act([]float32{1, 2}); _, err := p.Act([]float32{1, 2}); return err },
		"two rewards":   func() error { return p.Learn([]float64{1, 2}) },
		"NaN advantage": func() error { return p.Learn([]float64{math.NaN()}) },
	} {
		p.Reset()
		if what == "two rewards" || what == "NaN advantage" {
			if _, err := p.Act([]float32{1, 2}); err != nil {
				t.Fatal(err)
			}
		}
		if f() == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

func TestReturns(t *testing.T) {
	if r := Returns([]float64{1, 2, 4}, 0.5); !slices.Equal(r, []float64{3, 4, 4}) {
		t.Error(r)
	}
}

// A step of the search: an action, its nearest neighbour among as many cells as
// NAS-Bench-101 has, and a sixteenth of an update. Embeddings lie along few axes; the
// points here vary along four, and in the others by a tenth of that. ARCH2VEC_POINTS
// may name a file of embeddings, .npy of float32 in rows of 16, to search in instead.
func BenchmarkStep(b *testing.B) {
	const cells, dim = 423_624, 16
	r := rand.New(rand.NewPCG(1, 1))
	z := make([]float32, cells*dim)
	for i := range z {
		if z[i] = 0.3 * float32(r.NormFloat64()); i%dim >= 4 {
			z[i] /= 10
		}
	}
	if name := os.Getenv("ARCH2VEC_POINTS"); name != "" {
		file, err := os.ReadFile(name)
		if err != nil || len(file) < 4*len(z) {
			b.Fatalf("%s: %d bytes, error %v", name, len(file), err)
		}
		file = file[len(file)-4*len(z):]
		for i := range z {
			z[i] = math.Float32frombits(binary.LittleEndian.Uint32(file[4*i:]))
		}
	}
	index, err := points.NewIndex(dim, z)
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{0, cells} {
		b.Run(fmt.Sprintf("%d cells", n), func(b *testing.B) {
			p, err := New(DefaultSettings(), 1)
			if err != nil {
				b.Fatal(err)
			}
			skip := make([]bool, cells)
			state, advantages := z[:dim], make([]float64, 16)
			for b.Loop() {
				action, err := p.Act(state)
				if err != nil {
					b.Fatal(err)
				}
				if n > 0 {
					at, _, err := index.Nearest(action, skip)
					if err != nil {
						b.Fatal(err)
					}
					state, skip[at] = z[at*dim:(at+1)*dim], true
				}
				if p.Len() == 16 {
					if err := p.Learn(advantages); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
