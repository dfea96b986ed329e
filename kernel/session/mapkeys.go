package session

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// sortedKeys orders a map's keys as fmt does, for the kinds that are ordered.
func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		for a.Kind() == reflect.Interface && !a.IsNil() {
			a = reflect.ValueOf(bare(a.Interface()))
		}
		for b.Kind() == reflect.Interface && !b.IsNil() {
			b = reflect.ValueOf(bare(b.Interface()))
		}
		switch {
		case a.CanInt() && b.CanInt():
			return compare(a.Int(), b.Int())
		case a.CanUint() && b.CanUint():
			return compare(a.Uint(), b.Uint())
		case a.CanFloat() && b.CanFloat():
			return compare(a.Float(), b.Float())
		case a.Kind() == reflect.String && b.Kind() == reflect.String:
			return strings.Compare(a.String(), b.String())
		case a.Kind() == reflect.Bool && b.Kind() == reflect.Bool:
			return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
		case a.Kind() == reflect.Struct && a.Type() == b.Type(), a.Kind() == reflect.Array && a.Type() == b.Type():
			return compareParts(a, b)
		}
		return int(a.Kind()) - int(b.Kind())
	})
	return keys
}

// compareParts orders structs and arrays by their first difference.
func compareParts(a, b reflect.Value) int {
	n, part := 0, reflect.Value.Field
	if a.Kind() == reflect.Array {
		n, part = a.Len(), reflect.Value.Index
	} else {
		n = a.NumField()
	}
	for i := range n {
		x, y := part(a, i), part(b, i)
		c := 0
		switch {
		case x.CanInt():
			c = compare(x.Int(), y.Int())
		case x.CanUint():
			c = compare(x.Uint(), y.Uint())
		case x.CanFloat():
			c = compare(x.Float(), y.Float())
		case x.Kind() == reflect.String:
			c = strings.Compare(x.String(), y.String())
		case x.Kind() == reflect.Struct || x.Kind() == reflect.Array:
			c = compareParts(x, y)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func compare[T int64 | uint64 | float64](a, b T) int {
	switch {
	case a < b || a != a && b == b:
		return -1
	case a > b || b != b && a == a:
		return 1
	}
	return 0
}
