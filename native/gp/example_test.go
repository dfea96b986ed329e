package gp_test

import (
	"fmt"
	"log"
	"math"

	"arch2vec/native/gp"
)

// A sine from five of its values.
func Example() {
	g, err := gp.New(gp.RBF{Lengths: []float64{1}}, 1, 1, 1e-6)
	if err != nil {
		log.Fatal(err)
	}
	for _, x := range []float32{0, 1, 2, 3, 4} {
		if err := g.Add([]float32{x}, math.Sin(float64(x))); err != nil {
			log.Fatal(err)
		}
	}
	for _, x := range []float32{1.5, 5} {
		mean, variance, err := g.Predict([]float32{x})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("sin %.1f = %.2f ± %.2f\n", x, mean, math.Sqrt(variance))
	}
	// Output:
	// sin 1.5 = 1.01 ± 0.09
	// sin 5.0 = -0.63 ± 0.71
}
