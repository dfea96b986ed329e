package session

import (
	"errors"
	"reflect"
)

// The interpreter gives compiled code its errors in wrappers that are never
// equal and have lost their types. So package errors needs help with them.

// chain lists an error and those that it wraps, in the order of errors.Is.
func chain(err error) []error {
	if err == nil {
		return nil
	}
	out := []error{err}
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

// isError is errors.Is that looks into wrappers.
func isError(err, target error) bool {
	if err == nil || target == nil || errors.Is(err, target) {
		return err == target || err != nil && target != nil
	}
	want := wrappedValue(target)
	if want == nil || !reflect.TypeOf(want).Comparable() {
		return false
	}
	for _, e := range chain(err) {
		if got := wrappedValue(e); got != nil && reflect.TypeOf(got) == reflect.TypeOf(want) && got == want {
			return true
		}
	}
	return false
}

// wrappedValue is the interpreted value in a wrapper, or nil.
func wrappedValue(e error) any {
	v := reflect.ValueOf(e)
	if v.Kind() != reflect.Struct || v.NumField() == 0 || v.Type().Field(0).Name != "IValue" {
		return nil
	}
	x := concrete(v.Field(0))
	// Out of the box of a struct; see package lower.
	if p := reflect.ValueOf(x); p.Kind() == reflect.Pointer && !p.IsNil() && p.Elem().Kind() == reflect.Struct {
		if e := p.Elem(); e.NumField() == 1 && e.Type().Field(0).Tag.Get("box") != "" {
			return e.Field(0).Interface()
		}
	}
	return x
}
