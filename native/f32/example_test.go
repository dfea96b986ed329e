package f32_test

import (
	"fmt"

	"arch2vec/native/f32"
)

// A product of panels: two rows times a matrix of three rows.
func Example() {
	k, err := f32.Select("go") // "" would be the fastest this machine has
	if err != nil {
		fmt.Println(err)
		return
	}
	a := f32.Align(2 * f32.Width)
	copy(a, []float32{1, 2, 3})
	copy(a[f32.Width:], []float32{4, 5, 6})
	b := f32.Align(3 * f32.Width)
	for i := range 3 {
		b[i*f32.Width] = 10           // first column of B
		b[i*f32.Width+1] = float32(i) // second
	}
	bias, c := f32.Align(f32.Width), f32.Align(2*f32.Width)
	bias[1] = 0.5
	k.Mul(2, 1, 3, a, 0, b, bias, c, nil)
	fmt.Println(c[:2], c[f32.Width:][:2])
	// Output: [60 8.5] [150 17.5]
}
