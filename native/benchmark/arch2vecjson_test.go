package benchmark_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/space"
	"arch2vec/native/space/nasbench201"
)

// matrices are a cell as arch2vec's data files have it.
func matrices(c cell.Cell, nodes, ops int) (adjacency, operations [][]int) {
	for i := range nodes {
		a, o := make([]int, nodes), make([]int, ops)
		if i < c.Len() {
			o[c.Op(i)] = 1
			for j := range c.Len() {
				if c.HasEdge(i, j) {
					a[j] = 1
				}
			}
		}
		adjacency, operations = append(adjacency, a), append(operations, o)
	}
	return adjacency, operations
}

// dataJSON writes some cells of a space, as preprocessing/gen_json.py and
// nasbench201_json.py of the published code do.
func dataJSON(t *testing.T, path string, s space.Space, cells []int, values func(i int) map[string]any) {
	t.Helper()
	var b strings.Builder
	b.WriteByte('{')
	for n, i := range cells {
		entry := values(i)
		entry["module_adjacency"], entry["module_operations"] = matrices(s.Cell(i), s.Nodes(), len(s.Ops()))
		text, err := json.Marshal(entry)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Quote(strconv.Itoa(n)) + ": " + string(text))
	}
	b.WriteByte('}')
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestArch2vecJSON(t *testing.T) {
	dir := t.TempDir()
	s := space101(t)
	cells := []int{0, 77, 4789, s.Len() - 1}
	path := filepath.Join(dir, "data.json")
	dataJSON(t, path, s, cells, func(i int) map[string]any {
		return map[string]any{"validation_accuracy": .5 + float64(i%7)/100, "test_accuracy": .25, "training_time": 1000.5 + float64(i)}
	})
	table, err := benchmark.OpenRuns(t.Context(), path, benchmark.Runs{})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range cells {
		if want := (benchmark.Score{Validation: 100 * (.5 + float64(i%7)/100), Test: 25, Cost: 1000.5 + float64(i)}); table.At(i) != want {
			t.Errorf("row %d: %+v, want %+v", i, table.At(i), want)
		}
	}

	cells = []int{0, 1, 777, nasbench201.Size - 1}
	folder := filepath.Join(dir, "nb201")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for n, name := range []string{"cifar10_valid_converged.json", "cifar100.json", "ImageNet16_120.json"} {
		dataJSON(t, filepath.Join(folder, name), nasbench201.New(), cells, func(i int) map[string]any {
			return map[string]any{"validation_accuracy": 1.5, "test_accuracy": 2.5, "training_time": 100.25 + float64(n),
				"validation_accuracy_avg": 30.5 + float64(i%5+n), "test_accuracy_avg": 40.5 + float64(i%3+n)}
		})
	}
	for n, set := range benchmark.Datasets() {
		for _, path := range []string{folder, filepath.Join(folder, []string{"cifar10_valid_converged.json", "cifar100.json", "ImageNet16_120.json"}[n])} {
			data, err := benchmark.Read(t.Context(), path, benchmark.ReadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			table, err := data.Table(benchmark.Runs{Dataset: set})
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range cells {
				if want := (benchmark.Score{Validation: 30.5 + float64(i%5+n), Test: 40.5 + float64(i%3+n), Cost: 100.25 + float64(n)}); table.At(i) != want {
					t.Errorf("%s, row %d: %+v, want %+v", path, i, table.At(i), want)
				}
			}
		}
	}

	for name, x := range map[string][2]string{
		"cut.json":         {`{"0": {"module_adjacency": [[0,1],[0,`, "byte"},
		"list.json":        {`{"0": []}`, "cell 0"},
		"wrong space.json": {mustRead(t, filepath.Join(folder, "cifar100.json")), "told by their names"},
		"empty.json":       {`{}`, "no cell"},
		"twice.json":       {mustRead(t, filepath.Join(dir, "data.json")) + "{}", "follows"},
		"hot.json":         {`{"0": {"module_adjacency": [[0,1],[0,0]], "module_operations": [[1,1],[0,1]]}}`, "one-hot"},
		"back.json":        {`{"0": {"module_adjacency": [[0,1],[1,0]], "module_operations": [[1,0,0,0,0],[0,0,0,0,1]]}}`, "lower to a higher"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(x[0]), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := benchmark.Read(t.Context(), path, benchmark.ReadOptions{}); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), x[1]) {
			t.Errorf("%s: %v; want %q", name, err, x[1])
		}
	}
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
