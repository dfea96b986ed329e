// Command generate writes the packages that interpreted programs can import:
// the symbol tables in stdlib/symbols and the type information in
// stdlib/typeinfo. Run it in the module's root:
//
//	go run ./stdlib/generate              # all groups
//	go run ./stdlib/generate native       # one group: std, gonum or native
//
// The same toolchain, module versions and sources give the same bytes.
// It needs the go command, and imports nothing that it generates, so it works
// where the tables no longer compile.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"arch2vec/stdlib/extract"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(names []string) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	groups, err := selectGroups(names)
	if err != nil {
		return err
	}
	importable, err := allPaths(root)
	if err != nil {
		return err
	}
	for _, g := range groups {
		files, err := g.generate(root, importable)
		if err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
		if err := write(root, g, files); err != nil {
			return err
		}
		fmt.Printf("%-7s %3d packages\n", g.name, len(files.packages))
	}
	return nil
}

// output is what one group generates.
type output struct {
	packages []string          // import paths
	sources  map[string][]byte // file name in the group's symbols folder -> Go source
	archive  []byte            // zip of export data
	docs     []byte            // zip of comments
}

func (g group) generate(root string, importable map[string]bool) (output, error) {
	pkgs, err := g.load(root)
	if err != nil {
		return output{}, err
	}
	out := output{sources: map[string][]byte{}}
	for _, p := range pkgs {
		out.packages = append(out.packages, p.Path())
		src, err := extract.Table(g.name, p, importable)
		if err != nil {
			return output{}, fmt.Errorf("%s: %w", p.Path(), err)
		}
		out.sources[extract.FileName(p.Path())] = src
	}
	out.sources["index.go"], err = extract.Index(g.name, out.packages)
	if err != nil {
		return output{}, err
	}
	if out.archive, err = extract.Archive(pkgs); err != nil {
		return output{}, err
	}
	out.docs, err = extract.List{Dir: root, Patterns: g.patterns, Keep: g.keeps}.Docs()
	return out, err
}

// write replaces the generated files of a group and removes those of packages
// that are gone; files written by hand stay.
func write(root string, g group, out output) error {
	dir := filepath.Join(root, "stdlib", "symbols", g.name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if _, ok := out.sources[filepath.Base(name)]; ok {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if strings.HasPrefix(string(src), extract.Header) {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	for name, src := range out.sources {
		if err := replace(filepath.Join(dir, name), src); err != nil {
			return err
		}
	}
	typeinfo := filepath.Join(root, "stdlib", "typeinfo", g.name)
	if err := replace(typeinfo+".zip", out.archive); err != nil {
		return err
	}
	return replace(typeinfo+"_docs.zip", out.docs)
}

// replace writes a file aside and renames it; a file that already has these
// bytes is left alone, so that the build cache stays warm.
func replace(name string, data []byte) error {
	if old, err := os.ReadFile(name); err == nil && string(old) == string(data) {
		return nil
	}
	tmp := name + ".tmp"
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			return d, nil
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("no go.mod in %s or above; run this in the module", dir)
		}
	}
}
