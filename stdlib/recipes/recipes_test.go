package recipes_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"arch2vec/stdlib/recipes"
)

// TestSources checks that every recipe is a program of its own and that an
// unknown one is an error that lists those there are.
func TestSources(t *testing.T) {
	for _, name := range recipes.Names() {
		src, err := recipes.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.PackageClauseOnly)
		if err != nil || f.Name.Name != "main" {
			t.Errorf("%s: not a program of package main: %v", name, err)
		}
	}
	if _, err := recipes.Source("nosuchrecipe"); err == nil || !strings.Contains(err.Error(), "pretrain") {
		t.Errorf("an unknown recipe: %v", err)
	}
}

func Example() {
	fmt.Println(recipes.Names())
	// Output: [embed pretrain search]
}
