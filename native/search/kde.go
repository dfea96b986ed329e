package search

import (
	"math"
	"math/rand/v2"
)

// kde is a kernel density estimate over categorical variables: the mean over its
// points of products of Aitchison and Aitken's kernel,
//
//	k(x, y) = 1 - h        where x = y
//	          h / (c - 1)  otherwise
//
// with a bandwidth h for each variable, which has c levels.
type kde struct {
	points    [][]int
	bandwidth []float64
	other     []float64 // h / (c - 1)
	levels    []int
}

// newKDE estimates the density of points. The numbers of levels mean nothing, so
// that bandwidths depend on the number of points n and variables d only: the kernel's
// greatest, (c-1)/c, at which it is uniform, times n^(-2/(4+d)) (Li, Racine: Nonparametric
// Econometrics, 2007, chapter 4), but at least least.
//
// The published code (statsmodels, which HpBandSter uses) takes the numbers of levels
// for numbers, in the normal reference rule 1.06 sd n^(-1/(4+d)), without an upper
// bound, and the number of points for c.
func newKDE(points [][]int, levels []int, least float64, published bool) *kde {
	k := &kde{points: points, levels: levels}
	n, d := float64(len(points)), float64(len(levels))
	for i, levels := range levels {
		c := float64(levels)
		h := (c - 1) / c * math.Pow(n, -2/(4+d))
		if published {
			c = n
			h = 1.06 * deviation(points, i) * math.Pow(n, -1/(4+d))
		}
		h = max(h, least)
		k.bandwidth = append(k.bandwidth, h)
		k.other = append(k.other, h/max(c-1, 1))
	}
	return k
}

// deviation is the standard deviation of variable i.
func deviation(points [][]int, i int) float64 {
	sum, squares := 0.0, 0.0
	for _, x := range points {
		v := float64(x[i])
		sum += v
		squares += v * v
	}
	mean := sum / float64(len(points))
	return math.Sqrt(max(0, squares/float64(len(points))-mean*mean))
}

// density is the estimate at x.
func (k *kde) density(x []int) float64 {
	sum := 0.0
	for _, p := range k.points {
		product := 1.0
		for i, v := range x {
			if v == p[i] {
				product *= 1 - k.bandwidth[i]
			} else {
				product *= k.other[i]
			}
		}
		sum += product
	}
	return sum / float64(len(k.points))
}

// draw sets x to a draw with bandwidths times factor.
func (k *kde) draw(rng *rand.Rand, factor float64, x []int) {
	p := k.points[rng.IntN(len(k.points))]
	for i, c := range k.levels {
		x[i] = p[i]
		h := factor * k.bandwidth[i] * float64(c) / max(float64(c-1), 1) // of any level, p's among them
		if rng.Float64() < h {
			x[i] = rng.IntN(c)
		}
	}
}

// drawPublished sets x to a draw as HpBandSter makes it for categorical variables:
// the factor is not used, and with the probability of the bandwidth any level is
// drawn.
func (k *kde) drawPublished(rng *rand.Rand, x []int) {
	p := k.points[rng.IntN(len(k.points))]
	for i, c := range k.levels {
		x[i] = p[i]
		if rng.Float64() >= 1-k.bandwidth[i] {
			x[i] = rng.IntN(c)
		}
	}
}
