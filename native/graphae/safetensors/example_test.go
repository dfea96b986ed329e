package safetensors_test

import (
	"fmt"

	"arch2vec/native/graphae/safetensors"
)

func Example() {
	f := &safetensors.File{
		Metadata: map[string]string{"made by": "example"},
		Tensors:  []safetensors.Tensor{safetensors.Float32("weight", []float32{1, 2, 3, 4, 5, 6}, 2, 3)},
	}
	data, err := f.Encode()
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := safetensors.Decode(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	w, _ := g.Tensor("weight")
	fmt.Println(w.DType, w.Shape, g.Metadata["made by"])

	data[len(data)-1] ^= 1
	_, err = safetensors.Decode(data)
	fmt.Println(err)
	// Output:
	// F32 [2 3] example
	// not a valid safetensors file: the checksum does not match: the file is damaged
}
