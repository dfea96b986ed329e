package cell_test

import (
	"fmt"

	"arch2vec/native/cell"
)

func Example() {
	// input -> conv -> output, with a dead end at node 2.
	c, err := cell.New([]int{0, 1, 1, 2}, [][2]int{{0, 1}, {0, 2}, {1, 3}})
	if err != nil {
		panic(err)
	}
	p, ok := c.Prune()
	fmt.Println(p, ok)
	// Output: ops [0 1 2] edges 0->1 1->2 true
}
