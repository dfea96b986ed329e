package graphae

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/nn"
	"arch2vec/native/space"
)

// BenchOptions says which training steps [BenchTrain] times. Zero fields stand
// for the defaults.
type BenchOptions struct {
	Space   string // the space whose cells' size the graphs have
	Model   string // default arch2vec
	Threads int    // default: what the machine has
	Steps   int    // default 400
	Batch   int    // default 32
}

// BenchResult is what [BenchTrain] measured, with the keys of its JSON form.
type BenchResult struct {
	Space       string `json:"space"`
	Model       string `json:"model"`
	Batch       int    `json:"batch"`
	Threads     int    `json:"threads"`      // asked for
	ThreadsUsed int    `json:"threads_used"` // at most 4
	Params      int    `json:"params"`
	Steps       int    `json:"steps"`
	// Milliseconds a step, 5th percentile and median, and graphs a second at the
	// median.
	P5          float64 `json:"p5_ms"`
	Median      float64 `json:"median_ms"`
	GraphsPerS  float64 `json:"graphs_per_s"`
	GFlops      float64 `json:"gflops"`      // of the matrix products of a step, at the median
	PeakGFlops  float64 `json:"peak_gflops"` // of one core, median of the bursts
	PeakBest    float64 `json:"peak_best"`   // likewise, 95th percentile
	Efficiency  float64 `json:"efficiency"`  // GFlops / (PeakGFlops * ThreadsUsed)
	AllocsPer   float64 `json:"allocs_per_step"`
	Instruction string  `json:"simd"`
}

const (
	benchWarmUp  = 30
	benchBatches = 64 // different ones
	burstEvery   = 10 // steps
	bursts       = 4  // one after the other
)

// benchShapes are nodes and operations of the spaces' cells. Opening a space may
// mean to enumerate it; timing its steps does not need that.
var benchShapes = map[string][2]int{"nasbench101": {7, 5}, "nasbench201": {8, 7}, "darts": {11, 11}}

// settings fills in the defaults and checks the options.
func (o BenchOptions) settings() (BenchOptions, Config, error) {
	if o.Model == "" {
		o.Model = modelArch2vec
	}
	if o.Steps == 0 {
		o.Steps = 400
	}
	if o.Batch == 0 {
		o.Batch = 32
	}
	c := ReferenceConfig(o.Space)
	c.Model, c.Threads, c.BatchSize, c.Holdout = o.Model, o.Threads, o.Batch, 0
	if _, ok := benchShapes[o.Space]; !ok {
		return o, c, fmt.Errorf("graphae: no search space %q (there are: %s)", o.Space, strings.Join(slices.Sorted(maps.Keys(benchShapes)), ", "))
	}
	if o.Steps < 1 || o.Steps > 10_000_000 {
		return o, c, fmt.Errorf("graphae: steps is %d, must be 1 to 10000000", o.Steps)
	}
	return o, c, c.Validate()
}

// Validate says what is wrong with the options.
func (o BenchOptions) Validate() error {
	_, _, err := o.settings()
	return err
}

