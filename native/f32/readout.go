package f32

// Readout sets out to the products of w with rows rows of panels panels that are
// stride elements apart:
//
//	out[r] = sum over p < panels, j < 32 of x[stride*p + 32*r + j] * w[32*p + j]
func (k *Kernels) Readout(rows, panels, stride int, x, w, out []float32) {
	if rows == 0 {
		return
	}
	if panels < 1 || len(x) < (panels-1)*stride+rows*Width || len(w) < panels*Width || len(out) < rows {
		panic(errShort)
	}
	k.readout(rows, panels, stride, &x[0], &w[0], &out[0])
}

// ReadoutBack is the gradient of Readout at a panel of units h = tanh a. With e the
// gradient with respect to out, it sets d to that with respect to a and dw, one row, to
// that with respect to the panel's w:
//
//	d[r, j] = e[r]*w[j] * (1 - h[r, j]^2),  dw[j] = sum over r of e[r]*h[r, j]
func (k *Kernels) ReadoutBack(rows int, e, w, h, d, dw []float32) {
	k.readoutBack(rows, flat(rows, e), panel(1, w), panel(rows, h), panel(rows, d), panel(1, dw))
}

func readoutGo(rows, panels, stride int, x, w, out *float32) {
	weights := slice(w, panels*Width)
	for r, o := 0, slice(out, rows); r < rows; r++ {
		o[r] = 0
		for p := range panels {
			for j, v := range slice(at(x, stride*p+Width*r), Width) {
				o[r] += v * weights[Width*p+j]
			}
		}
	}
}

func readoutBackGo(rows int, e, w, h, d, dw *float32) {
	weights, sums := slice(w, Width), slice(dw, Width)
	clear(sums)
	for r, s := range slice(e, rows) {
		out := slice(at(d, Width*r), Width)
		for j, v := range slice(at(h, Width*r), Width) {
			sums[j] += s * v
			out[j] = s * weights[j] * (1 - v*v)
		}
	}
}
