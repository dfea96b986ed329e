package reinforce

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// Settings say how large the policy is and how it learns.
type Settings struct {
	// Dim is the number of coordinates of a state and of an action: at most 32, or a
	// multiple of 32.
	Dim int `json:"dim"`
	// Hidden is the number of LSTM units, a multiple of 32.
	Hidden int `json:"hidden"`
	// Episode is the largest number of actions in an episode.
	Episode int `json:"episode"`
	// Rate is Adam's step size.
	Rate float64 `json:"rate"`
}

// DefaultSettings returns the published settings.
func DefaultSettings() Settings { return Settings{Dim: 16, Hidden: 128, Episode: 16, Rate: 0.01} }

// Validate reports every setting that is out of range.
func (s Settings) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(s.Dim >= 1 && s.Dim <= 1024 && (s.Dim <= f32.Width || s.Dim%f32.Width == 0), "dimension is %d, must be 1 to 32 or a multiple of 32 up to 1024", s.Dim)
	check(s.Hidden >= 32 && s.Hidden <= 1024 && s.Hidden%32 == 0, "hidden width is %d, must be a multiple of 32 up to 1024", s.Hidden)
	check(s.Episode >= 1 && s.Episode <= 10_000, "episode is %d, must be 1 to 10,000", s.Episode)
	check(s.Rate > 0 && s.Rate <= 10, "learning rate is %v, must be in (0, 10]", s.Rate)
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("reinforce: invalid settings: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return nil
}

// Policy is a policy and its present episode. It is for one goroutine at a time.
type Policy struct {
	s      Settings
	k      *f32.Kernels
	rng    *rand.Rand
	params nn.Params
	// Gate q (i, f, g, o) of unit u is output q*Hidden + u of input and recurrent.
	input, recurrent, output *nn.Linear
	adam                     nn.Adam
	updates                  int

	t int // actions so far
	// The episode, panels of rows of 32; h and c begin with the row before the first
	// step, which is 0.
	x, gates, c, tanhC, h, mean []float32
	actions                     []float32 // rows of Dim
	// Gradients with respect to gates (before their nonlinearity), h and mean.
	dgates, dh, dmean []float32
	row, rest         []float32 // one step's gates
	dc                []float32
}

// New returns a policy with fresh weights. Seed determines them and all draws.
func New(s Settings, seed uint64) (*Policy, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	k, err := f32.FromEnv()
	if err != nil {
		return nil, fmt.Errorf("reinforce: %w", err)
	}
	p := &Policy{s: s, k: k, rng: rand.New(rand.NewPCG(seed, 0x1571)), adam: nn.Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}}
	gates := 4 * s.Hidden
	p.input = nn.NewLinear(&p.params, "lstm.input", s.Dim, gates, false)
	p.recurrent = nn.NewLinear(&p.params, "lstm.recurrent", s.Hidden, gates, true)
	p.output = nn.NewLinear(&p.params, "output", s.Hidden, s.Dim, true)
	p.params.Allocate(true)
	// PyTorch draws all weights of an LSTM cell from ±1/sqrt(hidden).
	ratio := math.Sqrt(float64(s.Dim) / float64(s.Hidden))
	p.input.Init(func() float64 { return (p.rng.Float64()-0.5)*ratio + 0.5 }, 0, gates)
	p.recurrent.Init(p.rng.Float64, 0, gates)
	p.output.Init(p.rng.Float64, 0, s.Dim)
	p.params.Refresh(p.k)

	rows := func(columns, n int) []float32 { return f32.Align(f32.Panels(columns) * n * f32.Width) }
	n := s.Episode
	p.x, p.gates, p.c, p.tanhC, p.h = rows(s.Dim, n), rows(gates, n), rows(s.Hidden, n+1), rows(s.Hidden, n), rows(s.Hidden, n+1)
	p.mean, p.actions = rows(s.Dim, n), make([]float32, n*s.Dim)
	p.dgates, p.dh, p.dmean = rows(gates, n), rows(s.Hidden, n), rows(s.Dim, n)
	p.row, p.rest, p.dc = f32.Align(gates), f32.Align(f32.Width), f32.Align(s.Hidden)
	return p, nil
}

