package search

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/internal/lock"
)

// counted counts what an oracle is asked.
func counted(o benchmark.Oracle, n *atomic.Int64) benchmark.Oracle {
	return oracleFunc(func(ctx context.Context, c cell.Cell) (benchmark.Score, error) {
		n.Add(1)
		return o.Score(ctx, c)
	})
}

func evolutionOn(o benchmark.Oracle, table *benchmark.Table) Experiment {
	return Experiment{Settings: Evolution{Population: 5, Sample: 2}, Space: table.Space(), Oracle: o, Budget: Budget{Queries: 20}, First: 7}
}

// Whatever byte of the trace was the last to be written, resuming asks what is
// missing, nothing else, and ends with the same file.
func TestResumeFromEveryByte(t *testing.T) {
	table := landscape(t)
	var asked atomic.Int64
	e := evolutionOn(counted(table, &asked), table)
	e.Dir, e.Resume = t.TempDir(), true
	want := mustRun(t, e)
	path := filepath.Join(e.Dir, "evolution-00007.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head := bytes.IndexByte(whole, '\n')
	for size := 0; size <= len(whole); size++ {
		if size < head && size%50 > 1 || size > 3*head && size%7 > 0 {
			continue // the same again and again
		}
		if err := os.WriteFile(path, whole[:size], 0o644); err != nil {
			t.Fatal(err)
		}
		asked.Store(0)
		got := mustRun(t, e)
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := max(0, bytes.Count(whole[:size], []byte("\n"))-1)
		if !reflect.DeepEqual(got, want) || !bytes.Equal(after, whole) || asked.Load() != int64(20-lines) {
			t.Fatalf("cut to %d bytes, %d queries: asked %d, same trace %v, same file %v", size, lines, asked.Load(), reflect.DeepEqual(got, want), bytes.Equal(after, whole))
		}
	}
}

// A finished run can be continued with a larger budget.
func TestLargerBudget(t *testing.T) {
	table := landscape(t)
	var asked atomic.Int64
	for _, budgets := range [][2]Budget{{{Queries: 10}, {Queries: 25}}, {{Seconds: 700}, {Seconds: 2000}}} {
		e := evolutionOn(counted(table, &asked), table)
		e.Budget = budgets[1]
		want := mustRun(t, e)
		total := asked.Swap(0)
		e.Dir, e.Budget = t.TempDir(), budgets[0]
		first := mustRun(t, e)
		e.Resume, e.Budget = true, budgets[1]
		if got := mustRun(t, e); !reflect.DeepEqual(got, want) || asked.Swap(0) != total {
			t.Errorf("%+v: another result, or asked twice", budgets)
		}
		if len(first[0].Queries) >= len(want[0].Queries) {
			t.Error("the smaller budget was no smaller")
		}
	}
}

// counting counts strategies.
type counting struct {
	Evolution
	made *atomic.Int64
}

func (c counting) New(p Problem) (Strategy, error) {
	c.made.Add(1)
	return c.Evolution.New(p)
}

// A finished run is taken as it is, its proposals are not computed again; one with a
// smaller budget is its beginning.
func TestFinishedRun(t *testing.T) {
	table := landscape(t)
	var made, asked atomic.Int64
	e := evolutionOn(counted(table, &asked), table)
	e.Settings = counting{Evolution{Population: 5, Sample: 2}, &made}
	for name, budget := range map[string]Budget{
		"queries": {Queries: 20}, "seconds": {Seconds: 2000}, "overrun": {Seconds: 2000, Overrun: true}, "both": {Queries: 12, Seconds: 2000},
	} {
		e.Dir, e.Resume, e.Budget = t.TempDir(), true, budget
		want := mustRun(t, e)
		made.Store(0)
		asked.Store(0)
		if got := mustRun(t, e); !reflect.DeepEqual(got, want) || made.Load() != 0 || asked.Load() != 0 {
			t.Errorf("%s: finished, and then %d strategies were made and %d questions asked", name, made.Load(), asked.Load())
		}
		e.Budget.Queries = 5
		if got := mustRun(t, e); !reflect.DeepEqual(got[0].Queries, want[0].Queries[:5]) || made.Load() != 0 {
			t.Errorf("%s: with a smaller budget not the beginning", name)
		}
		e.Budget = Budget{Queries: len(want[0].Queries) + 3}
		if got := mustRun(t, e); len(got[0].Queries) != e.Budget.Queries || made.Load() != 1 {
			t.Errorf("%s: with a larger budget %d queries", name, len(got[0].Queries))
		}
	}
}

// The query that crosses a budget in seconds counts only with Overrun.
func TestBudgetInSeconds(t *testing.T) {
	table := landscape(t)
	e := evolutionOn(table, table)
	e.Budget = Budget{Seconds: 1000}
	within := mustRun(t, e)[0].Queries
	e.Budget.Overrun = true
	over := mustRun(t, e)[0].Queries
	if len(over) != len(within)+1 || within[len(within)-1].Time > 1000 || over[len(over)-1].Time <= 1000 {
		t.Errorf("within: %d queries, with overrun: %d", len(within), len(over))
	}
}

func TestRefusals(t *testing.T) {
	table := landscape(t)
	for says, change := range map[string]func(*Experiment){
		"no budget":           func(e *Experiment) { e.Budget = Budget{} },
		"budget of -1":        func(e *Experiment) { e.Budget = Budget{Queries: -1} },
		"budget of NaN":       func(e *Experiment) { e.Budget = Budget{Seconds: math.NaN()} },
		"seeds 7 to 3":        func(e *Experiment) { e.Last = 3 },
		"more than 1000000":   func(e *Experiment) { e.First, e.Last = 0, math.MaxUint64 },
		"a batch of":          func(e *Experiment) { e.Batch = 1 << 30 },
		"needs settings":      func(e *Experiment) { e.Settings = nil },
		"folder of the trace": func(e *Experiment) { e.Resume = true },
		"population 0":        func(e *Experiment) { e.Settings = Evolution{} },
		"learning rate 0":     func(e *Experiment) { e.Settings = Reinforce{} },
		"eta 0":               func(e *Experiment) { e.Settings = BOHB{} },
	} {
		e := evolutionOn(table, table)
		change(&e)
		if _, err := e.Run(context.Background()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want an error that says %q, not %v", says, err)
		}
	}
	if _, err := Lookup("annealing"); err == nil || !strings.Contains(err.Error(), "evolution") {
		t.Errorf("unknown method: %v", err)
	}
}

// Two searches with one folder do not write the same trace: the second one ends, says
// which, and changes nothing. When the first is done, it goes on from there.
func TestTwoSearches(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files are not locked here")
	}
	table := landscape(t)
	first := evolutionOn(nil, table)
	first.Dir, first.Resume = t.TempDir(), true
	second := first
	second.Oracle = oracleFunc(table.Score)
	var asked atomic.Int64
	first.Oracle = oracleFunc(func(ctx context.Context, c cell.Cell) (benchmark.Score, error) {
		if asked.Add(1) == 10 {
			_, err := second.Run(ctx)
			if !errors.Is(err, lock.ErrTaken) || !strings.Contains(err.Error(), "evolution-00007.jsonl") {
				t.Errorf("a second search at the same time: %v", err)
			}
		}
		return table.Score(ctx, c)
	})
	want := mustRun(t, first)
	if got := mustRun(t, second); len(want[0].Queries) != 20 || !reflect.DeepEqual(got, want) {
		t.Errorf("%d queries, and afterwards %d", len(want[0].Queries), len(got[0].Queries))
	}
}

