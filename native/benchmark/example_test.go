package benchmark_test

import (
	"context"
	"fmt"

	"arch2vec/native/benchmark"
	"arch2vec/native/space/nasbench201"
)

// A table of one's own: here, the share of edges that are 3x3 convolutions.
func Example() {
	s := nasbench201.New()
	scores := make([]benchmark.Score, s.Len())
	for i := range scores {
		c := s.Cell(i)
		for v := 1; v <= 6; v++ {
			if c.Op(v) == nasbench201.Conv3x3 {
				scores[i].Validation += 100. / 6
			}
		}
		scores[i].Test = scores[i].Validation
		scores[i].Cost = 1
	}
	table, err := benchmark.NewTable("toy", s, scores)
	if err != nil {
		panic(err)
	}
	c, err := s.Parse("|nor_conv_3x3~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|nor_conv_3x3~2|")
	if err != nil {
		panic(err)
	}
	score, err := table.Score(context.Background(), c)
	best, _ := table.Best()
	fmt.Printf("%s: %.0f %% of at most %.0f %%, %v\n", table.Name(), score.Validation, best, err)
	// Output: toy: 50 % of at most 100 %, <nil>
}
