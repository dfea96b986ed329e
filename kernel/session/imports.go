package session

import (
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"strings"
	"sync"

	"arch2vec/stdlib/symbols"
)

// noFiles is where the interpreter would look for packages in source form:
// nowhere.
type noFiles struct{}

func (noFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// preferred settles names that several packages of Go's library have. Those
// without an entry are ambiguous and not imported unasked.
var preferred = map[string]string{
	"rand": "math/rand", "template": "text/template", "scanner": "bufio", "list": "container/list",
}

// standardNames maps the names of Go's packages to their paths, those left out
// that several have.
var standardNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, p := range (symbols.Set{}).Paths() {
		first, _, _ := strings.Cut(p, "/")
		if strings.Contains(first, ".") || first == "arch2vec" {
			continue
		}
		n := (symbols.Set{}).Name(p)
		if _, twice := names[n]; twice {
			names[n] = ""
			continue
		}
		names[n] = p
	}
	for n, p := range preferred {
		if path.Base(p) == n {
			names[n] = p
		}
	}
	return names
})

// knownPackage returns the path of the only package with this name, or "".
// Packages of modules that the user required come first.
func (s *Session) knownPackage(name string) string {
	found := ""
	for _, m := range s.opts.Modules {
		for _, t := range m.Tables {
			if t.Name == name {
				if found != "" {
					return ""
				}
				found = t.Path
			}
		}
	}
	if found != "" {
		return found
	}
	return standardNames()[name]
}

// DisplayPath is the import path of the package that every session has imported.
const displayPath = "arch2vec/kernel/display"

// aliases are import paths that stand for another.
var aliases = map[string]string{
	"github.com/gopherdata/gophernotes": displayPath,
}

// aliasImporter resolves import paths that stand for another.
type aliasImporter struct{ types.Importer }

func (a aliasImporter) Import(p string) (*types.Package, error) {
	if q, ok := aliases[p]; ok {
		p = q
	}
	return a.Importer.Import(p)
}

// predeclare imports package display and declares its function Display, as
// gophernotes does.
func (s *Session) predeclare() error {
	pkg, err := s.imp.Import(displayPath)
	if err != nil {
		return err
	}
	s.scope["display"] = types.NewPkgName(token.NoPos, nil, "display", pkg)
	if o := pkg.Scope().Lookup("Display"); o != nil {
		s.scope["Display"] = o
	}
	return nil
}