// A trace is neither overwritten nor continued by another run.
func TestTraceOfAnother(t *testing.T) {
	table := landscape(t)
	e := evolutionOn(table, table)
	e.Dir = t.TempDir()
	mustRun(t, e)
	if _, err := e.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("overwritten: %v", err)
	}
	e.Resume = true
	e.Settings = Evolution{Population: 6, Sample: 2}
	if _, err := e.Run(context.Background()); !errors.Is(err, errTrace) {
		t.Errorf("continued with other settings: %v", err)
	}
	e.Settings = Evolution{Population: 5, Sample: 2}
	path := filepath.Join(e.Dir, "evolution-00007.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for says, damaged := range map[string][]byte{
		"line 3":           bytes.Replace(whole, []byte(`{"query":2`), []byte(`{"query":3`), 1),
		"line 2":           bytes.Replace(whole, []byte(`{"query":1`), []byte(`"query":1`), 1),
		"but this run":     bytes.Replace(whole, []byte("~0|+"), []byte("~0~+"), 1),
		"trace of this ru": whole[bytes.IndexByte(whole, '\n')+1:],
	} {
		if err := os.WriteFile(path, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Run(context.Background()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("damaged: want an error that says %q, not %v", says, err)
		}
	}
}

// An oracle that does not answer with a score ends the run where it was, with a
// whole trace, or is passed over, as the settings say.
func TestBadOracles(t *testing.T) {
	table := landscape(t)
	hang := make(chan struct{})
	defer close(hang)
	broken := errors.New("out of memory")
	for says, bad := range map[string]func(benchmark.Score) (benchmark.Score, error){
		"out of memory":           func(s benchmark.Score) (benchmark.Score, error) { return s, broken },
		"validation accuracy NaN": func(s benchmark.Score) (benchmark.Score, error) { s.Validation = math.NaN(); return s, nil },
		"validation accuracy 101": func(s benchmark.Score) (benchmark.Score, error) { s.Validation = 101; return s, nil },
		"test accuracy -1":        func(s benchmark.Score) (benchmark.Score, error) { s.Test = -1; return s, nil },
		"cost +Inf":               func(s benchmark.Score) (benchmark.Score, error) { s.Cost = math.Inf(1); return s, nil },
		"cost 1e+308":             func(s benchmark.Score) (benchmark.Score, error) { s.Cost = 1e308; return s, nil },
		"did not answer within":   func(s benchmark.Score) (benchmark.Score, error) { <-hang; return s, nil },
	} {
		want := mustRun(t, evolutionOn(table, table))
		var asked atomic.Int64
		e := evolutionOn(oracleFunc(func(ctx context.Context, c cell.Cell) (benchmark.Score, error) {
			s, err := table.Score(ctx, c)
			if n := asked.Add(1); n == 6 && err == nil {
				return bad(s)
			}
			return s, err
		}), table)
		e.Timeout = 30 * time.Millisecond
		if strings.Contains(says, "within") {
			e.Timeout = 5 * time.Millisecond
		} else {
			e.Timeout = 0
		}
		e.Dir = t.TempDir()
		_, err := e.Run(context.Background())
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "seed 7: query 6") {
			t.Errorf("want an error that says %q, not %v", says, err)
		}
		if lines := countLines(t, filepath.Join(e.Dir, "evolution-00007.jsonl")); lines != 6 {
			t.Errorf("%s: %d lines in the trace, want the head and 5 queries", says, lines)
		}
		e.Resume, e.Timeout = true, 0
		if got := mustRun(t, e); !reflect.DeepEqual(got, want) || asked.Load() != 21 {
			t.Errorf("%s: after the failure another result, or %d questions", says, asked.Load())
		}

		asked.Store(0)
		e.Retries, e.Resume, e.Dir = 1, false, ""
		if strings.Contains(says, "within") {
			e.Timeout = 5 * time.Millisecond
		}
		if got := mustRun(t, e); !reflect.DeepEqual(got, want) || asked.Load() != 21 {
			t.Errorf("%s: with a retry another result, or %d questions", says, asked.Load())
		}

		asked.Store(0)
		e.Retries, e.OnError, e.Dir = 0, Skip, t.TempDir()
		skipped := mustRun(t, e)
		if q := skipped[0].Queries[5]; !strings.Contains(q.Error, says) || q.Validation != 0 || len(skipped[0].Queries) != 20 || skipped[0].Failures() != 1 {
			t.Errorf("%s: skipped: %+v", says, q)
		}
		e.Resume = true
		if again := mustRun(t, e); !reflect.DeepEqual(again, skipped) || asked.Load() != 20 {
			t.Errorf("%s: skipped and resumed: another result, or %d questions", says, asked.Load())
		}
	}
}

