package graphae

import (
	"context"
	"slices"
	"testing"

	"arch2vec/native/cell"
	"arch2vec/native/space"
)

func TestNumberTwins(t *testing.T) {
	for name, v := range map[string]struct {
		ops   []int
		edges [][2]int
		want  []int8
	}{
		"one branch":        {[]int{0, 1, 2, 4}, [][2]int{{0, 1}, {1, 2}, {2, 3}}, []int8{0, 0, 0, 0}},
		"two equal":         {[]int{0, 2, 2, 4}, [][2]int{{0, 1}, {0, 2}, {1, 3}, {2, 3}}, []int8{0, 0, 1, 0}},
		"two unlike":        {[]int{0, 2, 1, 4}, [][2]int{{0, 1}, {0, 2}, {1, 3}, {2, 3}}, []int8{0, 0, 0, 0}},
		"four equal":        {[]int{0, 1, 1, 1, 1, 4}, [][2]int{{0, 1}, {0, 2}, {0, 3}, {0, 4}, {1, 5}, {2, 5}, {3, 5}, {4, 5}}, []int8{0, 0, 1, 2, 3, 0}},
		"equal branches":    {[]int{0, 1, 2, 1, 2, 4}, [][2]int{{0, 1}, {1, 2}, {2, 5}, {0, 3}, {3, 4}, {4, 5}}, []int8{0, 0, 0, 1, 1, 0}},
		"told apart by one": {[]int{0, 2, 2, 4}, [][2]int{{0, 1}, {0, 2}, {1, 3}, {2, 3}, {1, 2}, {0, 3}}, []int8{0, 0, 1, 0}},
	} {
		c, err := cell.New(v.ops, v.edges)
		if err != nil {
			t.Fatal(err)
		}
		d := newEmptyDataset(8, 5, 1, true)
		if err := d.set(0, c); err != nil {
			t.Fatal(err)
		}
		if got := d.twin[:len(v.want)]; !slices.Equal(got, v.want) {
			t.Errorf("%s: %v, want %v", name, got, v.want)
		}
		if slices.Max(d.twin[len(v.want):]) != 0 {
			t.Errorf("%s: absent nodes are numbered", name)
		}
	}
}

// With twins numbered a model can be exact where it cannot be without.
func TestTwinsReconstructed(t *testing.T) {
	two, err := cell.New([]int{0, 2, 2, 6}, [][2]int{{0, 1}, {0, 2}, {1, 3}, {2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	one, err := cell.New([]int{0, 2, 3, 6}, [][2]int{{0, 1}, {1, 2}, {2, 3}, {0, 3}})
	if err != nil {
		t.Fatal(err)
	}
	s := cellList{newRandomSpace("nasbench201", 8, 7, 1, 1), []cell.Cell{two, one}}
	for _, twins := range []bool{false, true} {
		c := DefaultConfig("nasbench201")
		c.Twins, c.Hidden, c.Layers, c.Holdout, c.Epochs, c.LearningRate = twins, 32, 2, 0, 600, 1e-2
		tr, err := NewTrainer(s, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Run(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		m := tr.Model()
		mu, err := m.Encode(two)
		if err != nil {
			t.Fatal(err)
		}
		same := slices.Equal(mu[m.Dim():2*m.Dim()], mu[2*m.Dim():3*m.Dim()])
		if same == twins {
			t.Errorf("twins %v: the equal branches have the same latent vector: %v", twins, same)
		}
		if joined := m.Decode(mu).HasEdge(1, 2); joined == twins {
			t.Errorf("twins %v: decoded with an edge between the equal branches: %v", twins, joined)
		}
	}
}

// cellList is a space of a few given cells, as far as a Trainer asks.
type cellList struct {
	space.Space
	cells []cell.Cell
}

func (s cellList) Len() int             { return len(s.cells) }
func (s cellList) Cell(i int) cell.Cell { return s.cells[i] }
