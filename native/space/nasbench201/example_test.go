package nasbench201_test

import (
	"fmt"

	"arch2vec/native/space/nasbench201"
)

func Example() {
	s := nasbench201.New()
	c, err := s.Parse("|nor_conv_3x3~0|+|skip_connect~0|none~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|")
	if err != nil {
		panic(err)
	}
	i, _ := s.Index(c)
	fmt.Println("cell", i, c)
	// Output: cell 5554 ops [0 2 4 5 3 1 5 6] edges 0->1 0->2 0->4 1->3 1->5 2->6 3->6 4->7 5->7 6->7
}