// An oracle that never answers does not keep a run going for ever.
func TestAllFail(t *testing.T) {
	table := landscape(t)
	e := evolutionOn(oracleFunc(func(context.Context, cell.Cell) (benchmark.Score, error) {
		return benchmark.Score{}, errors.New("no GPU")
	}), table)
	e.OnError, e.Budget = Skip, Budget{Seconds: 100}
	if _, err := e.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "20 queries in a row failed") || !strings.Contains(err.Error(), "no GPU") {
		t.Errorf("got %v", err)
	}
	free := evolutionOn(oracleFunc(func(context.Context, cell.Cell) (benchmark.Score, error) {
		return benchmark.Score{Validation: 50}, nil
	}), table)
	free.Budget = Budget{Seconds: 100}
	if _, err := free.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "budget in queries") {
		t.Errorf("a budget in seconds, queries for nothing: %v", err)
	}
}

// A cancelled experiment ends at once, even when the oracle hangs.
func TestCancelled(t *testing.T) {
	table := landscape(t)
	ctx, cancel := context.WithCancel(context.Background())
	hang := make(chan struct{})
	defer close(hang)
	e := evolutionOn(oracleFunc(func(ctx context.Context, c cell.Cell) (benchmark.Score, error) {
		cancel()
		<-hang
		return benchmark.Score{}, nil
	}), table)
	e.Last, e.OnError = 30, Skip
	if _, err := e.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Cells of a batch are asked at the same time, and told in order.
func TestBatch(t *testing.T) {
	table := landscape(t)
	var running, most atomic.Int64
	meet := make(chan struct{})
	e := evolutionOn(oracleFunc(func(ctx context.Context, c cell.Cell) (benchmark.Score, error) {
		defer running.Add(-1)
		if n := running.Add(1); n > most.Load() {
			most.Store(n)
			if n == 4 {
				close(meet)
			}
		}
		select {
		case <-meet:
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
		}
		return table.Score(ctx, c)
	}), table)
	e.Batch, e.Budget = 4, Budget{Queries: 18}
	got := mustRun(t, e)
	if most.Load() != 4 || len(got[0].Queries) != 18 {
		t.Errorf("%d at a time, %d queries", most.Load(), len(got[0].Queries))
	}
	e.Oracle = table
	if want := mustRun(t, e); !reflect.DeepEqual(got, want) {
		t.Error("the order of answers matters")
	}
}

// full is a file on a disk that has room for some bytes more.
type full struct {
	*os.File
	room int64
}

func (f *full) WriteAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) <= f.room {
		return f.File.WriteAt(b, at)
	}
	n, _ := f.File.WriteAt(b[:f.room-at], at)
	return n, errors.New("no space left on device")
}

