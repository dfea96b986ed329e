package session

import (
	"io"
	"reflect"
	"sync"
	"time"
	"unsafe"
)

// shape makes the quick function of a call to f, which is of the shape's type.
type shape = func(f reflect.Value, c *quickCall) execFunc

// shapes are the types of functions that can be called quickly: those that loops
// in cells call most, of packages fmt, math, math/rand, strings, strconv, unicode
// and time, and what lowered code calls itself.
var shapes = sync.OnceValue(func() map[reflect.Type]shape {
	m := map[reflect.Type]shape{}
	// Prints.
	put(m, print0[int, error])
	put(m, print1[string, int, error])
	put(m, print1[io.Writer, int, error])
	put(m, print2[io.Writer, string, int, error])
	put(m, text0[string])
	put(m, text1[string, string])
	put(m, text1[string, error])
	put(m, log0)
	put(m, log1[string])
	// Numbers.
	put(m, call0[float64])
	put(m, call0[int])
	put(m, call1[float64, float64])
	put(m, call1[float64, bool])
	put(m, call1[float64, int])
	put(m, call1[float64, uint64])
	put(m, call1[uint64, float64])
	put(m, call1[uint64, int])
	put(m, call1[uint, int])
	put(m, call1[int, int])
	put(m, call1[int, float64])
	put(m, call2[float64, float64, float64])
	put(m, call2[int, float64, float64])
	put(m, call2[float64, int, float64])
	put(m, call2[float64, int, bool])
	put(m, call2[int, int, int])
	put(m, call3[float64, float64, float64, float64])
	// Text.
	put(m, call1[string, string])
	put(m, call1[string, int])
	put(m, call1[string, bool])
	put(m, call1[string, []string])
	put(m, call1[string, error])
	put(m, call1[int, string])
	put(m, call1[bool, string])
	put(m, call1[rune, bool])
	put(m, call1[rune, rune])
	put(m, call2[string, string, bool])
	put(m, call2[string, string, int])
	put(m, call2[string, string, string])
	put(m, call2[string, string, []string])
	put(m, call2[string, int, string])
	put(m, call2[string, byte, int])
	put(m, call2[string, rune, int])
	put(m, call2[string, rune, bool])
	put(m, call2[[]string, string, string])
	put(m, call3[string, string, string, string])
	// Time.
	put(m, call0[time.Time])
	put(m, call1[time.Time, time.Duration])
	// Lowered code's own.
	put(m, call1[any, any])
	put(m, call2[any, string, any])
	put(m, call2[any, int, int])
	put(m, call2[any, int, any])
	put(m, call2[any, int, bool])
	put(m, call2[any, any, bool])
	return m
})

func put[F any](m map[reflect.Type]shape, generate func(F, *quickCall) execFunc) {
	m[reflect.TypeFor[F]()] = func(f reflect.Value, c *quickCall) execFunc { return generate(f.Interface().(F), c) }
}

// follow is what follows a call whose result is at x: a bool where it decides.
func (c *quickCall) follow(x unsafe.Pointer) execFunc {
	if c.fnext != nil && !*(*bool)(x) {
		return *c.fnext
	}
	return *c.tnext
}

func call0[R any](call func() R, c *quickCall) execFunc {
	r := newResult[R](c.results[0])
	return func(fr unsafe.Pointer) execFunc {
		f := (*quickFrame)(fr)
		if !r.ready(f) {
			return c.slow(fr)
		}
		x := call()
		r.set(f, x)
		return c.follow(unsafe.Pointer(&x))
	}
}

func call1[A, R any](call func(A) R, c *quickCall) execFunc {
	a, r := newArgument[A](c.args[0]), newResult[R](c.results[0])
	return func(fr unsafe.Pointer) execFunc {
		f := (*quickFrame)(fr)
		x, ok := a.get(f)
		if !ok || !r.ready(f) {
			return c.slow(fr)
		}
		z := call(x)
		r.set(f, z)
		return c.follow(unsafe.Pointer(&z))
	}
}

func call2[A, B, R any](call func(A, B) R, c *quickCall) execFunc {
	a, b, r := newArgument[A](c.args[0]), newArgument[B](c.args[1]), newResult[R](c.results[0])
	return func(fr unsafe.Pointer) execFunc {
		f := (*quickFrame)(fr)
		x, ok := a.get(f)
		y, ok2 := b.get(f)
		if !ok || !ok2 || !r.ready(f) {
			return c.slow(fr)
		}
		z := call(x, y)
		r.set(f, z)
		return c.follow(unsafe.Pointer(&z))
	}
}

func call3[A, B, C, R any](call func(A, B, C) R, q *quickCall) execFunc {
	a, b, c, r := newArgument[A](q.args[0]), newArgument[B](q.args[1]), newArgument[C](q.args[2]), newResult[R](q.results[0])
	return func(fr unsafe.Pointer) execFunc {
		f := (*quickFrame)(fr)
		x, ok := a.get(f)
		y, ok2 := b.get(f)
		z, ok3 := c.get(f)
		if !ok || !ok2 || !ok3 || !r.ready(f) {
			return q.slow(fr)
		}
		w := call(x, y, z)
		r.set(f, w)
		return q.follow(unsafe.Pointer(&w))
	}
}
