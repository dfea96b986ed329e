package session

import (
	"reflect"
	"sync"
)

// wrappedError holds a value of an interpreted type in an error. Two of them are
// equal, and one key of a map, where the values are; it is held by a pointer
// where its value cannot be compared.
type wrappedError struct {
	d     *dynamics
	value any
}

func (e wrappedError) method(name string) any {
	if t := e.d.of(e.value); t != nil {
		return t.methods[name]
	}
	return nil
}

func (e wrappedError) Error() string { return e.method("Error").(func(any) string)(e.value) }

func (e wrappedError) Unwrap() error {
	if f, ok := e.method("Unwrap").(func(any) error); ok {
		return f(e.value)
	}
	return nil
}

func (e wrappedError) Is(target error) bool {
	f, ok := e.method("Is").(func(any, error) bool)
	return ok && f(e.value, target)
}

// wrappedErrors is a wrappedError that wraps several others.
type wrappedErrors struct{ wrappedError }

func (e wrappedErrors) Unwrap() []error { return e.method("Unwrap").(func(any) []error)(e.value) }

// AsError puts x, which is of an interpreted type, in an error.
func (d *dynamics) AsError(x any) error {
	e := wrappedError{d, x}
	_, several := e.method("Unwrap").(func(any) []error)
	switch same := reflect.ValueOf(x).Comparable(); {
	case several && same:
		return wrappedErrors{e}
	case several:
		return &wrappedErrors{e}
	case same:
		return e
	}
	return &e
}

var wrapperTypes sync.Map // reflect.Type to bool

// From takes an interpreted value out of the wrapper that holds it in an
// interface of compiled code.
func From(x any) any {
	switch e := x.(type) {
	case nil:
		return nil
	case wrappedError:
		return e.value
	case *wrappedError:
		return e.value
	case wrappedErrors:
		return e.value
	case *wrappedErrors:
		return e.value
	}
	t := reflect.TypeOf(x)
	if t.Kind() != reflect.Pointer {
		return x
	}
	is, ok := wrapperTypes.Load(t)
	if !ok {
		s := t.Elem()
		is = s.Kind() == reflect.Struct && s.NumField() > 0 && s.Field(0).Name == "IValue"
		wrapperTypes.Store(t, is)
	}
	if is.(bool) {
		if v := reflect.ValueOf(x); !v.IsNil() {
			return v.Elem().Field(0).Interface()
		}
	}
	return x
}

// chain lists an error and those that it wraps, in the order of errors.Is, as
// interpreted code sees them.
func chain(err error) []any {
	if err == nil {
		return nil
	}
	out := []any{From(err)}
	switch x := err.(type) {
	case interface{ Unwrap() error }:
		out = append(out, chain(x.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, e := range x.Unwrap() {
			out = append(out, chain(e)...)
		}
	}
	return out
}
