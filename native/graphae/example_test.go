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

// A supervised model learns the number of 3x3 convolutions of a cell from 200
// examples.
func ExampleTrainSupervised() {
	s, err := space.Open("nasbench201")
	if err != nil {
		fmt.Println(err)
		return
	}
	const conv3x3 = 2 // its column in s.Ops()
	count := func(i int) (n float64) {
		c := s.Cell(i)
		for v := range c.Len() {
			if c.Op(v) == conv3x3 {
				n++
			}
		}
		return n
	}
	var cells []int
	var targets []float64
	for i := 0; i < 200; i++ {
		cells = append(cells, 77*i)
		targets = append(targets, count(77*i))
	}
	c := graphae.DefaultSupervisedConfig(s.Name())
	c.Epochs, c.Hidden, c.Layers = 40, 32, 2 // small, but enough for counting
	m, err := graphae.TrainSupervised(context.Background(), s, cells, targets, c, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := m.Predict(context.Background(), s, []int{1000, 31}, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("predicted %.0f and %.0f, there are %v and %v\n", y[0], y[1], count(1000), count(31))
	e, err := m.Embed(context.Background(), s, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Rows, "codes of dimension", e.Dim)
	// Output:
	// predicted 1 and 3, there are 1 and 3
	// 15625 codes of dimension 16
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
