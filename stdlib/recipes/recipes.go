// Package recipes holds the scripts behind arch2vec's commands: plain Go
// programs that are interpreted by `arch2vec NAME` and `arch2vec run`, and that
// compile as they are:
//
//	arch2vec pretrain nasbench201 --json
//	arch2vec run stdlib/recipes/pretrain/main.go nasbench201 --json
//	go run ./stdlib/recipes/pretrain nasbench201 --json
//
// All three print the same result. To change a recipe, copy its file and run
// the copy.
package recipes

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed */main.go
var sources embed.FS

// Source returns the Go source of the recipe with this name; an unknown name is
// an error that lists the known ones.
func Source(name string) ([]byte, error) {
	src, err := sources.ReadFile(name + "/main.go")
	if err != nil {
		return nil, fmt.Errorf("recipes: no recipe %q (there are: %s)", name, strings.Join(Names(), ", "))
	}
	return src, nil
}

// Names lists the recipes in alphabetical order.
func Names() []string {
	entries, err := sources.ReadDir(".")
	if err != nil {
		panic(err) // the embedded tree always has a root
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}
