package benchmark_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/internal/tabletest"
)

// TestNASBench201 checks the published optima of the real table, and one row of it.
func TestNASBench201(t *testing.T) {
	data, err := benchmark.ReadCSV(t.Context(), tabletest.Path(t, "nb201.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	// The first row of the file, which is not the first cell of the space.
	const arch = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"
	c, err := data.Space().Parse(arch)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		set              benchmark.Dataset
		validation, test float64
		row              benchmark.Score
	}{
		{benchmark.CIFAR10, 91.6067, 94.3733, benchmark.Score{Validation: 81.9827, Test: 85.8633, Cost: 1444.2186 * 12 / 200}},
		{benchmark.CIFAR100, 73.4933, 73.5133, benchmark.Score{Validation: 52.7, Test: 52.9133, Cost: 2888.4372}},
		{benchmark.ImageNet16120, 46.7333, 47.3111, benchmark.Score{Validation: 28.2111, Test: 26.6333, Cost: 8763.5185}},
	} {
		table, err := data.Table(benchmark.Runs{Dataset: want.set})
		if err != nil {
			t.Fatal(err)
		}
		if v, test := table.Best(); v != want.validation || test != want.test {
			t.Errorf("%v: best %v / %v, want %v / %v", want.set, v, test, want.validation, want.test)
		}
		got, err := table.Score(t.Context(), c)
		if err != nil || got.Validation != want.row.Validation || got.Test != want.row.Test || math.Abs(got.Cost-want.row.Cost) > 1e-9 {
			t.Errorf("%v: row 0 is %+v, %v; want %+v", want.set, got, err, want.row)
		}
		if i, _ := data.Space().Index(c); table.At(i) != got {
			t.Errorf("%v: At is %+v, Score %+v", want.set, table.At(i), got)
		}
		if name := "nasbench201/" + want.set.String(); table.Name() != name {
			t.Errorf("name %q, want %q", table.Name(), name)
		}
	}

	seed, err := data.Table(benchmark.Runs{Seed: 888})
	if err == nil {
		t.Errorf("a seed without test accuracy gave %v", seed.Describe())
	} else if !strings.Contains(err.Error(), "no test accuracy on cifar10, 200 epochs, seed 888") {
		t.Errorf("the error is %v", err)
	}
	short, err := data.Table(benchmark.Runs{Epochs: 12, SearchOn: benchmark.Validation})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := short.Score(t.Context(), c); err != nil || s.Validation != 63.364 || s.Test != 69.55 {
		t.Errorf("12 epochs: %+v, %v", s, err)
	}
	same, err := data.Table(benchmark.Runs{SearchOn: benchmark.Test})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := same.Score(t.Context(), c); err != nil || s.Validation != s.Test {
		t.Errorf("searched on test: %+v, %v", s, err)
	}
}

// TestNASBench101 checks the best cell of the real table, which has test accuracies
// only.
func TestNASBench101(t *testing.T) {
	table, err := benchmark.OpenCSV(tabletest.Path(t, "nb101.csv.gz"), benchmark.CIFAR10)
	if err != nil {
		t.Fatal(err)
	}
	const bestRow, best = 4789, 94.3175752957662
	validation, test := table.Best()
	if math.Abs(test-best) > 1e-4 || validation != test || table.At(bestRow).Test != test {
		t.Errorf("best %v / %v, row %d has %v; want %v", validation, test, bestRow, table.At(bestRow).Test, best)
	}
	if table.HasCost() || table.At(0).Cost != 0 {
		t.Error("a table without times has a cost")
	}
	if !strings.Contains(table.Describe(), "searched on the test accuracy") {
		t.Errorf("described as %q", table.Describe())
	}
	if _, err := benchmark.OpenCSV(tabletest.Path(t, "nb101.csv.gz"), benchmark.CIFAR100); err == nil {
		t.Error("NAS-Bench-101 has CIFAR-100")
	}
}

// TestSparse checks that cells which a file does not have are an error.
func TestSparse(t *testing.T) {
	data, err := benchmark.ReadCSV(t.Context(), tabletest.Path(t, "nb101_val30k.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := data.Table(benchmark.Runs{})
	if err != nil {
		t.Fatal(err)
	}
	first, last := data.Space().Cell(0), data.Space().Cell(data.Space().Len()-1)
	if s, err := table.Score(t.Context(), first); err != nil || math.Abs(s.Validation-93.0489) > 1e-9 || s.Cost != 1768.98 {
		t.Errorf("the first row is %+v, %v", s, err)
	}
	if s, err := table.Score(t.Context(), last); !errors.Is(err, benchmark.ErrNoScore) {
		t.Errorf("a row that is not there is %+v, %v", s, err)
	}
	if s, err := table.Score(t.Context(), cell.Cell{}); !errors.Is(err, benchmark.ErrNoScore) {
		t.Errorf("the empty cell is %+v, %v", s, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := table.Score(ctx, first); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled question: %v", err)
	}
}
