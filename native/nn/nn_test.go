package nn

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"arch2vec/native/f32"
)

func kernels(t *testing.T) *f32.Kernels {
	t.Helper()
	k, err := f32.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// panels lays a matrix out in panels; unpack reads it back.
func panels(x [][]float64, stride int) []float32 {
	p := f32.Align(f32.Panels(len(x[0])) * stride)
	for r, row := range x {
		for c, v := range row {
			p[c/f32.Width*stride+r*f32.Width+c%f32.Width] = float32(v)
		}
	}
	return p
}

func at(p []float32, stride, r, c int) float64 {
	return float64(p[c/f32.Width*stride+r*f32.Width+c%f32.Width])
}

func matrix(r *rand.Rand, rows, cols int) [][]float64 {
	x := make([][]float64, rows)
	for i := range x {
		for range cols {
			x[i] = append(x[i], float64(float32(r.NormFloat64())))
		}
	}
	return x
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 2e-5*(1+math.Abs(want))) {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

func TestLinear(t *testing.T) {
	k := kernels(t)
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ in, out int }{{5, 32}, {7, 64}, {11, 128}, {16, 5}, {16, 11}, {32, 32}, {64, 32}, {128, 128}} {
		const rows, stride = 21, 23 * f32.Width
		p := &Params{}
		l := NewLinear(p, "l", c.in, c.out, true)
		p.Allocate(true)
		l.Init(r.Float64, 0, c.out)
		if p.Count() != c.in*c.out+c.out {
			t.Fatalf("%d parameters", p.Count())
		}
		p.Refresh(k)
		w, b := p.Get(p.Value, p.Tensors()[0]), p.Get(p.Value, p.Tensors()[1])
		bound := float32(1 / math.Sqrt(float64(c.in)))
		if slices.Max(w) > bound || slices.Min(w) < -bound || slices.Max(w) < 0.7*bound || slices.Max(b) > bound {
			t.Errorf("%d inputs: initial weights in [%v, %v], want ±%v", c.in, slices.Min(w), slices.Max(w), bound)
		}
		x, dy := matrix(r, rows, c.in), matrix(r, rows, c.out)
		px, pdy := panels(x, stride), panels(dy, stride)
		y, dx := f32.Align(l.Panels()*stride), f32.Align(f32.Panels(c.in)*stride)
		for q := range l.Panels() {
			l.Forward(k, q, rows, px, stride, y[q*stride:], px, y)
			l.BackWeight(k, q, rows, px, stride, pdy[q*stride:])
		}
		for q := range f32.Panels(c.in) {
			l.BackInput(k, q, rows, pdy, stride, dx[q*stride:], px, y, dx)
		}
		grad := p.Get(p.Grad, p.Tensors()[0])
		for i := range rows {
			for o := range c.out {
				want := float64(b[o])
				for j := range c.in {
					want += float64(w[o*c.in+j]) * x[i][j]
				}
				near(t, "y", at(y, stride, i, o), want)
			}
			for j := range c.in {
				want := 0.0
				for o := range c.out {
					want += float64(w[o*c.in+j]) * dy[i][o]
				}
				near(t, "dx", at(dx, stride, i, j), want)
			}
		}
		inner := 0.0
		for o := range c.out {
			for j := range c.in {
				want := 0.0
				for i := range rows {
					want += dy[i][o] * x[i][j]
				}
				near(t, "dw", float64(grad[o*c.in+j]), want)
				inner += want * float64(w[o*c.in+j])
			}
		}
		var dot float64
		scratch := f32.Align(c.in * 2 * f32.Width * f32.Width)
		for q := range l.Panels() {
			dot += float64(l.WeightDot(k, q, rows, px, stride, pdy[q*stride:], scratch))
		}
		if !(math.Abs(dot-inner) <= 1e-3*(1+math.Abs(inner))) {
			t.Errorf("WeightDot is %v, want %v", dot, inner)
		}
	}
}

func TestBatchNorm(t *testing.T) {
	k := kernels(t)
	r := rand.New(rand.NewPCG(1, 2))
	const rows, n, stride = 30, 64, 31 * f32.Width
	p := &Params{}
	bn := NewBatchNorm(p, "bn", n)
	p.Allocate(true)
	bn.Init()
	mean, variance := make([]float64, n), make([]float64, n)
	for c := range variance {
		variance[c] = 1
	}
	out := f32.Align(2 * stride)
	for step := range 3 { // running averages, as PyTorch keeps them
		y := matrix(r, rows, n)
		py := panels(y, stride)
		for q := range 2 {
			bn.Forward(k, q, rows, py[q*stride:], out[q*stride:], true)
		}
		for c := range n {
			m, v := 0.0, 0.0
			for i := range y {
				m += y[i][c] / rows
			}
			for i := range y {
				v += (y[i][c] - m) * (y[i][c] - m) / rows
			}
			for i := range y {
				near(t, "output", at(out, stride, i, c), max(0, (y[i][c]-m)/math.Sqrt(v+1e-5)))
			}
			mean[c] = 0.9*mean[c] + 0.1*m
			variance[c] = 0.9*variance[c] + 0.1*v*rows/(rows-1)
			near(t, "running mean", float64(bn.RunningMean[c]), mean[c])
			near(t, "running variance", float64(bn.RunningVar[c]), variance[c])
		}
		_ = step
	}
	y := matrix(r, rows, n)
	py := panels(y, stride)
	for q := range 2 {
		bn.Forward(k, q, rows, py[q*stride:], out[q*stride:], false)
	}
	for c := range n {
		for i := range y {
			near(t, "evaluation", at(out, stride, i, c), max(0, (y[i][c]-mean[c])/math.Sqrt(variance[c]+1e-5)))
		}
		near(t, "running mean after evaluation", float64(bn.RunningMean[c]), mean[c])
	}
}

// Adam over a few steps against its definition in float64, gradient clipping
// included.
func TestAdam(t *testing.T) {
	k := kernels(t)
	r := rand.New(rand.NewPCG(1, 2))
	p := &Params{}
	NewLinear(p, "l", 16, 7, true)
	NewBatchNorm(p, "bn", 32)
	p.Scalar("s")
	p.Allocate(true)
	n := len(p.Value)
	value, m, v := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range value {
		p.Value[i] = float32(r.NormFloat64())
		value[i] = float64(p.Value[i])
	}
	a := Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Clip: 5}
	for step := 1; step <= 5; step++ {
		norm := 0.0
		for i := range p.Grad {
			p.Grad[i] = float32(r.NormFloat64() * math.Pow(0.01, float64(step-1)))
			norm += float64(p.Grad[i]) * float64(p.Grad[i])
		}
		var norm2 float64
		for i := range Parts {
			norm2 += p.Norm2(k, i)
		}
		near(t, "norm", norm2, norm)
		s := a.Step(step, 1e-2, norm2)
		for i := range Parts {
			p.Update(k, s, i)
		}
		clip := min(1, 5/(math.Sqrt(norm)+1e-6))
		for i := range value {
			g := clip * float64(p.Grad[i])
			m[i] = 0.9*m[i] + 0.1*g
			v[i] = 0.999*v[i] + 0.001*g*g
			mHat, vHat := m[i]/(1-math.Pow(0.9, float64(step))), v[i]/(1-math.Pow(0.999, float64(step)))
			value[i] -= 1e-2 * mHat / (math.Sqrt(vHat) + 1e-8)
			near(t, "parameter", float64(p.Value[i]), value[i])
		}
	}
}

