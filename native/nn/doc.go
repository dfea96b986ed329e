// Package nn holds the layers that graph encoders are made of, forward and
// hand-derived backward: Linear, BatchNorm with ReLU, Adam with gradient
// clipping, and the team of threads that runs them.
//
// Activations live in panels of 32 columns (package f32). A layer's methods work
// on one panel at a time, so that the thread that owns a panel computes a
// product, its normalisation and its gradients without asking another. The
// caller places a barrier ([Team.Wait]) before a product that reads panels of
// other threads. No result depends on the number of threads.
package nn
