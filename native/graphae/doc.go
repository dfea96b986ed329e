// Package graphae trains graph autoencoders on search spaces of neural
// architectures and embeds cells with them: arch2vec (Yan et al., Does
// Unsupervised Architecture Representation Learning Help Neural Architecture
// Search?, NeurIPS 2020), a variational autoencoder whose encoder is a Graph
// Isomorphism Network.
//
// A cell of N nodes and K operations is read as one-hot operations X (N x K) and
// an adjacency matrix A, used as A + Aᵀ. Four GIN layers,
//
//	h' = ReLU(BN(W2 ReLU(BN(W1 ((1+eps) h + (A+Aᵀ) h)))))
//
// and two linear heads give each node the mean mu and the logarithm of the
// standard deviation of a 16-dimensional normal. The decoder reads operations
// from a linear layer on z and edges i < j from the sigmoid of z_i·z_j. The
// embedding of a cell is the mean of mu over its nodes.
//
// The models it is compared with are here too. [Config].Model "vgae" and "gae"
// are Kipf and Welling's variational and plain graph autoencoders: graph
// convolutions in place of the GIN layers, the same latent space and decoder. A
// [Supervised] is the GIN encoder trained end to end on accuracies.
//
// A [Trainer] trains with hand-derived gradients and no allocation per step; the
// same seed gives the same bits with any number of threads on one instruction
// set. A [Model] is what training leaves: it encodes, decodes, draws and embeds.
// [Evaluate] measures what the paper's pretraining table reports.
//
// # Drawing new cells
//
// The paper draws each coordinate of each node from a normal of its own. Which
// operation and which edges fit together is then left to chance, and so is whether
// the decoded cell is one of the space. In DARTS, for instance, the two operations
// of a block have different inputs; drawn independently and uniformly among the 2,
// 3, 4 and 5 that there are, they differ in all four blocks in 1/2·2/3·3/4·4/5 = 20 %
// of draws only. A [Sampler] keeps what belongs together: it draws whole latent
// points near the training cells', and reads from them the most probable cell among
// those of the space. [Samplers] gives the formulas.
package graphae
