package session

import (
	"reflect"
	"unsafe"
)

// addressable is reflect's flag of a variable.
const addressable = 1 << 8

// argument is an argument of a quick call, of type T.
type argument[T any] struct {
	operand
	fixed value // of a constant
	like  value
	plain bool // T is no interface
	any   bool // T is any
}

func newArgument[T any](o operand) argument[T] {
	t := reflect.TypeFor[T]()
	a := argument[T]{operand: o, like: variable[T](), plain: t.Kind() != reflect.Interface, any: t == reflect.TypeFor[any]()}
	a.like.flag &^= addressable
	if o.isConst {
		a.fixed = *(*value)(unsafe.Pointer(&o.constant))
	}
	return a
}

// get reads the argument. It fails where what is there is not of type T, or would
// have to be wrapped on its way into an interface.
func (a *argument[T]) get(f *quickFrame) (x T, ok bool) {
	v := &a.fixed
	if !a.isConst {
		v = a.slot(f)
	}
	if v == nil {
		return x, false
	}
	if v.typ == a.like.typ && v.flag&^addressable == a.like.flag {
		if x = *(*T)(v.ptr); a.plain {
			return x, true
		}
		return x, compiled(reflect.TypeOf(x))
	}
	if a.plain || v.typ == nil {
		return x, false
	}
	return converted[T](v, a.any)
}

// converted puts a value into an interface of type T.
func converted[T any](v *value, empty bool) (x T, ok bool) {
	if empty {
		switch p := (*any)(unsafe.Pointer(&x)); v.typ {
		case intValue.typ:
			*p = *(*int)(v.ptr)
			return x, true
		case stringValue.typ:
			*p = *(*string)(v.ptr)
			return x, true
		case floatValue.typ:
			*p = *(*float64)(v.ptr)
			return x, true
		}
	}
	r := *(*reflect.Value)(unsafe.Pointer(v))
	t := r.Type()
	if t.Kind() == reflect.Interface || !r.CanInterface() || !compiled(t) || !empty && named(t).PkgPath() == "" {
		return x, false
	}
	x, ok = r.Interface().(T)
	return x, ok
}

// compiled tells whether values of a type mean to compiled code what they mean to
// interpreted code: functions do not, nor what the interpreter wraps.
func compiled(t reflect.Type) bool {
	if t == nil {
		return true
	}
	switch t.Kind() {
	case reflect.Func:
		return false
	case reflect.Pointer, reflect.Struct:
		return named(t).PkgPath() != interpPath
	}
	return true
}

// named is the type that has the methods of t.
func named(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

var stringValue = variable[string]()

// result is where a result of type T goes.
type result[T any] struct {
	operand
	like  value
	plain bool
}

func newResult[T any](o operand) result[T] {
	return result[T]{o, variable[T](), reflect.TypeFor[T]().Kind() != reflect.Interface}
}

// ready tells whether the result can be written.
func (r *result[T]) ready(f *quickFrame) bool {
	v := r.slot(f)
	if v == nil || v.typ != r.like.typ || v.flag != r.like.flag {
		return false
	}
	return r.plain || compiled(reflect.TypeOf(*(*T)(v.ptr)))
}

// set writes the result; ready has been asked before the call, during which the
// variable stays what it is.
func (r *result[T]) set(f *quickFrame, x T) {
	if v := r.slot(f); v != nil && v.typ == r.like.typ {
		*(*T)(v.ptr) = x
	}
}
