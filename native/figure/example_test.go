package figure_test

import (
	"fmt"
	"strings"

	"arch2vec/native/cell"
	"arch2vec/native/figure"
)

func Example() {
	c, err := cell.New([]int{0, 1, 2}, [][2]int{{0, 1}, {1, 2}, {0, 2}})
	if err != nil {
		panic(err)
	}
	svg := figure.CellSVG(c, []string{"input", "conv3x3-bn-relu", "output"}, "a residual cell")
	fmt.Println(strings.Count(svg, "<path d=\"M"), "paths,", strings.Contains(svg, "conv 3×3"))
	// Output: 4 paths, true
}
