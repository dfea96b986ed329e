package symbols

import (
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"arch2vec/stdlib/symbols/gonum"
	"arch2vec/stdlib/symbols/native"
	"arch2vec/stdlib/symbols/std"
	"arch2vec/stdlib/symbols/table"
)

// Set is all tables of this binary and more, such as those of a module that a
// program was built with. The zero Set is the tables of this binary.
type Set struct{ more []*table.Table }

// With returns a set with more tables, sorted by import path.
func With(more ...*table.Table) Set { return Set{more} }

// Lookup returns what the package at importPath exports, by name, in a map of
// the caller's own; the wrappers of its interfaces are there with "_" before
// their names. A package that exports generic code only has an empty map.
func (s Set) Lookup(importPath string) (map[string]reflect.Value, bool) {
	t := s.find(importPath)
	if t == nil {
		return nil, false
	}
	return t.Symbols(), true
}

// Name returns the package name, such as "rand" for "math/rand/v2", or "" for
// an unknown path.
func (s Set) Name(importPath string) string {
	if t := s.find(importPath); t != nil {
		return t.Name
	}
	return ""
}

// Paths returns the import paths of all packages, sorted.
func (s Set) Paths() []string {
	var paths []string
	for _, g := range s.groups() {
		for _, t := range g {
			paths = append(paths, t.Path)
		}
	}
	slices.Sort(paths)
	return paths
}

// Closure returns importPath and, sorted after it, the packages that must be
// loaded with it: those whose types its API mentions, and theirs. It returns
// nil for an unknown path.
func (s Set) Closure(importPath string) []string {
	if s.find(importPath) == nil {
		return nil
	}
	seen := map[string]bool{}
	var visit func(string)
	visit = func(p string) {
		t := s.find(p)
		if t == nil || seen[p] {
			return
		}
		seen[p] = true
		for _, r := range t.Requires {
			visit(r)
		}
	}
	visit(importPath)
	delete(seen, importPath)
	return append([]string{importPath}, slices.Sorted(maps.Keys(seen))...)
}

// Exports returns the packages with their closures in the form of yaegi's
// interp.Exports, which Interpreter.Use takes. Packages of generic code only
// are left out, since an empty table would hide the interpreter's own source
// of package slices and the like. Use must be given MapTypes before.
func (s Set) Exports(importPaths ...string) (map[string]map[string]reflect.Value, error) {
	out := map[string]map[string]reflect.Value{}
	for _, p := range importPaths {
		closure := s.Closure(p)
		if closure == nil {
			return nil, fmt.Errorf("symbols: no package %q", p)
		}
		for _, c := range closure {
			t := s.find(c)
			key := path.Join(c, t.Name)
			if _, ok := out[key]; ok {
				continue
			}
			if m := t.Symbols(); len(m) > 0 {
				out[key] = m
			}
		}
	}
	return out, nil
}

// MapTypes returns, in the form of yaegi's interp.Exports, the compiled
// functions that look for methods of their arguments of type any, such as
// fmt.Println for String. Without it interpreted methods are not found there.
func MapTypes() map[string]map[string]reflect.Value {
	return map[string]map[string]reflect.Value{
		".": {"MapTypes": reflect.ValueOf(std.MapTypes())},
	}
}

func (s Set) groups() [4][]*table.Table {
	return [...][]*table.Table{std.Tables[:], gonum.Tables[:], native.Tables[:], s.more}
}

func (s Set) find(importPath string) *table.Table {
	for _, g := range s.groups() {
		i, ok := slices.BinarySearchFunc(g, importPath, func(t *table.Table, p string) int {
			return strings.Compare(t.Path, p)
		})
		// The table of a package for another platform is empty.
		if ok && g[i].Name != "" {
			return g[i]
		}
	}
	return nil
}
