package search

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Both surrogates of arch2vec-X, given observations in several calls with targets that
// change, predict what the inverse of the whole covariance matrix says, with the
// kernel written down from its definition.
func TestArch2vecXSurrogates(t *testing.T) {
	pool := randomPool()
	a := Arch2vecX{Initial: 1, Batch: 1, Length: 0.9, Variance: 1.7, Noise: 0.2}
	class, first, err := pool.classes()
	if err != nil {
		t.Fatal(err)
	}
	byClass := pool.byClass(class, len(first))

	// square is the squared distance of two cells' vectors from number lo to hi, in
	// units of the mean squared distance of two cells.
	means, classMeans, sd := pool.means(8), byClass.means(8), map[*Pool]float64{}
	for _, p := range []*Pool{means, classMeans, byClass} {
		sd[p], _ = p.spread()
	}
	square := func(p *Pool, i, j, lo, hi int) float64 {
		sum := 0.0
		for d := lo; d < hi; d++ {
			e := float64(p.Z[i*p.Dim+d] - p.Z[j*p.Dim+d])
			sum += e * e
		}
		return sum / (2 * 2 * sd[p] * sd[p]) // of 2 numbers
	}
	rbf := func(square float64) float64 { return math.Exp(-square / (2 * a.Length * a.Length)) }
	byMeanKernel := func(i, j int) float64 { return rbf(square(means, i, j, 0, 2)) }
	byNodeKernel := func(i, j int) float64 {
		k := rbf(square(classMeans, i, j, 0, 2)) / 2
		for v := range 8 {
			k += rbf(square(byClass, i, j, 2*v, 2*v+2)) / 16
		}
		return k
	}

	mean, err := newByMean(a, pool, 2)
	if err != nil {
		t.Fatal(err)
	}
	node, err := newByNode(a, pool)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(4, 1))
	for name, c := range map[string]struct {
		surrogate
		kernel func(i, j int) float64
		tol    float64
	}{"by mean": {mean, byMeanKernel, 1e-4}, "by node": {node, byNodeKernel, 1e-5}} {
		var cells []int
		for _, n := range []int{1, 9, 40} {
			for len(cells) < n {
				cells = append(cells, r.IntN(len(class)))
			}
			y := make([]float64, n)
			for i := range y {
				y[i] = r.NormFloat64()
			}
			if err := c.fit(cells, y); err != nil {
				t.Fatal(err)
			}
			k := mat.NewSymDense(n, nil)
			for i := range n {
				for j := i; j < n; j++ {
					k.SetSym(i, j, a.Variance*c.kernel(cells[i], cells[j]))
				}
				k.SetSym(i, i, k.At(i, i)+a.Noise)
			}
			var inverse mat.Dense
			if err := inverse.Inverse(k); err != nil {
				t.Fatal(err)
			}
			for range 50 {
				at := r.IntN(len(class))
				near := mat.NewVecDense(n, nil)
				for i, o := range cells {
					near.SetVec(i, a.Variance*c.kernel(at, o))
				}
				wantMean := mat.Inner(near, &inverse, mat.NewVecDense(n, y))
				wantVariance := a.Variance - mat.Inner(near, &inverse, near)
				gotMean, gotVariance := c.at(at)
				if math.Abs(gotMean-wantMean) > c.tol || math.Abs(gotVariance-wantVariance) > c.tol {
					t.Fatalf("%s, %d observations, cell %d: %v and %v, want %v and %v", name, n, at, gotMean, gotVariance, wantMean, wantVariance)
				}
			}
		}
	}
}

// Cells that are the same network are the same point to the process by node.
func TestArch2vecXClasses(t *testing.T) {
	pool := randomPool()
	node, err := newByNode(Arch2vecX{Length: 1, Variance: 1, Noise: 0.1}, pool)
	if err != nil {
		t.Fatal(err)
	}
	if err := node.fit([]int{5, 77, 1234}, []float64{1, -1, 2}); err != nil {
		t.Fatal(err)
	}
	seen := map[int][2]float64{}
	twins := 0
	for i, c := range node.class {
		mean, variance := node.at(i)
		if known, ok := seen[c]; ok {
			if twins++; known != [2]float64{mean, variance} {
				t.Fatalf("cell %d and another of its class differ", i)
			}
		}
		seen[c] = [2]float64{mean, variance}
	}
	if len(seen) != 6466 || twins == 0 { // Dong and Yang: 6,466 different networks
		t.Errorf("%d classes", len(seen))
	}
}
