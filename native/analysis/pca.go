package analysis

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Projection is data seen along its principal components.
type Projection struct {
	// Points (n x k) are the coordinates of the centred data along the axes.
	Points *mat.Dense
	// Axes (d x k) has one direction of unit length a column.
	Axes *mat.Dense
	// Explained is the share of the total variance along each axis, 0 to 1.
	Explained []float64
}

// PCA projects x (n x d, one observation a row) to its first k principal
// components, 1 <= k <= min(n, d) and n >= 2; entries must be finite. Of an
// axis and its opposite, which are equally right, it takes the one whose
// largest entry is positive, so that pictures do not flip.
func PCA(x mat.Matrix, k int) (*Projection, error) {
	n, d := x.Dims()
	if n < 2 || k < 1 || k > min(n, d) {
		return nil, fmt.Errorf("analysis: PCA: cannot find %d components of %d points in %d dimensions", k, n, d)
	}
	centred := mat.DenseCopyOf(x)
	for j := range d {
		mean := 0.0
		for i := range n {
			v := centred.At(i, j)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("analysis: PCA: entry (%d, %d) is %v", i, j, v)
			}
			mean += v
		}
		mean /= float64(n)
		for i := range n {
			centred.Set(i, j, centred.At(i, j)-mean)
		}
	}
	var pc stat.PC
	if !pc.PrincipalComponents(centred, nil) {
		return nil, fmt.Errorf("analysis: PCA: the singular value decomposition of %d points did not converge", n)
	}
	var axes mat.Dense
	pc.VectorsTo(&axes)
	for j := range k {
		largest := 0.0
		for i := range d {
			if v := axes.At(i, j); math.Abs(v) > math.Abs(largest) {
				largest = v
			}
		}
		if largest < 0 {
			for i := range d {
				axes.Set(i, j, -axes.At(i, j))
			}
		}
	}
	p := &Projection{Points: new(mat.Dense), Axes: mat.DenseCopyOf(axes.Slice(0, d, 0, k)), Explained: make([]float64, k)}
	p.Points.Mul(centred, p.Axes)
	variances := pc.VarsTo(nil)
	total := 0.0
	for _, v := range variances {
		total += v
	}
	for j := range p.Explained {
		if total > 0 {
			p.Explained[j] = variances[j] / total
		}
	}
	return p, nil
}