func TestParamsGetSet(t *testing.T) {
	p := &Params{}
	NewLinear(p, "a", 7, 64, false)
	l := NewLinear(p, "", 64, 32, true)
	l.Name(p, "b", 0, 6)
	l.Name(p, "c", 16, 6)
	NewBatchNorm(p, "d", 64)
	p.Scalar("e")
	p.Allocate(true)
	next := float32(1)
	for _, x := range p.Tensors() {
		data := make([]float32, x.Len())
		for i := range data {
			data[i] = next
			next++
		}
		if err := p.Set(p.Value, x, data); err != nil {
			t.Fatal(err)
		}
	}
	next = 1
	for _, x := range p.Tensors() { // no two tensors share a place
		for i, v := range p.Get(p.Value, x) {
			if v != next {
				t.Fatalf("%s[%d] = %v, want %v", x.Name, i, v, next)
			}
			next++
		}
	}
	if err := p.Set(p.Value, p.Tensors()[0], nil); err == nil {
		t.Error("a tensor of another size was accepted")
	}
}

// Between two barriers every thread does its part, however many there are and
// however few processors.
func TestTeam(t *testing.T) {
	k := kernels(t)
	for _, procs := range []int{1, 2} {
		old := runtime.GOMAXPROCS(procs)
		for n := 1; n <= 4; n++ {
			team := NewTeam(k, n)
			var count atomic.Int64
			for round := range 200 {
				team.Run(func(worker int) {
					for phase := range 5 {
						count.Add(1)
						team.Wait()
						if got := count.Load(); got < int64((round*5+phase+1)*n) {
							t.Errorf("%d threads: passed the barrier at %d", n, got)
						}
						team.Wait()
					}
				})
			}
			if count.Load() != int64(200*5*n) {
				t.Errorf("%d threads: %d", n, count.Load())
			}
			covered := 0
			for w := range n {
				lo, hi := team.Share(w, Parts)
				covered += hi - lo
			}
			if covered != Parts {
				t.Errorf("%d threads share %d of %d parts", n, covered, Parts)
			}
			team.Close()
		}
		runtime.GOMAXPROCS(old)
	}
}
