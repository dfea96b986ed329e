package kernelspec_test

import (
	"fmt"
	"os"
	"path/filepath"

	"arch2vec/kernel/jupyter/kernelspec"
)

func Example() {
	prefix, err := os.MkdirTemp("", "prefix")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(prefix)

	dir, err := kernelspec.Install(kernelspec.Options{Prefix: prefix})
	if err != nil {
		fmt.Println(err)
		return
	}
	relative, _ := filepath.Rel(prefix, dir)
	fmt.Println(relative)
	_, err = kernelspec.Uninstall(kernelspec.Options{Prefix: prefix})
	fmt.Println(err)
	// Output:
	// share/jupyter/kernels/arch2vec
	// <nil>
}
