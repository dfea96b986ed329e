package graphae_test

import (
	"context"
	"fmt"

	"arch2vec/native/graphae"
	"arch2vec/native/space"
)

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
