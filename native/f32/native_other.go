//go:build !amd64 || noasm

package f32

func native() []*Kernels { return nil }
