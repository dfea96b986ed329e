package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// group is a set of packages that is generated together: one folder of
// symbol tables, one archive of type information.
type group struct {
	name     string
	patterns []string
	// exclude drops a path, or with a trailing slash everything below it.
	exclude []string
}

const module = "arch2vec"

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
	if hidden(path) {
		return false
	}
	for _, e := range g.exclude {
		if path == strings.TrimSuffix(e, "/") || strings.HasSuffix(e, "/") && strings.HasPrefix(path, e) {
			return false
		}
	}
	return true
}

// hidden reports whether Go forbids to import path from elsewhere.
func hidden(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == "internal" || part == "vendor" {
			return true
		}
	}
	return false
}

// listed is what go list says of a package.
type listed struct {
	ImportPath, Name, Export string
	Error                    *struct{ Err string }
}

func (g group) list(root string, export bool) ([]listed, error) {
	args := []string{"list", "-e", "-json=ImportPath,Name,Export,Error"}
	cmd := exec.Command("go", append(args, g.patterns...)...)
	if export {
		pkgs, err := g.list(root, false)
		if err != nil {
			return nil, err
		}
		args = append(args, "-export")
		for _, p := range pkgs {
			args = append(args, p.ImportPath)
		}
		cmd = exec.Command("go", args...)
	}
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.Bytes())
	}
	var pkgs []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if !g.keeps(p.ImportPath) || p.Name == "main" || p.Name == "" && p.Error == nil {
			continue
		}
		if export && (p.Error != nil || p.Export == "") {
			msg := stderr.String()
			if p.Error != nil {
				msg = p.Error.Err
			}
			return nil, fmt.Errorf("%s does not compile:\n%s", p.ImportPath, msg)
		}
		pkgs = append(pkgs, p)
	}
	slices.SortFunc(pkgs, func(a, b listed) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return pkgs, nil
}

// allPaths returns the import paths of all groups.
func allPaths(root string) (map[string]bool, error) {
	all := map[string]bool{}
	for _, g := range groups {
		pkgs, err := g.list(root, false)
		if err != nil {
			return nil, err
		}
		for _, p := range pkgs {
			all[p.ImportPath] = true
		}
	}
	return all, nil
}

// load compiles the packages of the group, where the build cache does not hold
// them, and reads the export data that the compiler wrote.
func (g group) load(root string) ([]*types.Package, error) {
	list, err := g.list(root, true)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	imports := map[string]*types.Package{}
	var pkgs []*types.Package
	for _, l := range list {
		p, err := readExport(l, fset, imports)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.ImportPath, err)
		}
		pkgs = append(pkgs, p)
	}
	return pkgs, nil
}

func readExport(l listed, fset *token.FileSet, imports map[string]*types.Package) (*types.Package, error) {
	f, err := os.Open(l.Export)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	//lint:ignore SA1019 go list -export gives an archive, which Read alone does not take
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, err
	}
	return gcexportdata.Read(r, fset, imports, l.ImportPath)
}