// BenchTrain times training steps, forward, backward, clipping and update, with
// the published settings, on random graphs of the space's size: the arithmetic
// does not depend on what they hold. When ctx ends, it returns its error.
//
// The peak is measured in the same seconds: after every tenth step four bursts of
// [f32.Kernels.Peak], each as long as a step. Medians of both are compared, so that
// a changing clock and a processor that is taken away for moments change both
// alike. One thing does not: where the host gives the other hardware thread of the
// core to other work, a core issues half as many instructions for us. Multiply-adds
// in registers, two a cycle, still pass; a product also has to load its operands,
// and falls behind by up to a sixth.
func BenchTrain(ctx context.Context, o BenchOptions) (BenchResult, error) {
	o, c, err := o.settings()
	if err != nil {
		return BenchResult{}, err
	}
	size := benchShapes[o.Space]
	t, err := NewTrainer(newRandomSpace(o.Space, size[0], size[1], benchBatches*o.Batch, c.Seed), c)
	if err != nil {
		return BenchResult{}, err
	}
	team := nn.NewTeam(t.net.k, threads(o.Threads))
	defer team.Close()
	t.steps.team = team
	t.begin()

	rounds, warm := 0, make([]float64, 0, benchWarmUp)
	steps, peaks := make([]float64, 0, o.Steps), make([]float64, 0, bursts*(o.Steps/burstEvery+1))
	var before, after runtime.MemStats
	for i := -benchWarmUp; i < o.Steps; i++ {
		if err := ctx.Err(); err != nil {
			return BenchResult{}, fmt.Errorf("graphae: the benchmark stopped: %w", err)
		}
		if i == 0 {
			slices.Sort(warm)
			rounds = burstRounds(t.net.k, quantile(warm, 0.5)/1e3)
			runtime.ReadMemStats(&before)
		}
		first := (i + benchWarmUp) % benchBatches * o.Batch
		start := time.Now()
		loss := t.steps.take(t.order[first:first+o.Batch], true)
		took := time.Since(start)
		if math.IsNaN(loss) {
			return BenchResult{}, fmt.Errorf("graphae: the loss became NaN in step %d", i+benchWarmUp+1)
		}
		if i < 0 {
			warm = append(warm, 1e3*took.Seconds())
			continue
		}
		steps = append(steps, 1e3*took.Seconds())
		for b := 0; b < bursts && i%burstEvery == 0; b++ {
			start := time.Now()
			work := t.net.k.Peak(rounds)
			peaks = append(peaks, work/time.Since(start).Seconds()/1e9)
		}
	}
	runtime.ReadMemStats(&after)

	slices.Sort(steps)
	slices.Sort(peaks)
	r := BenchResult{
		Space: o.Space, Model: o.Model, Batch: o.Batch, Threads: o.Threads, ThreadsUsed: team.Size(),
		Params: t.net.params.Count(), Steps: o.Steps,
		P5: quantile(steps, 0.05), Median: quantile(steps, 0.5),
		PeakGFlops: quantile(peaks, 0.5), PeakBest: quantile(peaks, 0.95),
		AllocsPer:   float64(after.Mallocs-before.Mallocs) / float64(o.Steps),
		Instruction: t.net.k.Name(),
	}
	if r.Threads == 0 {
		r.Threads = r.ThreadsUsed
	}
	r.GraphsPerS = 1e3 * float64(o.Batch) / r.Median
	r.GFlops = t.net.flops(o.Batch*t.net.nodes, o.Batch) / (r.Median * 1e6)
	r.Efficiency = r.GFlops / (r.PeakGFlops * float64(r.ThreadsUsed))
	return r, nil
}

// quantile of sorted values, between the two nearest.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	j := min(i+1, len(sorted)-1)
	return sorted[i] + (at-float64(i))*(sorted[j]-sorted[i])
}

// burstRounds is the number of rounds of Peak that take about this many seconds.
func burstRounds(k *f32.Kernels, seconds float64) int {
	for rounds := 1 << 10; ; rounds *= 2 {
		start := time.Now()
		k.Peak(rounds)
		if took := time.Since(start).Seconds(); took >= seconds/2 {
			return max(int(float64(rounds)*seconds/took), 1)
		}
	}
}

// randomSpace has random graphs for cells: a uniform operation a node, an edge
// i < j with probability 0.4. It is for timing, and knows no more than a Trainer
// asks for.
type randomSpace struct {
	space.Space
	name  string
	nodes int
	ops   []string
	cells []cell.Cell
}

func newRandomSpace(name string, nodes, ops, n int, seed uint64) *randomSpace {
	s := &randomSpace{name: name, nodes: nodes, ops: make([]string, ops), cells: make([]cell.Cell, n)}
	r := rand.New(rand.NewPCG(seed, 0))
	labels := make([]int, nodes)
	for i := range s.cells {
		var edges [][2]int
		for v := range labels {
			labels[v] = r.IntN(ops)
			for u := range v {
				if r.Float64() < 0.4 {
					edges = append(edges, [2]int{u, v})
				}
			}
		}
		c, err := cell.New(labels, edges)
		if err != nil {
			panic("graphae: " + err.Error()) // operations and edges are in range by construction
		}
		s.cells[i] = c
	}
	return s
}

func (s *randomSpace) Name() string         { return s.name }
func (s *randomSpace) ID() string           { return s.name + "-random" }
func (s *randomSpace) Nodes() int           { return s.nodes }
func (s *randomSpace) Ops() []string        { return s.ops }
func (s *randomSpace) Len() int             { return len(s.cells) }
func (s *randomSpace) Cell(i int) cell.Cell { return s.cells[i] }
