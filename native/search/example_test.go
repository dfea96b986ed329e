package search_test

import (
	"context"
	"fmt"

	"arch2vec/native/benchmark"
	"arch2vec/native/search"
	"arch2vec/native/space/nasbench201"
)

// Search a benchmark of one's own, here one that likes 3x3 convolutions, with
// regularized evolution and eight seeds.
func Example() {
	s := nasbench201.New()
	scores := make([]benchmark.Score, s.Len())
	for i := range scores {
		c := s.Cell(i)
		for edge := 1; edge <= 6; edge++ {
			if c.Op(edge) == nasbench201.Conv3x3 {
				scores[i].Validation += 15
			}
		}
		scores[i].Test, scores[i].Cost = scores[i].Validation, 100
	}
	table, err := benchmark.NewTable("convolutions", s, scores)
	if err != nil {
		fmt.Println(err)
		return
	}
	traces, err := search.Experiment{
		Settings: search.Evolution{Population: 10, Sample: 3},
		Space:    s, Oracle: table,
		Budget: search.Budget{Seconds: 20_000},
		First:  1, Last: 8,
	}.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	best, _ := table.Best()
	summary, err := search.Summarize(traces, best)
	fmt.Printf("%.0f of %.0f after %.0f queries, mean of %d runs, %v\n", summary.Validation.Mean, best, summary.Queries, summary.Runs, err)
	// Output: 77 of 90 after 200 queries, mean of 8 runs, <nil>
}