// Len is the number of actions of the present episode.
func (p *Policy) Len() int { return p.t }

// Reset ends the present episode without learning from it.
func (p *Policy) Reset() { p.t = 0 }

// at is row t of panel i of an array with room for n rows.
func at(x []float32, i, n, t int) []float32 { return x[(i*n+t)*f32.Width:][:f32.Width] }

// stride is the number of elements of a panel with a row for each step, long that
// of one with a row more.
func (p *Policy) stride() int { return p.s.Episode * f32.Width }

func (p *Policy) long() int { return (p.s.Episode + 1) * f32.Width }

// Act takes the next step of the episode: it returns an action drawn in a state.
func (p *Policy) Act(state []float32) ([]float32, error) {
	if err := p.observe(state); err != nil {
		return nil, err
	}
	action := p.actions[p.t*p.s.Dim:][:p.s.Dim]
	for d := range action {
		action[d] = at(p.mean, d/f32.Width, p.s.Episode, p.t)[d%f32.Width] + float32(p.rng.NormFloat64())
	}
	p.t++
	return append([]float32(nil), action...), nil
}

// observe computes the mean of step t in a state.
func (p *Policy) observe(state []float32) error {
	if len(state) != p.s.Dim {
		return fmt.Errorf("reinforce: a state has %d coordinates, not %d", p.s.Dim, len(state))
	}
	for d, v := range state {
		if e := float64(v); math.IsNaN(e) || math.IsInf(e, 0) {
			return fmt.Errorf("reinforce: coordinate %d of the state is %v: it must be finite", d, v)
		}
	}
	t, n, k := p.t, p.s.Episode, p.k
	if t == n {
		return fmt.Errorf("reinforce: the episode has its %d actions: Learn or Reset", n)
	}
	for d, v := range state {
		at(p.x, d/f32.Width, n, t)[d%f32.Width] = v
	}
	// The sigmoid of v is (1 + tanh(v/2))/2: only g is not a sigmoid.
	hidden := f32.Panels(p.s.Hidden)
	isG := func(panel int) bool { return panel/hidden == 2 }
	for i := range 4 * hidden {
		out := p.row[i*f32.Width:][:f32.Width]
		p.input.Forward(k, i, 1, p.x[t*f32.Width:], p.stride(), out)
		p.recurrent.Forward(k, i, 1, p.h[t*f32.Width:], p.long(), p.rest)
		for j, v := range p.rest {
			out[j] += v
			if !isG(i) {
				out[j] /= 2
			}
		}
	}
	k.Tanh(p.row, p.row)
	for i := range 4 * hidden {
		gate := at(p.gates, i, n, t)
		for j, v := range p.row[i*f32.Width:][:f32.Width] {
			if gate[j] = v; !isG(i) {
				gate[j] = (1 + v) / 2
			}
		}
	}
	for i := range hidden {
		gi, gf, gg := at(p.gates, i, n, t), at(p.gates, hidden+i, n, t), at(p.gates, 2*hidden+i, n, t)
		before, c, tc := at(p.c, i, n+1, t), at(p.c, i, n+1, t+1), at(p.tanhC, i, n, t)
		for j := range c {
			c[j] = gf[j]*before[j] + gi[j]*gg[j]
		}
		k.Tanh(c, tc)
		o, h := at(p.gates, 3*hidden+i, n, t), at(p.h, i, n+1, t+1)
		for j := range h {
			h[j] = o[j] * tc[j]
		}
	}
	for i := range p.output.Panels() {
		p.output.Forward(k, i, 1, p.h[(t+1)*f32.Width:], p.long(), at(p.mean, i, n, t))
	}
	return nil
}
