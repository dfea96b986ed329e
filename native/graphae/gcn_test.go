package graphae

import (
	"context"
	"testing"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
)

// Ã of a path of three nodes and an absent one, by hand, at s = 2.
func TestPropagation(t *testing.T) {
	c := ConfigFor(modelGAE, "test")
	c.SelfLoop, c.Layers, c.Hidden = 2, 1, 32
	k, err := f32.Select("")
	if err != nil {
		t.Fatal(err)
	}
	f := newInference(newNetwork(c.shape(4, 3), k, false), 1)
	path, err := cell.New([]int{0, 2, 1}, [][2]int{{0, 1}, {1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.data.set(0, path); err != nil {
		t.Fatal(err)
	}
	f.encode(1)
	const third, half, off = 2.0 / 3, 2.0 / 4, 0.288675134594813 // off = 1/sqrt(3*4)
	want := [4][4]float64{{third, off, 0, 0}, {off, half, off, 0}, {0, off, third, 0}, {0, 0, 0, 1}}
	for i, row := range want {
		for j, w := range row {
			if d := float64(f.ws.adj[i*f32.Width+j]) - w; !(d < 1e-6 && d > -1e-6) {
				t.Errorf("Ã[%d,%d] = %v, want %v", i, j, f.ws.adj[i*f32.Width+j], w)
			}
		}
	}
}

// A short training teaches graph convolutions what cells are made of.
func TestGraphConvolutionsLearn(t *testing.T) {
	if testing.Short() {
		t.Skip("trains on 4,000 cells")
	}
	for _, model := range []string{modelVGAE, modelGAE} {
		c := ConfigFor(model, "nasbench201")
		c.Layers, c.Hidden, c.Epochs, c.BatchSize = 3, 64, 3, 8
		tr := newTestTrainer(t, smallSpace(t, 4000), c)
		train(t, tr)
		r, err := Evaluate(context.Background(), tr, EvalOptions{Draws: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if !(r.OpsAccuracy > 75 && r.EdgeAccuracy > 85 && r.Validity > 20 && r.Uniqueness > 50) {
			t.Errorf("%s: %+v", model, r)
		}
	}
}
