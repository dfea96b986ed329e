package extract

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

// List finds packages with the go command.
type List struct {
	Dir      string   // in a module
	Env      []string // of the go command; nil: this process's
	Patterns []string
	Keep     func(path string) bool // nil: all that can be imported
	// Partial leaves packages out that do not compile; else they are an error.
	Partial bool
}

// Hidden reports whether Go forbids to import path from elsewhere.
func Hidden(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == "internal" || part == "vendor" {
			return true
		}
	}
	return false
}

// listed is what go list says of a package.
type listed struct {
	ImportPath, Name, Export, Dir string
	GoFiles, CgoFiles             []string
	Error                         *struct{ Err string }
}

// Paths returns the import paths, sorted.
func (l List) Paths() ([]string, error) {
	pkgs, err := l.run(l.Patterns)
	var paths []string
	for _, p := range pkgs {
		paths = append(paths, p.ImportPath)
	}
	return paths, err
}

// Load compiles the packages, where the build cache does not hold them, and
// reads the export data that the compiler wrote. It also returns why packages
// were left out.
func (l List) Load() (pkgs []*types.Package, left []error, err error) {
	paths, err := l.Paths()
	if err != nil || len(paths) == 0 {
		return nil, nil, err
	}
	list, err := l.run(append([]string{"-export"}, paths...))
	if err != nil {
		return nil, nil, err
	}
	fset := token.NewFileSet()
	imports := map[string]*types.Package{}
	for _, p := range list {
		if p.Error != nil || p.Export == "" {
			msg := "no export data"
			if p.Error != nil {
				msg = p.Error.Err
			}
			err := fmt.Errorf("%s does not compile:\n%s", p.ImportPath, msg)
			if !l.Partial {
				return nil, nil, err
			}
			left = append(left, err)
			continue
		}
		pkg, err := readExport(p, fset, imports)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p.ImportPath, err)
		}
		pkgs = append(pkgs, pkg)
	}
	return pkgs, left, nil
}

// run calls go list; args may start with flags.
func (l List) run(args []string) ([]listed, error) {
	cmd := exec.Command("go", append([]string{"list", "-e", "-json=ImportPath,Name,Export,Dir,GoFiles,CgoFiles,Error"}, args...)...)
	cmd.Dir, cmd.Env = l.Dir, l.Env
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
		if p.Name == "main" || p.Name == "" && p.Error == nil || Hidden(p.ImportPath) || l.Keep != nil && !l.Keep(p.ImportPath) {
			continue
		}
		if p.Error == nil && p.Export == "" && stderr.Len() > 0 {
			p.Error = &struct{ Err string }{stderr.String()}
		}
		pkgs = append(pkgs, p)
	}
	slices.SortFunc(pkgs, func(a, b listed) int { return strings.Compare(a.ImportPath, b.ImportPath) })
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
