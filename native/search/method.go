package search

import (
	"fmt"
	"strings"
)

// Method is an entry in the table of methods.
type Method struct {
	Name  string // as on the command line
	About string // one line
	Pool  PoolKind
	// Default returns the settings that we hold right for a space (one of
	// space.Names), Reference those that were published, defects included; nil where
	// nothing was.
	Default, Reference func(spaceName string) Settings
	// Overrun says that the published code counts the query that crosses a budget
	// in seconds.
	Overrun bool
}

// Methods lists all methods.
func Methods() []Method {
	return []Method{
		{
			Name: "random", About: "random search",
			Default:   func(string) Settings { return Random{} },
			Reference: func(string) Settings { return Random{Repeat: true} },
		},
	}
}

// Lookup returns the method with this name; an unknown one is an error that lists
// the known ones.
func Lookup(name string) (Method, error) {
	var names []string
	for _, m := range Methods() {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	return Method{}, fmt.Errorf("search: no method %q (there are: %s)", name, strings.Join(names, ", "))
}

// SettingsOf returns the settings of a method for a space: the default ones, or
// those that were published.
func SettingsOf(method, spaceName string, reference bool) (Settings, error) {
	m, err := Lookup(method)
	if err != nil {
		return nil, err
	}
	if !reference {
		return m.Default(spaceName), nil
	}
	if m.Reference == nil {
		return nil, fmt.Errorf("search: no settings of %s were published; leave out the reference", method)
	}
	return m.Reference(spaceName), nil
}
