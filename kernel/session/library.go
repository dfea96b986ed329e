package session

import (
	"embed"
	"go/ast"
	"go/parser"
	"go/types"
	"path"

	"arch2vec/kernel/session/lower"
)

// librarySource holds the generic parts of Go's library in source form, since
// compiled packages have no generic code: from Go 1.26, under its licence
// (library/LICENSE), with a few lines replaced that use unsafe or the
// runtime.
//
//go:embed library
var librarySource embed.FS

// libraryFolders maps import paths to folders of librarySource.
var libraryFolders = map[string]string{
	"slices": "slices", "maps": "maps", "cmp": "cmp", "iter": "iter", "sync": "sync", "sync/atomic": "atomic",
	"errors": "errors", "math/rand/v2": "rand", "reflect": "reflect",
}

// library returns the source of a package's generic code, checked, or nil.
func (s *Session) library(importPath string) *lower.Library {
	folder, ok := libraryFolders[importPath]
	if !ok {
		return nil
	}
	if lib, done := s.libraries[importPath]; done {
		return lib
	}
	s.libraries[importPath] = nil // while it is loaded
	lib, err := s.loadLibrary(importPath, path.Join("library", folder))
	if err != nil {
		return nil // its functions are then reported as not supported
	}
	s.libraries[importPath] = lib
	s.lower.AddLibrary(lib)
	return lib
}

func (s *Session) loadLibrary(importPath, folder string) (*lower.Library, error) {
	entries, err := librarySource.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	lib := &lower.Library{Info: newInfo()}
	for _, e := range entries {
		src, err := librarySource.ReadFile(path.Join(folder, e.Name()))
		if err != nil {
			return nil, err
		}
		name := "library#" + path.Base(folder) + "." + e.Name()
		f, err := parser.ParseFile(s.fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		lib.Files = append(lib.Files, f)
	}
	conf := types.Config{Importer: s.imp, GoVersion: goVersion}
	lib.Pkg, err = conf.Check(importPath, s.fset, append([]*ast.File{}, lib.Files...), lib.Info)
	return lib, err
}
