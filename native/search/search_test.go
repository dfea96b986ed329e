package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/space"
	"arch2vec/native/space/nasbench201"
)

// landscape is a benchmark that can be learned: operations and pairs of them have
// effects of their own.
func landscape(t testing.TB) *benchmark.Table {
	t.Helper()
	s := nasbench201.New()
	r := rand.New(rand.NewPCG(1, 2))
	var single [8][7]float64
	var pair [8][7][7]float64
	for i := 1; i < 7; i++ {
		for a := range 7 {
			single[i][a] = r.NormFloat64()
			for b := range 7 {
				pair[i][a][b] = 0.3 * r.NormFloat64()
			}
		}
	}
	scores := make([]benchmark.Score, s.Len())
	for k := range scores {
		c := s.Cell(k)
		v := 60.0
		for i := 1; i < 7; i++ {
			v += 3*single[i][c.Op(i)] + 3*pair[i][c.Op(i)][c.Op(1+i%6)]
		}
		scores[k] = benchmark.Score{Validation: v, Test: v + 1, Cost: 50 + float64(k%100)}
	}
	table, err := benchmark.NewTable("landscape", s, scores)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// randomPool has random embeddings of NAS-Bench-201.
func randomPool() *Pool {
	s := nasbench201.New()
	r := rand.New(rand.NewPCG(3, 3))
	p := &Pool{Space: s, Dim: 16, Z: make([]float32, 16*s.Len()), ID: "random"}
	for i := range p.Z {
		p.Z[i] = float32(r.NormFloat64())
	}
	return p
}

// experiments are all methods with their default and their reference settings, few
// queries each.
func experiments(t *testing.T, table *benchmark.Table) map[string]Experiment {
	t.Helper()
	all := map[string]Experiment{}
	for _, m := range Methods() {
		for _, reference := range []bool{false, true} {
			if reference && m.Reference == nil || strings.HasPrefix(m.Name, "supervised") { // slow: TestSupervised
				continue
			}
			s, err := SettingsOf(m.Name, nasbench201.Name, reference)
			if err != nil {
				t.Fatal(err)
			}
			e := Experiment{Settings: s, Space: table.Space(), Oracle: table, Budget: Budget{Queries: 30}, First: 1, Last: 4, Threads: 1}
			if m.Pool != NoPool {
				e.Pool = randomPool()
			}
			all[fmt.Sprintf("%s reference=%v", m.Name, reference)] = e
		}
	}
	return all
}

func mustRun(t testing.TB, e Experiment) []Trace {
	t.Helper()
	traces, err := e.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return traces
}

// Every method stays within its budget and the space, has the scores right, does
// the same again with any number of threads, and with another seed something else.
func TestEveryMethod(t *testing.T) {
	table := landscape(t)
	for name, e := range experiments(t, table) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			traces := mustRun(t, e)
			for i, trace := range traces {
				if trace.Seed != uint64(i+1) || len(trace.Queries) != 30 {
					t.Fatalf("run %d: seed %d, %d queries", i, trace.Seed, len(trace.Queries))
				}
				time := 0.0
				for k, q := range trace.Queries {
					c, err := e.Space.Parse(q.Cell)
					if err != nil {
						t.Fatal(err)
					}
					row, _ := e.Space.Index(c)
					time += q.Cost
					if want := table.At(row); q.Query != k+1 || (benchmark.Score{Validation: q.Validation, Test: q.Test, Cost: q.Cost}) != want || q.Time != time {
						t.Errorf("query %+v, want %d, %+v, at %v", q, k+1, want, time)
					}
				}
			}
			if reflect.DeepEqual(traces[0].Queries, traces[1].Queries) {
				t.Error("two seeds, one trace")
			}
			e.Threads = 3
			if again := mustRun(t, e); !reflect.DeepEqual(traces, again) {
				t.Error("another result with three threads")
			}
		})
	}
}

// With default settings no cell is asked twice, and all of a small space can be
// asked.
func TestDefaultsDoNotRepeat(t *testing.T) {
	table := landscape(t)
	for _, m := range Methods() {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			e := Experiment{Settings: m.Default(nasbench201.Name), Space: table.Space(), Oracle: table, Budget: Budget{Queries: 60}, First: 9}
			if m.Pool != NoPool {
				e.Pool = randomPool()
			}
			seen := map[string]bool{}
			for _, q := range mustRun(t, e)[0].Queries {
				if seen[q.Cell] {
					t.Errorf("query %d again: %s", q.Query, q.Cell)
				}
				seen[q.Cell] = true
			}
		})
	}
}

// A strategy that learns finds better cells than random search.
func TestLearners(t *testing.T) {
	table := landscape(t)
	mean := func(method string) float64 {
		s, err := SettingsOf(method, nasbench201.Name, false)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		traces := mustRun(t, Experiment{Settings: s, Space: table.Space(), Oracle: table, Budget: Budget{Queries: 60}, First: 1, Last: 6})
		for _, trace := range traces {
			sum += trace.Queries[trace.Best()].Validation / float64(len(traces))
		}
		return sum
	}
	random := mean("random")
	for _, method := range []string{"evolution", "reinforce", "bohb", "local", "gp", "bananas"} {
		if m := mean(method); m < random+1 {
			t.Errorf("%s finds %.2f, random search %.2f", method, m, random)
		}
	}
}

// Spaces other than NAS-Bench-201 are searched too.
func TestDARTS(t *testing.T) {
	s, err := space.Sample(context.Background(), "darts", 300, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	oracle := oracleFunc(func(_ context.Context, c cell.Cell) (benchmark.Score, error) {
		if err := s.Check(c); err != nil {
			return benchmark.Score{}, err
		}
		v := 50.0
		for i := range c.Len() {
			v += float64(c.Op(i)) / 10
		}
		return benchmark.Score{Validation: v, Test: v, Cost: 1}, nil
	})
	for _, m := range Methods() {
		if m.Pool != NoPool {
			continue
		}
		traces := mustRun(t, Experiment{Settings: m.Default("darts"), Space: s, Oracle: oracle, Budget: Budget{Queries: 25}, First: 1})
		if n := len(traces[0].Queries); n != 25 {
			t.Errorf("%s: %d queries", m.Name, n)
		}
	}
}

// oracleFunc is an Oracle that is a function.
type oracleFunc func(ctx context.Context, c cell.Cell) (benchmark.Score, error)

func (oracleFunc) Name() string { return "test/oracle" }

func (f oracleFunc) Score(ctx context.Context, c cell.Cell) (benchmark.Score, error) {
	return f(ctx, c)
}
