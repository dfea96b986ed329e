// Package gp is exact Gaussian process regression (Rasmussen and Williams,
// Gaussian Processes for Machine Learning, 2006, chapters 2 and 5) for searches:
// a hundred to some thousands of observations, one more at a time, and predictions
// for every cell of a search space.
//
// The model is y = f(x) + noise, f a Gaussian process of mean 0 and covariance
// variance * k(x, x'), the noise normal and independent. With K the covariances
// of the observed points, noise on the diagonal, and k* those of a new point with
// them,
//
//	mean      k*ᵀ K⁻¹ y
//	variance  k(x*, x*) - k*ᵀ K⁻¹ k*
//
// K is kept as its Cholesky factor, which an observation extends by a row in O(n²).
// Targets should be standardised, as the mean is 0.
//
// A [Kernel] is a function of two points, rows of float32. [RBF] and [Matern52]
// have a length scale for each coordinate or one for all; [Additive] is a sum over
// parts of the points; [Hamming] compares discrete codes; [Table] looks covariances
// up that were computed before, such as those of a graph kernel, points being row
// numbers.
package gp
