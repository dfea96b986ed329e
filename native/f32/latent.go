package f32

// LatentWidth is the number of dimensions of a latent vector: half a row of the
// panel that holds mu in columns 0 to 15 and log sigma in 16 to 31.
const LatentWidth = Width / 2

func latentRows(rows int, s []float32) *float32 {
	if len(s) < rows*LatentWidth || rows <= 0 {
		panic(errShort)
	}
	return &s[0]
}

// Latent draws z = (mu + sigma*noise) * keep from rows of head, and returns
//
//	sum of 1 + 2 log sigma - mu^2 - sigma^2
//
// which is -2 times the Kullback-Leibler divergence to the standard normal. z has
// rows of 32, of which 16 are set; noise, keep and sigma, which is set to
// e^(log sigma), have rows of 16.
func (k *Kernels) Latent(rows int, head, noise, keep, sigma, z []float32) float32 {
	return k.latent(rows, panel(rows, head), latentRows(rows, noise), latentRows(rows, keep), latentRows(rows, sigma), panel(rows, z))
}

// LatentBack sets dhead to the gradient with respect to head of a loss that has
// gradient dz with respect to z and contains weight times the divergence of a row:
//
//	d mu = dz*keep + weight*mu,  d log sigma = dz*keep*sigma*noise + weight*(sigma^2 - 1)
//
// and sum, one row, to its column sums.
func (k *Kernels) LatentBack(rows int, weight float32, head, dz, noise, keep, sigma, dhead, sum []float32) {
	k.latentBack(rows, weight, panel(rows, head), panel(rows, dz), latentRows(rows, noise), latentRows(rows, keep), latentRows(rows, sigma),
		panel(rows, dhead), panel(1, sum))
}

// NodeSums sets sum and sq, nodes rows of 16, to the sums over graphs of the first
// 16 columns of x at each node, and of their squares.
func (k *Kernels) NodeSums(graphs, nodes int, x, sum, sq []float32) {
	k.nodeSums(graphs, nodes, panel(graphs*nodes, x), latentRows(nodes, sum), latentRows(nodes, sq))
}
