package search

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/dngo"
	"arch2vec/native/space/nasbench201"
)

// codes are embeddings in which the space's structure can be seen: one-hot
// operations, two numbers a node, 8 nodes.
func codes() *Pool {
	s := nasbench201.New()
	p := &Pool{Space: s, Dim: 16, Z: make([]float32, 16*s.Len()), ID: "codes"}
	for i := range s.Len() {
		c := s.Cell(i)
		for v := range 8 {
			angle := 2 * math.Pi * float64(c.Op(v)) / 7
			p.Z[i*16+2*v], p.Z[i*16+2*v+1] = float32(math.Cos(angle)), float32(math.Sin(angle))
		}
	}
	return p
}

func arch2vecExperiment(t *testing.T, s Settings, pool *Pool, table *benchmark.Table, queries int) Experiment {
	t.Helper()
	return Experiment{Settings: s, Space: table.Space(), Oracle: table, Pool: pool, Budget: Budget{Queries: queries}, First: 1, Last: 3}
}

// slope is a benchmark that is linear in a pool's embeddings.
func slope(t *testing.T, pool *Pool) *benchmark.Table {
	t.Helper()
	r := rand.New(rand.NewPCG(8, 8))
	weights := make([]float64, pool.Dim)
	for d := range weights {
		weights[d] = r.NormFloat64()
	}
	scores := make([]benchmark.Score, pool.Space.Len())
	for i := range scores {
		v := 80.0
		for d, w := range weights {
			v += 2 * w * float64(pool.Z[i*pool.Dim+d])
		}
		scores[i] = benchmark.Score{Validation: v, Test: v - 1, Cost: 1}
	}
	table, err := benchmark.NewTable("slope", pool.Space, scores)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// Every method that searches in embeddings beats random search where they say
// something, asks no cell twice by default, and gives the same traces for any number
// of threads.
func TestArch2vecMethods(t *testing.T) {
	// Cells that are the same network have the same codes and score.
	pool := codes()
	class, first, err := pool.classes()
	if err != nil {
		t.Fatal(err)
	}
	pool = pool.byClass(class, len(first))
	table := slope(t, pool)
	best := func(s Settings, threads int) (mean float64, all []Trace) {
		e := arch2vecExperiment(t, s, pool, table, 40)
		e.Threads = threads
		all, err := e.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, trace := range all {
			mean += trace.Queries[trace.Best()].Validation / float64(len(all))
		}
		return mean, all
	}
	random, _ := best(Random{}, 2)
	for _, m := range arch2vecMethods() {
		if m.Pool == NoPool { // supervised: TestSupervised
			continue
		}
		got, traces := best(m.Default(nasbench201.Name), 2)
		if m.Name != "arch2vec-rl" && !(got > random+0.3) { // a policy learns little from 40 answers
			t.Errorf("%s reaches %.2f, random search %.2f", m.Name, got, random)
		}
		for _, trace := range traces {
			seen := map[string]bool{}
			for _, q := range trace.Queries {
				if seen[q.Cell] {
					t.Fatalf("%s, seed %d: %s is asked twice", m.Name, trace.Seed, q.Cell)
				}
				seen[q.Cell] = true
			}
		}
		_, again := best(m.Default(nasbench201.Name), 1)
		for i := range traces {
			if !slices.Equal(traces[i].Queries, again[i].Queries) {
				t.Errorf("%s, seed %d: one thread gives another trace", m.Name, traces[i].Seed)
			}
		}
	}
}

// The supervised methods train on their answers, go on in the codes of what they
// trained, and give the same cells for the same seed.
func TestSupervised(t *testing.T) {
	pool := codes()
	table := slope(t, pool)
	encoder := Encoder{Epochs: 2, Every: 100}
	bo, rl := Arch2vecBO{Initial: 10, Batch: 2, Model: dngo.DefaultSettings()}, Arch2vecRL{Episode: 4, Hidden: 32, Rate: 0.01}
	for _, s := range []Settings{SupervisedBO{Search: bo, Encoder: encoder}, SupervisedRL{Search: rl, Encoder: encoder}} {
		run := func(threads int) []Query {
			e := arch2vecExperiment(t, s, nil, table, 16)
			e.Last, e.Threads = 1, threads
			traces, err := e.Run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			return traces[0].Queries
		}
		one := run(1)
		if two := run(2); len(one) != 16 || !slices.Equal(one, two) {
			t.Errorf("%s: %d queries, or others with two threads", s.Method(), len(one))
		}
	}
	for _, s := range []Settings{SupervisedBO{Search: bo}, SupervisedRL{Search: rl}} {
		if _, err := s.New(Problem{Space: pool.Space, Seed: 1, Threads: 1}); err == nil {
			t.Errorf("%s without epochs: no error", s.Method())
		}
	}
}

// The published code's cells are bought twice.
func TestArch2vecPublishedRepeats(t *testing.T) {
	table := landscape(t)
	settings, err := SettingsOf("arch2vec-bo", nasbench201.Name, true)
	if err != nil {
		t.Fatal(err)
	}
	traces, err := arch2vecExperiment(t, settings, codes(), table, 40).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	repeats := 0
	for _, trace := range traces {
		seen := map[string]bool{}
		for _, q := range trace.Queries {
			if seen[q.Cell] {
				repeats++
			}
			seen[q.Cell] = true
		}
	}
	if repeats == 0 {
		t.Error("no cell was asked twice")
	}
}

// A step of arch2vec-RL goes to the nearest cell that was not asked, or, as
// published, to the second nearest.
func TestArch2vecRLNearest(t *testing.T) {
	pool := codes()
	for _, second := range []bool{false, true} {
		made, err := Arch2vecRL{Episode: 4, Hidden: 32, Rate: 0.01, Second: second}.New(Problem{Space: pool.Space, Pool: pool, Seed: 5, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		s := made.(*arch2vecRL)
		asked := map[int]bool{s.state: true}
		for range 12 {
			cells, err := s.Ask(1)
			if err != nil {
				t.Fatal(err)
			}
			type near struct {
				cell int
				d    float32
			}
			var all []near
			for i := range pool.Space.Len() {
				if !asked[i] {
					d := float32(0)
					for k, v := range s.row(i) {
						d += (v - s.point[k]) * (v - s.point[k])
					}
					all = append(all, near{i, d})
				}
			}
			slices.SortFunc(all, func(a, b near) int {
				if a.d < b.d {
					return -1
				}
				return 1
			})
			got, _ := pool.Space.Index(cells[0])
			want := all[0]
			if second {
				want = all[1]
			}
			var d float32
			for k, v := range s.row(got) {
				d += (v - s.point[k]) * (v - s.point[k])
			}
			if math.Abs(float64(d-want.d)) > 1e-4 {
				t.Fatalf("second %v: went to cell %d at %v, wanted %d at %v", second, got, d, want.cell, want.d)
			}
			asked[got] = true
			if err := s.Tell(cells[0], benchmark.Score{Validation: 90}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// With an index a run is the same as without.
func TestArch2vecRLIndex(t *testing.T) {
	pool := codes()
	for _, second := range []bool{false, true} {
		var runs [2]*arch2vecRL
		for i := range runs {
			made, err := Arch2vecRL{Episode: 4, Hidden: 32, Rate: 0.01, Second: second}.New(Problem{Space: pool.Space, Pool: pool, Seed: 5, Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			runs[i] = made.(*arch2vecRL)
		}
		var err error
		if runs[1].index, err = pool.nearest(); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			var asked [2]cell.Cell
			for i, s := range runs {
				cells, err := s.Ask(1)
				if err != nil {
					t.Fatal(err)
				}
				asked[i] = cells[0]
				if err := s.Tell(cells[0], benchmark.Score{Validation: float64(s.state % 97)}); err != nil {
					t.Fatal(err)
				}
			}
			if asked[0] != asked[1] {
				t.Fatalf("second %v: a scan went to %v, an index to %v", second, asked[0], asked[1])
			}
		}
	}
}

func TestUtilities(t *testing.T) {
	// The 5 answers' ranks, a tie taking the worse: 4, 1, 3, 3, 5.
	answers := []float64{0.7, 0.95, 0.9, 0.9, 0.1}
	got := utilities([]float64{0.95, 0.9, 0.7, 0.1}, answers)
	want := []float64{math.Log(3.5), math.Log(3.5 / 3), 0, 0}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) < 1e-12) {
			t.Errorf("utilities %v, want %v", got, want)
		}
	}
	if answers[0] != 0.7 || answers[4] != 0.1 {
		t.Errorf("the answers are now %v", answers)
	}
}

// A policy rewarded by ranks goes the same way on any increasing function of the
// scores; by accuracies it does not.
func TestArch2vecRLRanks(t *testing.T) {
	pool := codes()
	table := slope(t, pool)
	walk := func(ranks bool, power float64) (asked []cell.Cell) {
		settings := Arch2vecRL{Episode: 4, Hidden: 32, Rate: 0.1, Restart: true, Ranks: ranks}
		s, err := settings.New(Problem{Space: pool.Space, Pool: pool, Seed: 5, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		for range 40 {
			cells, err := s.Ask(1)
			if err != nil {
				t.Fatal(err)
			}
			score, err := table.Score(context.Background(), cells[0])
			if err != nil {
				t.Fatal(err)
			}
			score.Validation = 100 * math.Pow(score.Validation/100, power)
			if err := s.Tell(cells[0], score); err != nil {
				t.Fatal(err)
			}
			asked = append(asked, cells[0])
		}
		return asked
	}
	if !slices.Equal(walk(true, 1), walk(true, 9)) {
		t.Error("by ranks: the ninth powers of the scores lead elsewhere")
	}
	if slices.Equal(walk(false, 1), walk(false, 9)) {
		t.Error("by accuracies: the ninth powers of the scores lead to the same cells")
	}
	if slices.Equal(walk(false, 1), walk(true, 1)) {
		t.Error("ranks and accuracies lead to the same cells")
	}
}

func TestPublishedImprovement(t *testing.T) {
	// sigma (pdf(u) + u cdf(u))
	if got, want := publishedImprovement(-2, 0.05), 0.05*(0.0539909665-2*0.0227501319); math.Abs(got-want) > 1e-7 {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := publishedImprovement(-100, 0.001); got != 0 {
		t.Errorf("far below the target: %v, want 0 in float32", got)
	}
}

func TestRaised(t *testing.T) {
	if got := raised([]float64{3, 1, 4, 2}, 0.5); !slices.Equal(got, []float64{3, 3, 4, 3}) {
		t.Error(got)
	}
	if got := raised([]float64{3, 1}, 0); !slices.Equal(got, []float64{3, 1}) {
		t.Error(got)
	}
}

// proposeHighest against sorting.
func TestProposeHighest(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 50 {
		l := latent{asked: make([]bool, 40)}
		values := make([]float64, 40)
		var free []int
		for i := range values {
			values[i] = float64(r.IntN(12))
			if l.asked[i] = r.IntN(3) == 0; !l.asked[i] {
				free = append(free, i)
			}
		}
		slices.SortStableFunc(free, func(a, b int) int { return int(values[b] - values[a]) })
		l.proposeHighest(5, false, func(i int) float64 { return values[i] })
		if want := free[:min(5, len(free))]; !slices.Equal(l.queue, want) {
			t.Fatalf("proposed %v, want %v of %v", l.queue, want, values)
		}
	}
}

func TestArch2vecBadSettings(t *testing.T) {
	pool := codes()
	p := Problem{Space: pool.Space, Pool: pool, Seed: 1, Threads: 1}
	defaults := map[string]Settings{}
	for _, m := range arch2vecMethods() {
		defaults[m.Name] = m.Default(nasbench201.Name)
	}
	bo, rl, x := defaults["arch2vec-bo"].(Arch2vecBO), defaults["arch2vec-rl"].(Arch2vecRL), defaults["arch2vec-x"].(Arch2vecX)
	broken := map[string]func() Settings{
		"initial":  func() Settings { s := bo; s.Initial = 0; return s },
		"batch":    func() Settings { s := bo; s.Batch = 0; return s },
		"floor":    func() Settings { s := bo; s.Floor = 1; return s },
		"model":    func() Settings { s := bo; s.Model.Hidden = 5; return s },
		"episode":  func() Settings { s := rl; s.Episode = 0; return s },
		"gamma":    func() Settings { s := rl; s.Gamma = 2; return s },
		"scale":    func() Settings { s := rl; s.Scale = math.NaN(); return s },
		"noise":    func() Settings { s := x; s.Noise = 0; return s },
		"variance": func() Settings { s := x; s.Variance = -1; return s },
		"length":   func() Settings { s := x; s.Length = math.NaN(); return s },
	}
	for what, settings := range broken {
		if _, err := settings().New(p); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	for _, s := range []Settings{bo, rl, x} {
		if _, err := s.New(Problem{Space: pool.Space, Seed: 1, Threads: 1}); err == nil {
			t.Errorf("%s without embeddings: no error", s.Method())
		}
		made, err := s.New(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := made.Tell(cell.Cell{}, benchmark.Score{}); err == nil {
			t.Errorf("%s: told about a cell that was not proposed, no error", s.Method())
		}
	}
}
