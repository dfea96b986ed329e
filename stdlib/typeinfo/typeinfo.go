// Package typeinfo gives go/types the packages that interpreted programs may
// import, without a Go toolchain or their sources: the compiler's export data
// is embedded, a package is decoded when it is first imported.
package typeinfo

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
)

// The archives are apart so that a change of this project's packages, the
// only frequent one, rewrites a small file.
var (
	//go:embed std.zip
	stdZip []byte
	//go:embed gonum.zip
	gonumZip []byte
	//go:embed native.zip
	nativeZip []byte
)

// Set is the packages of this binary, and more. The zero Set is the former.
type Set struct{ more map[string]*zip.File }

// With returns a set with more packages: each archive as package extract writes
// it. Where two hold a package the first counts, and before them this binary.
func With(archives ...[]byte) (Set, error) {
	s := Set{map[string]*zip.File{}}
	for i, data := range archives {
		if err := addArchive(s.more, data); err != nil {
			return Set{}, fmt.Errorf("typeinfo: archive %d: %w", i, err)
		}
	}
	return s, nil
}

func addArchive(m map[string]*zip.File, data []byte) error {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	for _, f := range r.File {
		if m[f.Name] == nil {
			m[f.Name] = f
		}
	}
	return nil
}

// index opens the archives' directories, once.
var index = sync.OnceValues(func() (map[string]*zip.File, error) {
	m := map[string]*zip.File{}
	for name, data := range map[string][]byte{"std": stdZip, "gonum": gonumZip, "native": nativeZip} {
		if err := addArchive(m, data); err != nil {
			return nil, fmt.Errorf("typeinfo: embedded archive %s: %w", name, err)
		}
	}
	return m, nil
})

func (s Set) find(path string) (*zip.File, error) {
	files, err := index()
	if err != nil {
		return nil, err
	}
	if f := files[path]; f != nil {
		return f, nil
	}
	return s.more[path], nil
}

// Paths returns the import paths of all packages, sorted. Package unsafe,
// which every importer knows, is not among them.
func (s Set) Paths() []string {
	files, err := index()
	if err != nil {
		return nil
	}
	paths := make([]string, 0, len(files)+len(s.more))
	for p := range files {
		paths = append(paths, p)
	}
	for p := range s.more {
		if files[p] == nil {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

// Importer returns an importer of its own set of packages: types from two
// importers are different types. It may be used by several goroutines. The
// data holds no positions, so nothing is added to fset.
//
// An unknown path is an error that names the paths most like it.
func (s Set) Importer(fset *token.FileSet) types.Importer {
	return &importer{set: s, fset: fset, packages: map[string]*types.Package{"unsafe": types.Unsafe}}
}

type importer struct {
	set      Set
	mu       sync.Mutex
	fset     *token.FileSet
	packages map[string]*types.Package
}

func (im *importer) Import(path string) (*types.Package, error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	// A package that another one mentions is there, but incomplete.
	if p := im.packages[path]; p != nil && p.Complete() {
		return p, nil
	}
	f, err := im.set.find(path)
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, im.set.unknown(path)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("typeinfo: %s: %w", path, err)
	}
	defer r.Close()
	p, err := gcexportdata.Read(r, im.fset, im.packages, path)
	if err != nil {
		return nil, fmt.Errorf("typeinfo: %s: %w", path, err)
	}
	return p, nil
}

func (s Set) unknown(path string) error {
	near := s.Near(path)
	if len(near) == 0 {
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			return fmt.Errorf("no package %q; a cell with %%require %s@VERSION adds it", path, path)
		}
		return fmt.Errorf("no package %q; Go's library, gonum, gonum/plot and arch2vec can be imported", path)
	}
	return fmt.Errorf("no package %q; did you mean %s?", path, strings.Join(near, " or "))
}
