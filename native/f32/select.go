package f32

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// EnvVar names the environment variable that forces an instruction set.
const EnvVar = "ARCH2VEC_SIMD"

// Known returns every instruction set this package has kernels for on some
// machine, fastest first.
func Known() []string { return []string{"avx512", "avx2", "go"} }

// Supported returns the instruction sets that this build can run on this
// processor, fastest first. "go" is always the last.
func Supported() []string {
	var names []string
	for _, k := range native() {
		names = append(names, k.name)
	}
	return append(names, "go")
}

// Select returns the kernels of the named instruction set: "avx512", "avx2" or
// "go". The empty name stands for the fastest supported one.
func Select(name string) (*Kernels, error) {
	for _, k := range append(native(), goKernels()) {
		if name == "" || name == k.name {
			return k, nil
		}
	}
	if slices.Contains(Known(), name) {
		return nil, fmt.Errorf("f32: instruction set %q is not available here; this machine and build have %s", name, strings.Join(Supported(), ", "))
	}
	return nil, fmt.Errorf("f32: instruction set %q is not known; choose one of %s", name, strings.Join(Known(), ", "))
}

// FromEnv returns the kernels that ARCH2VEC_SIMD names, or the fastest supported
// ones when it is empty or unset.
func FromEnv() (*Kernels, error) {
	k, err := Select(os.Getenv(EnvVar))
	if err != nil {
		return nil, fmt.Errorf("%w (set by %s)", err, EnvVar)
	}
	return k, nil
}
