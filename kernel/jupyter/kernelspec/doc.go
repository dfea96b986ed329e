// Package kernelspec installs the kernel where Jupyter looks for kernels: a
// folder with kernel.json, which tells how to start it, and its logo.
//
// See https://jupyter-client.readthedocs.io/en/stable/kernels.html.
package kernelspec

//go:generate go run ./drawlogo
