package main

import (
	"bytes"
	"fmt"
	"go/constant"
	"go/format"
	"go/types"
	"math/big"
	"slices"
	"strings"
)

// tableSource returns the Go source of one package's symbol table.
func tableSource(group string, p *types.Package, importable map[string]bool) ([]byte, error) {
	s := &source{
		pkg:        p,
		importable: importable,
		imports:    map[string]bool{},
	}
	s.collect()

	var b bytes.Buffer
	b.WriteString(header)
	if platformOnly[p.Path()] {
		b.WriteString("//go:build linux && amd64\n\n")
	}
	fmt.Fprintf(&b, "package %s\n\nimport (\n", group)
	if len(s.untyped) > 0 {
		b.WriteString("\"go/token\"\n")
	}
	fmt.Fprintf(&b, "%q\n", module+"/stdlib/symbols/table")
	for _, path := range sorted(s.imports) {
		fmt.Fprintf(&b, "%s %q\n", ident(path), path)
	}
	fmt.Fprintf(&b, ")\n\nvar %s = table.Table{\nPath: %q,\nName: %q,\n", tableVar(p.Path()), p.Path(), p.Name())
	if r := s.requires(); len(r) > 0 {
		fmt.Fprintf(&b, "Requires: []string{\n")
		for _, path := range r {
			fmt.Fprintf(&b, "%q,\n", path)
		}
		b.WriteString("},\n")
	}
	for _, part := range []struct {
		field string
		lines []string
	}{
		{"Values: []table.Symbol", s.values},
		{"Vars: []table.Symbol", s.vars},
		{"Types: []table.Symbol", s.types},
		{"Wrappers: []table.Symbol", s.wrappers},
		{"Untyped: []table.Untyped", s.untyped},
	} {
		if len(part.lines) > 0 {
			fmt.Fprintf(&b, "%s{\n%s\n},\n", part.field, strings.Join(part.lines, "\n"))
		}
	}
	b.WriteString("}\n")
	b.Write(s.decls.Bytes())
	out, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the generated table is not Go: %w", err)
	}
	return out, nil
}

// platformOnly packages have another API on every platform; their tables are
// built on the platform that they were generated on and left out elsewhere.
var platformOnly = map[string]bool{"syscall": true}

// indexSource returns the sorted list of a group's tables.
func indexSource(group string, paths []string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(header)
	fmt.Fprintf(&b, "// Package %s holds the symbol tables of one group of packages.\npackage %s\n\n", group, group)
	fmt.Fprintf(&b, "import %q\n\n// Tables is sorted by import path.\nvar Tables = [...]*table.Table{\n", module+"/stdlib/symbols/table")
	for _, p := range paths {
		fmt.Fprintf(&b, "&%s,\n", tableVar(p))
	}
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}

// source collects the parts of one table.
type source struct {
	pkg        *types.Package
	importable map[string]bool
	imports    map[string]bool // packages that the file names

	values, vars, types, wrappers, untyped []string
	decls                                  bytes.Buffer // wrapper types and their methods
}

func (s *source) collect() {
	scope := s.pkg.Scope()
	for _, name := range scope.Names() {
		switch o := scope.Lookup(name).(type) {
		case *types.Const:
			if o.Exported() {
				s.addConst(o)
			}
		case *types.Func:
			// A generic function has no value to put into a table.
			if o.Exported() && o.Signature().TypeParams().Len() == 0 {
				s.values = append(s.values, entry(name, s.name(name)))
			}
		case *types.Var:
			if o.Exported() {
				s.vars = append(s.vars, entry(name, "&"+s.name(name)))
			}
		case *types.TypeName:
			if o.Exported() {
				s.addType(o)
			}
		}
	}
}

func (s *source) addConst(o *types.Const) {
	kind, lit := "", ""
	if b, ok := o.Type().(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		kind, lit = literal(o.Val())
	}
	if kind == "" {
		s.values = append(s.values, entry(o.Name(), s.name(o.Name())))
		return
	}
	s.untyped = append(s.untyped, fmt.Sprintf("{Name: %q, Kind: token.%s, Literal: %q},", o.Name(), kind, lit))
}

// literal returns the Go literal of an untyped constant; an empty kind means
// that the constant's default type holds it exactly.
func literal(v constant.Value) (kind, lit string) {
	switch v.Kind() {
	case constant.Int:
		return "INT", v.ExactString()
	case constant.String:
		return "STRING", v.ExactString()
	case constant.Float:
		f, ok := constant.Val(v).(*big.Float)
		if !ok {
			f = new(big.Float).SetPrec(512).SetRat(constant.Val(v).(*big.Rat))
		}
		// 512 bits are 155 digits; a few more make the text exact enough to
		// give the same bits when it is read again.
		return "FLOAT", f.Text('g', 160)
	}
	return "", ""
}

func (s *source) addType(o *types.TypeName) {
	isAlias := false
	switch t := o.Type().(type) {
	case *types.Named:
		if t.TypeParams().Len() > 0 {
			return
		}
	case *types.Alias:
		if t.TypeParams().Len() > 0 {
			return
		}
		isAlias = true
	}
	iface, isInterface := o.Type().Underlying().(*types.Interface)
	if isInterface && !iface.IsMethodSet() {
		return // a constraint, of use to generic code only
	}
	s.types = append(s.types, entry(o.Name(), "(*"+s.name(o.Name())+")(nil)"))
	if isInterface && !isAlias {
		s.addWrapper(o.Name(), iface)
	}
}

// requires lists the other importable packages in the package's API.
func (s *source) requires() []string {
	req := map[string]bool{}
	for _, p := range s.pkg.Imports() {
		if s.importable[p.Path()] {
			req[p.Path()] = true
		}
	}
	return sorted(req)
}

// name returns the qualified name of one of the package's own names.
func (s *source) name(n string) string { return s.qualify(s.pkg) + "." + n }

func (s *source) qualify(p *types.Package) string {
	s.imports[p.Path()] = true
	return ident(p.Path())
}

func entry(name, value string) string { return fmt.Sprintf("{Name: %q, Value: %s},", name, value) }

var nonIdent = strings.NewReplacer("/", "_", "-", "_", ".", "_", "~", "_")

// ident makes an identifier of an import path; aliasing every import by it
// keeps text/template and html/template apart.
func ident(path string) string { return nonIdent.Replace(path) }

func tableVar(path string) string { return "table_" + ident(path) }

// fileName avoids the suffixes that the go command gives a meaning to, such as
// _test and _windows.
func fileName(path string) string { return ident(path) + "_table.go" }

func sorted(m map[string]bool) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
