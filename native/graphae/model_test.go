package graphae

import (
	"bytes"
	"context"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
)

// Encode is the float64 model in evaluation mode, on every instruction set.
func TestEncode(t *testing.T) {
	for _, name := range []string{"default", modelVGAE, modelGAE} {
		t.Run(name, func(t *testing.T) { testEncode(t, smallConfigs()[name]) })
	}
}

func testEncode(t *testing.T, c Config) {
	s := smallSpace(t, 100)
	for _, simd := range f32.Supported() {
		t.Setenv(f32.EnvVar, simd)
		c.Epochs = 1
		tr := newTestTrainer(t, s, c)
		train(t, tr)
		m := tr.Model()
		ref := newReference(m.net, c)
		for i := range 5 {
			mu, err := m.Encode(s.Cell(i))
			if err != nil {
				t.Fatal(err)
			}
			_, want := ref.loss(tr.data, []int32{int32(i)}, nil, nil)
			for j, v := range mu {
				if w := want[j/m.Dim()][j%m.Dim()]; !(math.Abs(float64(v)-w) <= 1e-4*(1+math.Abs(w))) {
					t.Fatalf("%s, cell %d: mu[%d] = %v, want %v", simd, i, j, v, w)
				}
			}
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	m := newTestTrainer(t, smallSpace(t, 100), smallConfigs()["default"]).Model()
	long, err := cell.New(make([]int, 9), nil)
	if err != nil {
		t.Fatal(err)
	}
	strange, err := cell.New([]int{0, 9, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []cell.Cell{long, strange} {
		if _, err := m.Encode(c); err == nil || !strings.HasPrefix(err.Error(), "graphae: ") {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// Training on leaves a Model that was taken before as it was.
func TestModelIsACopy(t *testing.T) {
	s := smallSpace(t, 100)
	tr := newTestTrainer(t, s, smallConfigs()["default"])
	m := tr.Model()
	before, err := m.Encode(s.Cell(3))
	if err != nil {
		t.Fatal(err)
	}
	train(t, tr)
	after, err := m.Encode(s.Cell(3))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before, after) {
		t.Error("the model changed")
	}
}

// Metrics, counted again through Encode, Decode and Draw.
func TestEvaluate(t *testing.T) {
	s := smallSpace(t, 600)
	c := smallConfigs()["default"]
	tr := newTestTrainer(t, s, c)
	train(t, tr)
	const draws = 400
	got, err := Evaluate(context.Background(), tr, EvalOptions{Draws: draws, Threads: 2, PaperOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	m := tr.Model()
	var ops, edges, cells, n int
	for _, i := range tr.HeldOut() {
		x := s.Cell(i)
		mu, err := m.Encode(x)
		if err != nil {
			t.Fatal(err)
		}
		y := m.Decode(mu)
		n++
		if x == y {
			cells++
		}
		for v := range x.Len() {
			if x.Op(v) == y.Op(v) {
				ops++
			}
			for u := v + 1; u < x.Len(); u++ {
				if x.HasEdge(v, u) == y.HasEdge(v, u) {
					edges++
				}
			}
		}
	}
	want := Metrics{
		OpsAccuracy: 100 * float64(ops) / float64(8*n), EdgeAccuracy: 100 * float64(edges) / float64(28*n),
		CellAccuracy: 100 * float64(cells) / float64(n), HeldOut: n, Draws: draws,
	}
	valid, strict, unpruned, classes := 0, 0, map[string]bool{}, map[string]bool{}
	for _, z := range m.Draw(draws, c.Seed) {
		x := m.Decode(z)
		if s.CheckPublished(x) == nil {
			valid++
			unpruned[x.Hash()] = true
		}
		if s.Check(x) == nil {
			strict++
			h, err := s.ClassHash(x)
			if err != nil {
				t.Fatal(err)
			}
			classes[h] = true
		}
	}
	want.Validity, want.ValidityStrict = percent(valid, draws), percent(strict, draws)
	want.Uniqueness, want.UniquenessIso = percent(len(unpruned), valid), percent(len(classes), strict)
	want.Loss, want.EdgeProbability, want.NonEdgeProbability = got.Loss, got.EdgeProbability, got.NonEdgeProbability
	if got != want {
		t.Errorf("metrics\n%+v, counted again\n%+v", got, want)
	}
	if got.Loss != tr.Losses()[2] || !(got.EdgeProbability > got.NonEdgeProbability) || got.EdgeProbability > 100 {
		t.Errorf("%+v", got)
	}
	again, err := Evaluate(context.Background(), tr, EvalOptions{Draws: draws, Threads: 1, PaperOnly: true})
	if err != nil || again != got {
		t.Errorf("one thread: %+v, %v", again, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Evaluate(ctx, tr, EvalOptions{}); err == nil {
		t.Error("a cancelled evaluation gave no error")
	}
}

// The nodes' embedding is the encoding, whatever the number of threads.
func TestEmbedNodes(t *testing.T) {
	s := smallSpace(t, 77)
	m := newTestTrainer(t, s, smallConfigs()["default"]).Model()
	for _, threads := range []int{1, 3} {
		e, err := m.EmbedNodes(context.Background(), s, threads)
		if err != nil || e.Rows != 77 || e.Dim != m.Nodes()*m.Dim() {
			t.Fatalf("%d x %d, error %v", e.Rows, e.Dim, err)
		}
		for i := range e.Rows {
			mu, err := m.Encode(s.Cell(i))
			if err != nil {
				t.Fatal(err)
			}
			for d, v := range e.Row(i) {
				if !(math.Abs(float64(v-mu[d])) <= 1e-5) {
					t.Fatalf("cell %d: number %d is %v, want %v", i, d, v, mu[d])
				}
			}
		}
	}
}

func TestEmbed(t *testing.T) {
	s := smallSpace(t, 77)
	tr := newTestTrainer(t, s, smallConfigs()["default"])
	train(t, tr)
	m := tr.Model()
	e, err := m.Embed(context.Background(), s, 2)
	if err != nil {
		t.Fatal(err)
	}
	if e.Rows != 77 || e.Dim != 16 {
		t.Fatalf("%d x %d", e.Rows, e.Dim)
	}
	for i := range e.Rows {
		mu, err := m.Encode(s.Cell(i))
		if err != nil {
			t.Fatal(err)
		}
		for d, v := range e.Row(i) {
			var want float64
			for node := range m.Nodes() {
				want += float64(mu[node*m.Dim()+d]) / float64(m.Nodes())
			}
			if !(math.Abs(float64(v)-want) <= 1e-5) {
				t.Fatalf("cell %d: embedding[%d] = %v, want %v", i, d, v, want)
			}
		}
	}
	one, err := m.Embed(context.Background(), s, 1)
	if err != nil || !slices.Equal(one.Data, e.Data) {
		t.Errorf("one thread gives other embeddings (%v)", err)
	}
	if d := e.Dense(); d.At(76, 3) != float64(e.Row(76)[3]) {
		t.Error("Dense differs")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Embed(ctx, s, 2); err == nil {
		t.Error("a cancelled embedding gave no error")
	}
}

func TestSaveEmbeddings(t *testing.T) {
	e := &Embeddings{Rows: 3, Dim: 2, Data: []float32{1, -2, 0.1, 1e-20, 3e8, float32(math.Pi)}}
	dir := t.TempDir()
	npy := filepath.Join(dir, "e.npy")
	if err := e.SaveNPY(npy); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(npy)
	if err != nil {
		t.Fatal(err)
	}
	header := "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"
	if len(data) != 128+24 || !bytes.HasPrefix(data, []byte("\x93NUMPY\x01\x00\x76\x00"+header)) || data[127] != '\n' {
		t.Errorf("npy: %d bytes: %q", len(data), data[:min(len(data), 128)])
	}
	if !bytes.Equal(data[128:136], []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}) {
		t.Errorf("npy data: % x", data[128:])
	}
	table := filepath.Join(dir, "e.csv")
	if err := e.SaveCSV(table); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(table)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 4 || strings.Join(rows[0], ",") != "cell,z0,z1" {
		t.Fatalf("csv: %v, %v", rows, err)
	}
	for i, row := range rows[1:] {
		for d, text := range row[1:] {
			if v, err := strconv.ParseFloat(text, 32); err != nil || float32(v) != e.Row(i)[d] || row[0] != strconv.Itoa(i) {
				t.Errorf("csv row %d: %v", i, row)
			}
		}
	}
	if err := e.SaveNPY(filepath.Join(dir, "no", "e.npy")); err == nil || !strings.Contains(err.Error(), "e.npy") {
		t.Errorf("unwritable: %v", err)
	}
}

// The paper's setting on the whole space, for two epochs: enough for the model
// to have learned what cells are made of.
func TestLearns(t *testing.T) {
	if testing.Short() {
		t.Skip("trains on 15,625 cells")
	}
	c := ReferenceConfig("nasbench201")
	c.Epochs = 2
	tr := newTestTrainer(t, smallSpace(t, 15625), c)
	train(t, tr)
	r, err := Evaluate(context.Background(), tr, EvalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	l := tr.Losses()
	if !(l[1] < l[0]/1.5) || r.OpsAccuracy < 60 || r.EdgeAccuracy < 90 || r.Validity < 20 || r.Uniqueness < 50 {
		t.Errorf("losses %v, %+v", l, r)
	}
}

func TestPermutation(t *testing.T) {
	p := make([]int32, 1000)
	permutation(p, f32.NewKey(1, 2), 3)
	q := slices.Clone(p)
	slices.Sort(q)
	for i, v := range q {
		if int(v) != i {
			t.Fatalf("not a permutation: %d at %d", v, i)
		}
	}
	fixed := 0
	for i, v := range p {
		if int(v) == i {
			fixed++
		}
	}
	if fixed > 10 {
		t.Errorf("%d of 1000 stayed in place", fixed)
	}
}
