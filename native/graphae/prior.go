package graphae

import (
	"math"
	"slices"

	"arch2vec/native/f32"
)

// prior is the distribution that new cells are drawn from: per node position and
// dimension an independent normal with the mean and the (unbiased) standard
// deviation of mu over the training steps of the last epoch, as the paper does.
type prior struct {
	mean, std []float32 // nodes x latent
}

func newPrior(s shape) prior {
	p := prior{make([]float32, s.nodes*s.latent), make([]float32, s.nodes*s.latent)}
	for i := range p.std {
		p.std[i] = 1
	}
	return p
}

func (p prior) clone() prior { return prior{slices.Clone(p.mean), slices.Clone(p.std)} }

// collect sets the prior from the sums that n cells have left in w, and clears
// them.
func (p prior) collect(w *workspace, n int) {
	for i := range p.mean {
		var sum, sum2 float64
		for j := range w.parts {
			part := &w.parts[j]
			sum, sum2 = sum+part.sum[i], sum2+part.sum2[i]
			part.sum[i], part.sum2[i] = 0, 0
		}
		mean := sum / float64(n)
		variance := (sum2 - sum*mean) / float64(max(n-1, 1))
		p.mean[i], p.std[i] = float32(mean), float32(math.Sqrt(max(variance, 0)))
	}
}

// draw fills z with draw number i.
func (p prior) draw(k *f32.Kernels, key f32.Key, i int, noise, z []float32) {
	k.Normal(key, uint32(i), 0, noise)
	for j := range z {
		z[j] = p.mean[j] + p.std[j]*noise[j]
	}
}
