// Package dngo is DNGO, "deep networks for global optimization" (Snoek et al.,
// Scalable Bayesian Optimization Using Deep Neural Networks, ICML 2015), with the
// network that arch2vec searches with: a hidden layer of 128 tanh units is trained
// to predict the targets, and Bayesian linear regression on those units then says
// how sure a prediction is.
//
// Inputs are standardised. The network,
//
//	y = w·h(x) + c,  h(x) = tanh(W x + b)
//
// is trained by Adam on the mean squared error. Then, with H the features of the n
// training points (n x D) and Bishop's notation (Pattern Recognition and Machine
// Learning, 2006, sections 3.3 and 3.5): weights m on the features have the prior
// N(0, 1/alpha), the targets noise of variance 1/beta, and
//
//	K = alpha + beta HᵀH,  m = beta K⁻¹ Hᵀ y
//	mean m·h(x),  variance h(x)ᵀ K⁻¹ h(x)
//
// Alpha and beta maximise the marginal likelihood, by Nelder and Mead's simplex.
//
// [Model.Scan] predicts at every point of a set; [Model.Top] finds those of highest
// expected improvement, which takes less than half as long.
package dngo
