package f32

// Norm is what batch normalisation keeps of one panel, rows of 32 numbers each:
// the running averages of mean and variance, and of the last forward pass the
// mean, 1/sqrt(variance + eps), and the affine map that normalisation comes to.
type Norm struct {
	RunMean, RunVar, Mean, Invstd, Scale, Shift []float32
}

func (n *Norm) check() {
	for _, s := range [...][]float32{n.RunMean, n.RunVar, n.Mean, n.Invstd, n.Scale, n.Shift} {
		if len(s) < Width {
			panic(errShort)
		}
	}
}

// NormForward normalises the panel y by the statistics of its own rows, and
// rectifies it:
//
//	mean = sum y / rows,  var = sum (y - mean)^2 / rows,  invstd = 1/sqrt(var + eps)
//	out  = max(0, scale*y + shift),  scale = gamma*invstd,  shift = beta - mean*scale
//
// The running averages move towards mean and rows/(rows-1)*var by momentum. y and
// out may be the same.
func (k *Kernels) NormForward(rows int, momentum, eps float32, n *Norm, y, gamma, beta, out []float32) {
	n.check()
	k.normForward(rows, 1/float32(rows), 1/float32(max(rows-1, 1)), momentum, eps, panel(rows, y), panel(1, gamma), panel(1, beta),
		&n.RunMean[0], &n.RunVar[0], &n.Mean[0], &n.Invstd[0], &n.Scale[0], &n.Shift[0], panel(rows, out))
}

// AffineReLU is out = max(0, scale*y + shift), scale and shift one row.
func (k *Kernels) AffineReLU(rows int, y, scale, shift, out []float32) {
	k.affineReLU(rows, panel(rows, y), panel(1, scale), panel(1, shift), panel(rows, out))
}

// NormBack turns the gradient d of NormForward's output into that of its input, in
// place, and sets those of gamma and beta. With g = d where the output is positive
// and 0 elsewhere, y^ = (y - mean)*invstd, and inv = 1/rows,
//
//	dbeta = sum g,  dgamma = sum g y^,  d = scale * (g - inv*(dbeta + y^ dgamma))
//
// With inv 0 it is the gradient of AffineReLU.
func (k *Kernels) NormBack(rows int, inv float32, n *Norm, y, d, dgamma, dbeta []float32) {
	n.check()
	k.normBack(rows, inv, panel(rows, y), &n.Mean[0], &n.Invstd[0], &n.Scale[0], &n.Shift[0], panel(rows, d), panel(1, dgamma), panel(1, dbeta))
}

// NormBackNear is NormBack where the output went through Aggregate, whose
// gradient is x: d is Aggregate of x first, the relation being symmetric. It sets
// eps to the column sums of x times the output: the gradient of self by column.
func (k *Kernels) NormBackNear(rows int, self float32, count, near []int32, x []float32, inv float32, n *Norm, y, d, dgamma, dbeta, eps []float32) {
	n.check()
	if len(count) < rows || len(near) < Near*rows {
		panic(errShort)
	}
	k.normBackNear(rows, self, &count[0], &near[0], panel(rows, x), inv, panel(rows, y), &n.Mean[0], &n.Invstd[0], &n.Scale[0], &n.Shift[0],
		panel(rows, d), panel(1, dgamma), panel(1, dbeta), panel(1, eps))
}
