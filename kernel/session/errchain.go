package session

import (
	"reflect"
	"sync"
)

// Error holds a value of an interpreted type in an error.
type wrappedError struct {
	IValue  any
	WError  func() string
	WUnwrap func() error
	WIs     func(error) bool
}

func (e *wrappedError) Error() string { return e.WError() }

func (e *wrappedError) Unwrap() error {
	if e.WUnwrap == nil {
		return nil
	}
	return e.WUnwrap()
}

// Is makes two wrappers of the same value one error to errors.Is.
func (e *wrappedError) Is(target error) bool {
	return sameError(e.IValue, target) || e.WIs != nil && e.WIs(target)
}

func sameError(v any, target error) bool {
	t := From(target)
	return v != nil && t != nil && reflect.TypeOf(v) == reflect.TypeOf(t) && reflect.TypeOf(v).Comparable() && v == t
}

// wrappedErrors is a wrappedError that wraps several others.
type wrappedErrors struct {
	IValue  any
	WError  func() string
	WUnwrap func() []error
	WIs     func(error) bool
}

func (e *wrappedErrors) Error() string   { return e.WError() }
func (e *wrappedErrors) Unwrap() []error { return e.WUnwrap() }
func (e *wrappedErrors) Is(target error) bool {
	return sameError(e.IValue, target) || e.WIs != nil && e.WIs(target)
}

// error wraps x, which is of the type t.
func (t *dynamic) error(x any) error {
	text := func() string { return t.methods["Error"].(func(any) string)(x) }
	var is func(error) bool
	if f, ok := t.methods["Is"].(func(any, error) bool); ok {
		is = func(target error) bool { return f(x, target) }
	}
	switch f := t.methods["Unwrap"].(type) {
	case func(any) []error:
		return &wrappedErrors{x, text, func() []error { return f(x) }, is}
	case func(any) error:
		return &wrappedError{x, text, func() error { return f(x) }, is}
	}
	return &wrappedError{x, text, nil, is}
}

var wrapperTypes sync.Map // reflect.Type to bool

// From takes an interpreted value out of the wrapper that holds it in an
// interface of compiled code.
func From(x any) any {
	switch e := x.(type) {
	case nil:
		return nil
	case *wrappedError:
		return e.IValue
	case *wrappedErrors:
		return e.IValue
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
