// Package table defines the form of the generated symbol tables.
//
// A table is a composite literal of constants and addresses only, so the
// linker lays it out as read-only data: a program that links thousands of
// symbols runs no code for them at start, and the pages of a package are not
// even read from disk until a cell imports it.
package table

import (
	"go/constant"
	"go/token"
	"reflect"
)

// Table lists what one package exports.
type Table struct {
	Path string // import path
	Name string // package name
	// Requires names the other packages with a table whose types this
	// package's API mentions. The interpreter finds the wrapper of an
	// interface in the table of the package that declares it, so these must
	// be loaded with this one even where no cell imports them.
	Requires []string

	Values   []Symbol  // functions and typed constants
	Vars     []Symbol  // pointers to the variables
	Types    []Symbol  // nil pointers to the types
	Wrappers []Symbol  // nil pointers to the interface wrappers
	Untyped  []Untyped // untyped constants
}

// Symbol is one exported name.
type Symbol struct {
	Name  string
	Value any
}

// Untyped is an untyped numeric or string constant, which has a value of
// arbitrary precision and no Go value to stand for it.
type Untyped struct {
	Name    string
	Kind    token.Token // token.INT, token.FLOAT or token.STRING
	Literal string
}

// Symbols returns the table as the interpreter wants it. The map is new at
// every call; changing it changes nothing else.
func (t *Table) Symbols() map[string]reflect.Value {
	m := make(map[string]reflect.Value,
		len(t.Values)+len(t.Vars)+len(t.Types)+len(t.Wrappers)+len(t.Untyped))
	for _, s := range t.Values {
		m[s.Name] = reflect.ValueOf(s.Value)
	}
	for _, s := range t.Vars {
		m[s.Name] = reflect.ValueOf(s.Value).Elem()
	}
	for _, s := range t.Types {
		m[s.Name] = reflect.ValueOf(s.Value)
	}
	for _, s := range t.Wrappers {
		m["_"+s.Name] = reflect.ValueOf(s.Value)
	}
	for _, c := range t.Untyped {
		m[c.Name] = reflect.ValueOf(constant.MakeFromLiteral(c.Literal, c.Kind, 0))
	}
	return m
}
