package dngo_test

import (
	"fmt"
	"log"

	"arch2vec/native/dngo"
)

// A parabola from 40 of its values: predictions, and how sure the model is of them
// where it has seen values and where it has not.
func Example() {
	var x []float32
	var y []float64
	for i := range 40 {
		v := float64(i)/20 - 1
		x, y = append(x, float32(v)), append(y, 3-v*v)
	}
	m, err := dngo.Train(dngo.DefaultSettings(), 1, x, y, 1)
	if err != nil {
		log.Fatal(err)
	}
	mean, near, err := m.Predict([]float32{0.5})
	if err != nil {
		log.Fatal(err)
	}
	_, far, err := m.Predict([]float32{3})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("at 0.5: %.1f; more certain than at 3: %v\n", mean, near < far)
	// Output: at 0.5: 2.8; more certain than at 3: true
}
