package session

import "unsafe"

// The shapes of functions that print: after what they print to, or as, come any
// number of values.

// rest is the values of a variadic call.
type rest []argument[any]

func newRest(operands []operand) rest {
	r := make(rest, len(operands))
	for i, o := range operands {
		r[i] = newArgument[any](o)
	}
	return r
}

// get reads them, into a slice that the function may keep.
func (r rest) get(f *quickFrame) (values []any, ok bool) {
	values = make([]any, len(r))
	for i := range r {
		if values[i], ok = r[i].get(f); !ok {
			return nil, false
		}
	}
	return values, true
}

func print0[R, S any](call func(...any) (R, S), c *quickCall) execFunc {
	rest, r, s := newRest(c.args), newResult[R](c.results[0]), newResult[S](c.results[1])
	return func(fr unsafe.Pointer) execFunc {
		f := (*quickFrame)(fr)
		values, ok := rest.get(f)
		if !ok || !r.ready(f) || !s.ready(f) {
			return c.slow(fr)
		}
		x, y := call(values...)
		r.set(f, x)
		s.set(f, y)
		return *c.tnext
	}
}

func print1[A, R, S any](call func(A, ...any) (R, S), c *quickCall) execFunc {
	a, rest, r, s := newArgument[A](c.args[0]), newRest(c.args[1:]), newResult[R](c.results[0]), newResult[S](c.results[1])
	return func(fr unsafe.Pointer) execFunc {
		f := (*quickFrame)(fr)
		x, ok := a.get(f)
		if !ok || !r.ready(f) || !s.ready(f) {
			return c.slow(fr)
		}
		values, ok := rest.get(f)
		if !ok {
			return c.slow(fr)
		}
		y, z := call(x, values...)
		r.set(f, y)
		s.set(f, z)
		return *c.tnext
	}
}

func print2[A, B, R, S any](call func(A, B, ...any) (R, S), c *quickCall) execFunc {
	a, b, rest := newArgument[A](c.args[0]), newArgument[B](c.args[1]), newRest(c.args[2:])
	r, s := newResult[R](c.results[0]), newResult[S](c.results[1])
	return func(fr unsafe.Pointer) execFunc {
		f := (*quickFrame)(fr)
		x, ok := a.get(f)
		y, ok2 := b.get(f)
		if !ok || !ok2 || !r.ready(f) || !s.ready(f) {
			return c.slow(fr)
		}
		values, ok := rest.get(f)
		if !ok {
			return c.slow(fr)
		}
		z, w := call(x, y, values...)
		r.set(f, z)
		s.set(f, w)
		return *c.tnext
	}
}

func text0[R any](call func(...any) R, c *quickCall) execFunc {
	rest, r := newRest(c.args), newResult[R](c.results[0])
	return func(fr unsafe.Pointer) execFunc {
		f := (*quickFrame)(fr)
		values, ok := rest.get(f)
		if !ok || !r.ready(f) {
			return c.slow(fr)
		}
		r.set(f, call(values...))
		return *c.tnext
	}
}

func text1[A, R any](call func(A, ...any) R, c *quickCall) execFunc {
	a, rest, r := newArgument[A](c.args[0]), newRest(c.args[1:]), newResult[R](c.results[0])
	return func(fr unsafe.Pointer) execFunc {
		f := (*quickFrame)(fr)
		x, ok := a.get(f)
		if !ok || !r.ready(f) {
			return c.slow(fr)
		}
		values, ok := rest.get(f)
		if !ok {
			return c.slow(fr)
		}
		r.set(f, call(x, values...))
		return *c.tnext
	}
}

func log0(call func(...any), c *quickCall) execFunc {
	rest := newRest(c.args)
	return func(fr unsafe.Pointer) execFunc {
		values, ok := rest.get((*quickFrame)(fr))
		if !ok {
			return c.slow(fr)
		}
		call(values...)
		return *c.tnext
	}
}

func log1[A any](call func(A, ...any), c *quickCall) execFunc {
	a, rest := newArgument[A](c.args[0]), newRest(c.args[1:])
	return func(fr unsafe.Pointer) execFunc {
		f := (*quickFrame)(fr)
		x, ok := a.get(f)
		if !ok {
			return c.slow(fr)
		}
		values, ok := rest.get(f)
		if !ok {
			return c.slow(fr)
		}
		call(x, values...)
		return *c.tnext
	}
}
