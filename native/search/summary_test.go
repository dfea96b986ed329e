package search

import (
	"math"
	"testing"
)

// two runs, the second with a failure first.
func twoRuns() []Trace {
	return []Trace{
		{Seed: 1, Queries: []Query{
			{Query: 1, Validation: 80, Test: 82, Cost: 10, Time: 10},
			{Query: 2, Validation: 70, Test: 90, Cost: 10, Time: 20},
			{Query: 3, Validation: 90, Test: 88, Cost: 80, Time: 100},
		}},
		{Seed: 2, Queries: []Query{
			{Query: 1, Error: "lost", Time: 5},
			{Query: 2, Validation: 60, Test: 60, Cost: 15, Time: 20},
		}},
	}
}

func TestSummarize(t *testing.T) {
	s, err := Summarize(twoRuns(), 90)
	if err != nil || s.Runs != 2 || s.Validation.Mean != 75 || s.Test.Mean != 74 || s.Found != 0.5 || s.Queries != 2.5 {
		t.Errorf("%+v, %v", s, err)
	}
	if math.Abs(s.Validation.Std-math.Sqrt(450)) > 1e-12 {
		t.Errorf("deviation %v", s.Validation.Std)
	}
	if s, err = Summarize(twoRuns(), math.NaN()); err != nil || !math.IsNaN(s.Found) {
		t.Errorf("best not known: %+v, %v", s, err)
	}
	for _, none := range [][]Trace{nil, {{Seed: 3}}, {{Seed: 3, Queries: []Query{{Query: 1, Error: "lost"}}}}} {
		if _, err := Summarize(none, 1); err == nil {
			t.Errorf("summary of %+v", none)
		}
		if _, err := RegretCurve(none, ByQueries, 90, 5); err == nil {
			t.Errorf("curve of %+v", none)
		}
	}
}

func TestRegretCurve(t *testing.T) {
	c, err := RegretCurve(twoRuns(), ByQueries, 100, 2)
	if err != nil {
		t.Fatal(err)
	}
	// By queries: 18 %; 18 and 40; 12 and 40.
	for i, want := range []float64{0.18, 0.29, 0.26} {
		if c.X[i] != float64(i+1) || math.Abs(c.Mean[i]-want) > 1e-12 || c.Low[i] > c.Mean[i] || c.High[i] < c.Mean[i] {
			t.Errorf("at query %d: %v in [%v, %v], want %v", i+1, c.Mean[i], c.Low[i], c.High[i], want)
		}
	}
	if half, want := c.High[2]-c.Mean[2], 1.96*0.28/math.Sqrt2/math.Sqrt2; math.Abs(half-want) > 1e-12 {
		t.Errorf("half the band is %v, want %v", half, want)
	}
	c, err = RegretCurve(twoRuns(), BySeconds, 100, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][2]float64{{20, 0.29}, {math.Sqrt(2000), 0.29}, {100, 0.26}} {
		if math.Abs(c.X[i]-want[0]) > 1e-9 || math.Abs(c.Mean[i]-want[1]) > 1e-12 {
			t.Errorf("at %v s: %v, want %v", c.X[i], c.Mean[i], want)
		}
	}
}
