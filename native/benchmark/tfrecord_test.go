package benchmark_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/space/nasbench101"
)

// record frames data as TensorFlow does.
func record(data []byte) []byte {
	masked := func(b []byte) uint32 {
		crc := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
		return (crc>>15 | crc<<17) + 0xa282ead8
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	out = binary.LittleEndian.AppendUint32(out, masked(out))
	out = append(out, data...)
	return binary.LittleEndian.AppendUint32(out, masked(data))
}

// evaluation is one of the three of a training; accuracies are fractions.
type evaluation struct{ epoch, seconds, train, validation, test float64 }

// module is a record of NAS-Bench-101 as the benchmark writes it.
func module(hash string, epochs int, c cell.Cell, evaluations []evaluation) []byte {
	vocabulary := []string{"input", "conv1x1-bn-relu", "conv3x3-bn-relu", "maxpool3x3", "output"}
	var adjacency strings.Builder
	var ops []string
	for i := range c.Len() {
		ops = append(ops, vocabulary[c.Op(i)])
		for j := range c.Len() {
			adjacency.WriteByte("01"[map[bool]int{c.HasEdge(i, j): 1}[true]])
		}
	}
	var message []byte
	for _, e := range evaluations {
		var inner []byte
		for i, v := range []float64{e.epoch, e.seconds, e.train, e.validation, e.test} {
			inner = protowire.AppendTag(inner, protowire.Number(i+1), protowire.Fixed64Type)
			inner = protowire.AppendFixed64(inner, math.Float64bits(v))
		}
		inner = protowire.AppendTag(inner, 6, protowire.BytesType)
		inner = protowire.AppendString(inner, "/path/to/model.ckpt-1234")
		message = protowire.AppendTag(message, 1, protowire.BytesType)
		message = protowire.AppendBytes(message, inner)
	}
	message = protowire.AppendTag(message, 2, protowire.VarintType)
	message = protowire.AppendVarint(message, 8555530)
	message = protowire.AppendTag(message, 3, protowire.Fixed64Type)
	message = protowire.AppendFixed64(message, math.Float64bits(4242.5))
	row, err := json.Marshal([]any{hash, epochs, adjacency.String(), strings.Join(ops, ","), base64.StdEncoding.EncodeToString(message)})
	if err != nil {
		panic(err)
	}
	return row
}

// renumbered is the same cell with two neighbouring nodes in the other order, if it
// has two that may be.
func renumbered(c cell.Cell) cell.Cell {
	for v := 1; v+2 < c.Len(); v++ {
		if c.HasEdge(v, v+1) {
			continue
		}
		swap := func(i int) int {
			switch i {
			case v:
				return v + 1
			case v + 1:
				return v
			}
			return i
		}
		ops := make([]int, c.Len())
		for i := range ops {
			ops[swap(i)] = c.Op(i)
		}
		edges := c.Edges()
		for i, e := range edges {
			edges[i] = [2]int{swap(e[0]), swap(e[1])}
		}
		d, err := cell.New(ops, edges)
		if err != nil {
			panic(err)
		}
		return d
	}
	return c
}

func space101(t testing.TB) *nasbench101.Space {
	t.Helper()
	s, err := nasbench101.Open()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTFRecord reads a sample of NAS-Bench-101 in the layout of nasbench_full, the
// nodes of some cells in another order than the space's.
func TestTFRecord(t *testing.T) {
	s := space101(t)
	rng := rand.New(rand.NewPCG(1, 2))
	rows := []int{0, 1, 4789, s.Len() - 1}
	for range 20 {
		rows = append(rows, rng.IntN(s.Len()))
	}
	type training struct{ row, epochs, repeat int }
	want := map[training][]evaluation{}
	var file bytes.Buffer
	for _, epochs := range []int{108, 12} {
		for repeat := range 3 {
			for _, row := range rows {
				at := training{row, epochs, repeat}
				if want[at] != nil { // drawn twice
					continue
				}
				c := s.Cell(row)
				hash, err := s.ClassHash(c)
				if err != nil {
					t.Fatal(err)
				}
				accuracy := func() float64 { return float64(float32(rng.IntN(9985)) / 9984) }
				evaluations := []evaluation{{0, 0, .1, .1, .1}}
				for _, e := range []int{epochs / 2, epochs} {
					evaluations = append(evaluations, evaluation{float64(e), float64(e)*10 + rng.Float64(), accuracy(), accuracy(), accuracy()})
				}
				want[at] = evaluations
				file.Write(record(module(hash, epochs, renumbered(c), evaluations)))
			}
		}
	}
	path := filepath.Join(t.TempDir(), "nasbench_full.tfrecord")
	if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	l := benchmark.Library{Dir: t.TempDir()}
	if _, err := l.Import(t.Context(), path, "", benchmark.ReadOptions{}); err != nil {
		t.Fatal(err)
	}
	data, err := l.Open(t.Context(), nasbench101.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, runs := range []benchmark.Runs{
		{}, {Epochs: 12}, {Epochs: 12, At: 6}, {Epochs: 12, Seed: 2}, {Seed: 3, SearchOn: benchmark.Train}, {Epochs: 108, At: 54, Seed: 1, CostEpochs: 54},
	} {
		table, err := data.Table(runs)
		if err != nil {
			t.Fatal(err)
		}
		full := table.Runs()
		for _, row := range rows {
			var want3 benchmark.Score
			n := 0.0
			for repeat := range 3 {
				if runs.Seed != 0 && runs.Seed != repeat+1 {
					continue
				}
				n++
				e := want[training{row, full.Epochs, repeat}]
				at := e[2]
				if full.At == full.Epochs/2 {
					at = e[1]
				}
				v := at.validation
				if runs.SearchOn == benchmark.Train {
					v = at.train
				}
				want3.Validation += 100 * v
				want3.Test += 100 * at.test
				want3.Cost += e[2].seconds * float64(full.CostEpochs) / float64(full.Epochs)
			}
			got := table.At(row)
			near := func(a, b float64) bool { return math.Abs(a-b/n) < 1e-9 }
			if !near(got.Validation, want3.Validation) || !near(got.Test, want3.Test) || !near(got.Cost, want3.Cost) {
				t.Fatalf("%v, row %d: %+v, want %+v of %v", full, row, got, want3, n)
			}
		}
	}
}

// TestTFRecordRefusals checks what bad files are told, and where.
func TestTFRecordRefusals(t *testing.T) {
	s := space101(t)
	c := s.Cell(5)
	hash, err := s.ClassHash(c)
	if err != nil {
		t.Fatal(err)
	}
	good := []evaluation{{0, 0, .1, .1, .1}, {54, 500, .5, .5, .5}, {108, 1000, .9, .9, .9}}
	first := record(module(hash, 108, c, good))
	second := record(module(hash, 108, c, good))
	change := func(at int) []byte {
		b := append([]byte(nil), second...)
		b[at] ^= 1
		return b
	}
	bad := append([]evaluation(nil), good...)
	bad[2].test = 1.5
	nan := append([]evaluation(nil), good...)
	nan[2].validation = math.NaN()
	at := fmt.Sprintf("byte %d: ", len(first))
	for _, x := range []struct {
		name string
		rest []byte
		says string
	}{
		{"length", change(3), "checksum of a record's length"},
		{"data", change(40), "checksum of a record is wrong"},
		{"checksum", change(len(second) - 1), "checksum of a record is wrong"},
		{"cut", second[:len(second)-9], "breaks off"},
		{"head", second[:5], "breaks off"},
		{"huge", record(make([]byte, 1<<20+1)), "a record of 1048577 bytes"},
		{"json", record([]byte(`["a",1]`)), "hash"},
		{"no list", record([]byte(`{"a":1}`)), "no JSON list"},
		{"hash", record(module(strings.Repeat("0", 32), 108, c, good)), "not that of its cell"},
		{"accuracy", record(module(hash, 108, c, bad)), "150 % is not an accuracy"},
		{"nan", record(module(hash, 108, c, nan)), "not an accuracy"},
		{"evaluations", record(module(hash, 108, c, good[:1])), "1 evaluations"},
		{"epochs", record(module(hash, -1, c, good)), "-1 epochs"},
		{"base64", record([]byte(`["` + hash + `",108,"0111","input,output","***"]`)), "byte"},
	} {
		path := filepath.Join(t.TempDir(), "nasbench_only108.tfrecord")
		if err := os.WriteFile(path, append(first[:len(first):len(first)], x.rest...), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := benchmark.Read(t.Context(), path, benchmark.ReadOptions{})
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), at) || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v; want %q and %q", x.name, err, at, x.says)
		}
	}
}
