package nn_test

import (
	"fmt"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// One linear layer on three inputs: y = x Wᵀ + b.
func Example() {
	k, err := f32.Select("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	p := &nn.Params{}
	l := nn.NewLinear(p, "layer", 3, 2, false)
	p.Allocate(true)
	weight, bias := p.Tensors()[0], p.Tensors()[1]
	_ = p.Set(p.Value, weight, []float32{1, 2, 3, 0, 0, 1}) // row-major, (out, in)
	_ = p.Set(p.Value, bias, []float32{0.5, -1})

	x, y := f32.Align(f32.Width), f32.Align(f32.Width) // one row of one panel
	copy(x, []float32{1, 10, 100})
	l.Forward(k, 0, 1, x, f32.Width, y)
	fmt.Println(weight.Name, weight.Shape, y[:2])
	// Output: layer.weight [2 3] [321.5 99]
}
