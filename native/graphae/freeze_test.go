package graphae

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"arch2vec/native/graphae/safetensors"
)

// From FreezeFrom on running statistics stand still and weights do not; before
// it both move.
func TestFreezeFrom(t *testing.T) {
	s := smallSpace(t, 200)
	c := smallConfigs()["default"]
	c.Epochs, c.FreezeFrom = 4, 0.5
	tr := newTestTrainer(t, s, c)
	state := func() (running, weights []float32) {
		path := filepath.Join(t.TempDir(), "c.safetensors")
		if err := tr.Model().Save(path); err != nil {
			t.Fatal(err)
		}
		f, err := safetensors.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range f.Tensors {
			v, err := x.Float32s()
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case strings.Contains(x.Name, "running"):
				running = append(running, v...)
			case !strings.HasPrefix(x.Name, "prior"):
				weights = append(weights, v...)
			}
		}
		return running, weights
	}
	running, weights := state()
	err := tr.Run(context.Background(), func(p Progress) {
		if !p.EpochEnd {
			return
		}
		r, w := state()
		if frozen := p.Epoch > 2; slices.Equal(r, running) != frozen {
			t.Errorf("epoch %d: running statistics stood still: %v", p.Epoch, !frozen)
		}
		if slices.Equal(w, weights) {
			t.Errorf("epoch %d changed no weights", p.Epoch)
		}
		running, weights = r, w
	})
	if err != nil {
		t.Fatal(err)
	}
	c.FreezeFrom = 1.5
	if c.Validate() == nil {
		t.Error("evaluation mode after the end of the run is accepted")
	}
}
