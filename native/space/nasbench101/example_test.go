package nasbench101_test

import (
	"fmt"

	"arch2vec/native/space"
	"arch2vec/native/space/nasbench101"
)

var _ space.Space = (*nasbench101.Space)(nil)

func Example() {
	s, err := nasbench101.Open()
	if err != nil {
		panic(err)
	}
	best, err := s.Parse("02e5a0247bbdcf2860b7e96f74961594")
	if err != nil {
		panic(err)
	}
	row, _ := s.Index(best)
	notation, _ := s.Format(best)
	parameters, _ := s.Parameters(best)
	fmt.Println(s.Len(), "cells; the best is row", row)
	fmt.Println(notation)
	fmt.Println(parameters, "parameters")
	// Output:
	// 423624 cells; the best is row 4789
	// input:1,2,5,6|conv1x1-bn-relu:5|conv3x3-bn-relu:3|maxpool3x3:4|conv3x3-bn-relu:5|conv3x3-bn-relu:6|output
	// 32426634 parameters
}
