package f32

// Columns returns the transpose of row-major data, rows of dim elements, in
// panels: panel p holds columns 32p to 32p+31, column i being row i of data, in dim
// rows. Columns past the last are zero. A product with such a panel on the right
// computes the same function of 32 rows of data at once.
func Columns(dim int, data []float32) []float32 {
	if dim <= 0 || len(data)%dim != 0 {
		panic(errLength)
	}
	n := len(data) / dim
	out := Align(Panels(n) * dim * Width)
	for i := range n {
		to := out[i/Width*dim*Width+i%Width:]
		for d, v := range data[i*dim : (i+1)*dim] {
			to[d*Width] = v
		}
	}
	return out
}
