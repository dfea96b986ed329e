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

// newKDE estimates the density of points. Bandwidths follow the normal reference
// rule 1.06 sd n^(-1/(4+d)), at least least, at most (c-1)/c, where the kernel is
// uniform. In the published code (statsmodels, which HpBandSter uses) there is no
// such upper bound, and c is the number of points.
func newKDE(points [][]int, levels []int, least float64, published bool) *kde {
	k := &kde{points: points, levels: levels}
	n := float64(len(points))
	for i, c := range levels {
		sum, squares := 0.0, 0.0
		for _, x := range points {
			v := float64(x[i])
			sum += v
			squares += v * v
		}
		sd := math.Sqrt(max(0, squares/n-sum/n*sum/n))
		h := max(least, 1.06*sd*math.Pow(n, -1/(4+float64(len(levels)))))
		count := float64(c)
		if published {
			count = n
		} else {
			h = min(h, (count-1)/count)
		}
		k.bandwidth = append(k.bandwidth, h)
		k.other = append(k.other, h/max(count-1, 1))
	}
	return k
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
