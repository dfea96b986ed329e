package darts_test

import (
	"context"
	"fmt"

	"arch2vec/native/space"
	"arch2vec/native/space/darts"
)

var _ space.Space = (*darts.Space)(nil)

func Example() {
	s, err := darts.Sample(context.Background(), 1000, 1, 2)
	if err != nil {
		panic(err)
	}
	first := s.Cell(0)
	notation, _ := s.Format(first)
	cost, _ := darts.ImageNet(first, first)
	fmt.Println(s.Len(), "cells; the first is")
	fmt.Println(notation)
	fmt.Printf("%.1f million parameters\n", float64(cost.Parameters)/1e6)
	// Output:
	// 1000 cells; the first is
	// avg_pool_3x3~1|none~0|dil_conv_3x3~2|sep_conv_3x3~0|skip_connect~1|avg_pool_3x3~0|skip_connect~4|dil_conv_5x5~3
	// 3.5 million parameters
}
