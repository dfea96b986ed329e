package graphae

import (
	"context"
	"errors"
	"strings"
	"testing"

	"arch2vec/native/space/darts"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// The graphs that are timed have the size of the spaces' cells, and the model
// the published number of parameters.
func TestBenchTrain(t *testing.T) {
	for name, want := range map[string]struct {
		nodes, params int
		ops           []string
	}{
		"nasbench101": {(*nasbench101.Space)(nil).Nodes(), 122617, (*nasbench101.Space)(nil).Ops()},
		"nasbench201": {nasbench201.New().Nodes(), 122907, nasbench201.New().Ops()},
		"darts":       {(*darts.Space)(nil).Nodes(), 123487, (*darts.Space)(nil).Ops()},
	} {
		if benchShapes[name] != [2]int{want.nodes, len(want.ops)} {
			t.Errorf("%s: %v nodes and operations, the space has %d and %d", name, benchShapes[name], want.nodes, len(want.ops))
		}
		for _, threads := range []int{1, 9} {
			r, err := BenchTrain(context.Background(), BenchOptions{Space: name, Threads: threads, Steps: 12, Batch: 5})
			if err != nil {
				t.Fatal(err)
			}
			if r.Params != want.params || r.Steps != 12 || r.ThreadsUsed != min(threads, 4) || r.Threads != threads {
				t.Errorf("%s: %+v", name, r)
			}
			if !(r.P5 > 0 && r.P5 <= r.Median && r.PeakGFlops > 0 && r.PeakGFlops <= r.PeakBest && r.Efficiency > 0) {
				t.Errorf("%s: %+v", name, r)
			}
			if r.AllocsPer >= 1 {
				t.Errorf("%s, %d threads: %v allocations a step", name, threads, r.AllocsPer)
			}
		}
	}
}

func TestBenchTrainRefuses(t *testing.T) {
	for want, o := range map[string]BenchOptions{
		"nasbench201": {Space: "nosuchspace"},
		"gcn":         {Space: "darts", Model: "gcn"},
		"steps":       {Space: "darts", Steps: -1},
		"batch":       {Space: "darts", Batch: -1},
		"threads":     {Space: "darts", Threads: -1},
	} {
		if _, err := BenchTrain(context.Background(), o); err == nil || !strings.HasPrefix(err.Error(), "graphae: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: want an error with %q, got %v", o, want, err)
		}
	}
	if _, err := BenchTrain(&endsAfter{context.Background(), 40}, BenchOptions{Space: "darts", Steps: 1000, Batch: 2}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}
