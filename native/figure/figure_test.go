package figure

import (
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/cmpimg"

	"arch2vec/native/cell"
	"arch2vec/native/space"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// golden compares got with the picture of this name in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(name) == ".svg" {
		if string(got) != string(want) {
			t.Errorf("%s differs; look at it and run go test -update if it is right:\n%s", name, got)
		}
		return
	}
	same, err := cmpimg.EqualApprox("png", got, want, 0.02)
	if err != nil || !same {
		t.Errorf("%s differs (%v); look at it and run go test -update if it is right", name, err)
	}
}

func goldenPlot(t *testing.T, name string, p *plot.Plot, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	b, err := PNG(p, 5, 3.5)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, name, b)
}

func TestCellNASBench201(t *testing.T) {
	s, err := space.Open("nasbench201")
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Parse("|nor_conv_3x3~0|+|skip_connect~0|none~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "nasbench201.svg", []byte(CellSVG(c, s.Ops(), "a cell of NAS-Bench-201 & friends")))
}

func TestCellsWithLongEdges(t *testing.T) {
	ops := []string{"input", "conv1x1-bn-relu", "conv3x3-bn-relu", "maxpool3x3", "output"}
	dense, err := cell.New([]int{0, 2, 1, 3, 2, 2, 4}, [][2]int{{0, 1}, {0, 2}, {1, 3}, {2, 3}, {3, 4}, {4, 5}, {0, 6}, {5, 6}, {2, 5}})
	if err != nil {
		t.Fatal(err)
	}
	small, err := cell.New([]int{0, 9, 4, cell.Absent}, [][2]int{{0, 1}, {0, 2}, {1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "cells.svg", []byte(CellsSVG([]cell.Cell{dense, small, {}}, ops, []string{"seven nodes", "an operation that is not in the vocabulary"})))
}

// TestLayout checks on random graphs that nothing overlaps: nodes of a layer
// keep their distance and every edge goes from left to right through each layer.
func TestLayout(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		n := 2 + rng.IntN(10)
		var edges [][2]int
		for j := range n {
			for i := range j {
				if rng.Float64() < 0.4 {
					edges = append(edges, [2]int{i, j})
				}
			}
		}
		c, err := cell.New(make([]int, n), edges)
		if err != nil {
			t.Fatal(err)
		}
		l := place(c)
		for _, layer := range l.layers {
			for i := 1; i < len(layer); i++ {
				a, b := l.points[layer[i-1]], l.points[layer[i]]
				apart := 0.45
				if a.node >= 0 && b.node >= 0 {
					apart = 1
				}
				if b.y-a.y < apart-1e-9 {
					t.Fatalf("%v: nodes %d and %d are %v rows apart", c, a.node, b.node, b.y-a.y)
				}
			}
		}
		if len(l.routes) != len(edges) {
			t.Fatalf("%v: %d of %d edges drawn", c, len(l.routes), len(edges))
		}
		for _, r := range l.routes {
			for i := 1; i < len(r); i++ {
				if l.points[r[i]].layer != l.points[r[i-1]].layer+1 {
					t.Fatalf("%v: an edge skips a layer", c)
				}
			}
		}
	}
}

func TestLabel(t *testing.T) {
	for op, want := range map[string]string{
		"nor_conv_3x3": "conv 3×3", "avg_pool_3x3": "avg pool 3×3", "skip_connect": "skip", "none": "none",
		"conv1x1-bn-relu": "conv 1×1", "maxpool3x3": "maxpool 3×3", "sep_conv_5x5": "sep conv 5×5", "c_k-2": "c_k-2",
	} {
		if got := Label(op); got != want {
			t.Errorf("Label(%q) = %q, want %q", op, got, want)
		}
	}
}

func TestLossCurve(t *testing.T) {
	a, b := Series{Name: "training"}, Series{Name: "validation"}
	for i := range 200 {
		x := float64(i)
		a.X, a.Y = append(a.X, x), append(a.Y, math.Exp(-x/40)+0.01+0.005*math.Sin(x))
		if i%20 == 0 {
			b.X, b.Y = append(b.X, x), append(b.Y, math.Exp(-x/40)+0.02)
		}
	}
	a.Y[100] = math.NaN()
	p, err := LossCurve("Pretraining", "step", []Series{a, b})
	goldenPlot(t, "loss.png", p, err)
	if _, err := LossCurve("", "", []Series{{X: []float64{1}}}); err == nil {
		t.Error("a series without its y is no error")
	}
	// One point, no point, and a loss that is not positive are drawable.
	for _, s := range [][]Series{nil, {{X: []float64{1}, Y: []float64{2}}}, {{X: []float64{1, 2}, Y: []float64{0, -1}}}} {
		p, err := LossCurve("", "", s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := PNG(p, 2, 2); err != nil {
			t.Error(err)
		}
	}
}

func TestScatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 900
	points, class := mat.NewDense(n, 2, nil), make([]int, n)
	for i := range n {
		class[i] = i % 4
		points.Set(i, 0, float64(class[i])+0.5*rng.NormFloat64())
		points.Set(i, 1, rng.NormFloat64())
	}
	p, err := ScatterClasses("Embeddings", "first component", "second component", points, class, []string{"0", "1", "2", "3"})
	goldenPlot(t, "scatter.png", p, err)
	class[5] = 4
	if _, err := ScatterClasses("", "", "", points, class, []string{"0", "1", "2", "3"}); err == nil {
		t.Error("a class without a name is no error")
	}
	if _, err := ScatterClasses("", "", "", points, class[1:], nil); err == nil {
		t.Error("a point without a class is no error")
	}
}
