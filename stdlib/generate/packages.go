package main

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"arch2vec/stdlib/extract"
)

// group is a set of packages that is generated together: one folder of
// symbol tables, one archive of type information.
type group struct {
	name     string
	patterns []string
	// exclude drops a path, or with a trailing slash everything below it.
	exclude []string
}

var groups = []group{
	{
		name:     "std",
		patterns: []string{"std"},
		exclude: []string{
			"unsafe",                                // not an ordinary package; the interpreter has its own
			"plugin", "runtime/cgo", "runtime/race", // need cgo or a special build
			"runtime/coverage", "testing/cryptotest", // of use to the toolchain's own tests only
			"crypto/mlkem/mlkemtest",                      // the same
			"net/http/pprof",                              // registers HTTP handlers when linked
			"time/tzdata",                                 // 450 KB of data and no symbols
			"log/syslog", "net/http/cgi", "net/http/fcgi", // for daemons
		},
	},
	{
		name:     "gonum",
		patterns: []string{"gonum.org/v1/gonum/...", "gonum.org/v1/plot/..."},
		exclude: []string{
			"gonum.org/v1/gonum", // documentation only
			// Tests and commands.
			"gonum.org/v1/gonum/blas/testblas/", "gonum.org/v1/gonum/lapack/testlapack",
			"gonum.org/v1/gonum/graph/testgraph", "gonum.org/v1/gonum/integrate/testquad",
			"gonum.org/v1/gonum/dsp/window/cmd/", "gonum.org/v1/plot/cmpimg",
			// Parsers of graph file formats: large, and with dependencies of their own.
			"gonum.org/v1/gonum/graph/encoding/", "gonum.org/v1/gonum/graph/formats/",
			// The raw implementation behind lapack64.
			"gonum.org/v1/gonum/lapack/gonum",
			// Type registration for encoding/gob at start.
			"gonum.org/v1/plot/gob",
			"gonum.org/v1/gonum/unit/",
		},
	},
	{
		name: "native",
		// The progress bar is for the recipes.
		patterns: []string{"./native/...", "./kernel/display", "./kernel/comm", "github.com/schollz/progressbar/v3"},
	},
}

func selectGroups(names []string) ([]group, error) {
	if len(names) == 0 {
		return groups, nil
	}
	var sel []group
	for _, n := range names {
		i := slices.IndexFunc(groups, func(g group) bool { return g.name == n })
		if i < 0 {
			return nil, fmt.Errorf("no group %q; there are std, gonum and native", n)
		}
		sel = append(sel, groups[i])
	}
	return sel, nil
}

// keeps reports whether interpreted programs may import path.
func (g group) keeps(path string) bool {
	if extract.Hidden(path) {
		return false
	}
	for _, e := range g.exclude {
		if path == strings.TrimSuffix(e, "/") || strings.HasSuffix(e, "/") && strings.HasPrefix(path, e) {
			return false
		}
	}
	return true
}

// list finds the group's packages.
func (g group) list(root string) ([]string, error) {
	list := extract.List{Dir: root, Patterns: g.patterns, Keep: g.keeps}
	return list.Paths()
}

// allPaths returns the import paths of all groups.
func allPaths(root string) (map[string]bool, error) {
	all := map[string]bool{}
	for _, g := range groups {
		paths, err := g.list(root)
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			all[p] = true
		}
	}
	return all, nil
}

// load reads the export data of the group's packages.
func (g group) load(root string) ([]*types.Package, error) {
	list := extract.List{Dir: root, Patterns: g.patterns, Keep: g.keeps}
	pkgs, _, err := list.Load()
	return pkgs, err
}
