package graphae_test

import (
	"context"
	"fmt"

	"arch2vec/native/graphae"
	"arch2vec/native/space"
)

func Example() {
	s, err := space.Open("nasbench201")
	if err != nil {
		fmt.Println(err)
		return
	}
	c := graphae.DefaultConfig(s.Name())
	c.Epochs, c.Hidden, c.Layers = 1, 32, 1 // far too small, but quick
	t, err := graphae.NewTrainer(s, c)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = t.Run(context.Background(), func(p graphae.Progress) {
		if p.EpochEnd {
			fmt.Printf("epoch %d of %d: %d steps\n", p.Epoch, p.Epochs, p.Steps)
		}
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	m := t.Model()
	mu, err := m.Encode(s.Cell(0))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(mu), "=", m.Nodes(), "nodes x", m.Dim())
	e, err := m.Embed(context.Background(), s, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Rows, "embeddings of dimension", e.Dim)
	// Output:
	// epoch 1 of 1: 440 steps
	// 128 = 8 nodes x 16
	// 15625 embeddings of dimension 16
}

func ExampleModel_Sample() {
	s, err := space.Open("nasbench201")
	if err != nil {
		fmt.Println(err)
		return
	}
	c := graphae.DefaultConfig(s.Name())
	c.Epochs, c.Hidden, c.Layers = 1, 32, 1 // far too small, but quick
	t, err := graphae.NewTrainer(s, c)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := t.Run(context.Background(), nil); err != nil {
		fmt.Println(err)
		return
	}
	cells, err := t.Model().Sample(context.Background(), s, 1000, 7)
	if err != nil {
		fmt.Println(err)
		return
	}
	legal := 0
	for _, c := range cells {
		if s.Check(c) == nil {
			legal++
		}
	}
	fmt.Println(legal, "of", len(cells), "are cells of the space")
	// Output: 1000 of 1000 are cells of the space
}
