// Package reinforce is the policy that arch2vec's reinforcement learning searches
// with: an LSTM cell and a linear layer give the mean of a normal distribution with
// unit covariance, and an action is a draw from it, a point in latent space.
//
// With gates i, f, g, o of 128 units each (Hochreiter and Schmidhuber, Long
// Short-Term Memory, 1997, in PyTorch's form),
//
//	[i f g o] = W s_t + b + U h_{t-1} + d
//	c_t = sigmoid(f) c_{t-1} + sigmoid(i) tanh(g),  h_t = sigmoid(o) tanh(c_t)
//	mean_t = V h_t + e,  a_t ~ N(mean_t, I)
//
// After an episode of T actions, Learn takes one step of Adam on
//
//	-1/T sum over t of A_t log N(a_t; mean_t, I)
//
// (REINFORCE; Williams, Simple statistical gradient-following algorithms for
// connectionist reinforcement learning, 1992), A_t being the advantage of action t: a
// reward or return less a baseline. The gradient goes back through all steps of the
// episode, by hand-derived backpropagation through time. States are given, and
// constants in it.
package reinforce