// On a full disk the trace ends with its last whole line.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	j, _, err := openJournal(path, header{}, false)
	if err != nil {
		t.Fatal(err)
	}
	j.file = &full{j.file.(*os.File), j.size + 250}
	n := 0
	for ; err == nil; n++ {
		err = j.query(Query{Query: n + 1, Cell: "a cell"})
	}
	if !strings.Contains(err.Error(), "trace not written: no space left") {
		t.Error(err)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	_, queries, err := openJournal(path, header{}, true)
	if err != nil || len(queries) != n-1 || n < 2 || countLines(t, path) != n {
		t.Errorf("%d queries after %d that fitted: %v", len(queries), n-1, err)
	}
}

func countLines(t *testing.T, path string) int {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(data, []byte("\n")) {
		t.Errorf("%s: its last line is not whole", path)
	}
	return bytes.Count(data, []byte("\n"))
}

// FuzzJournal reads any bytes as a trace.
func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"trace":0,"method":"","space":"","oracle":"","seed":0,"batch":0,"settings":null}` + "\n" + `{"query":1}` + "\n"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		queries, size, err := readJournal(bytes.NewReader(data), "fuzzed", header{})
		if err == nil && (size > int64(len(data)) || len(queries) > bytes.Count(data, []byte("\n"))) {
			t.Errorf("%d queries in %d of %d bytes", len(queries), size, len(data))
		}
	})
}
