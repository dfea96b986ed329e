package session

import (
	"bytes"
	"runtime"
	"strconv"
	"sync"
)

// panicking is a panic in progress while deferred calls run.
type panicking struct {
	value     any
	recovered bool
	r         *recoveries
}

// Recover is the built-in recover in a deferred function; p is nil in one that
// no panic has called.
func (p *panicking) Recover() any {
	if p == nil || p.recovered || p.value == (stopped{}) {
		return nil
	}
	p.recovered = true
	v := recovered(p.value)
	if e, ok := v.(runtime.Error); ok {
		if m := p.r.dyn.rename(e.Error()); m != e.Error() {
			return runtimeError(m)
		}
	}
	return v
}

// recoveries tells functions whether a panic has called them. A function asks
// as it starts, so what it is told is left for it by goroutine.
type recoveries struct {
	trace *tracer
	stop  *stopper
	dyn   *dynamics

	mu   sync.Mutex
	next map[uint64]*panicking
}

func (r *recoveries) leave(p *panicking) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p == nil {
		delete(r.next, goroutine())
	} else {
		r.next[goroutine()] = p
	}
}

// Deferred returns the panic that has called the function that asks, or nil.
func (r *recoveries) Deferred() *panicking {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.next) == 0 {
		return nil
	}
	g := goroutine()
	p := r.next[g]
	delete(r.next, g)
	return p
}

// goroutine is the number of the running goroutine, from the heading of its trace.
func goroutine() uint64 {
	var buf [64]byte
	b := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	n, _ := strconv.ParseUint(string(b[:max(0, bytes.IndexByte(b, ' '))]), 10, 64)
	return n
}

// defers are the deferred calls of one call of a function.
type defers struct {
	r         *recoveries
	calls     []deferred
	panicking bool
}

type deferred struct {
	call     func()
	recovers bool // it may call recover itself
}

// Push defers a call.
func (d *defers) Push(call func(), recovers bool) {
	d.calls = append(d.calls, deferred{call, recovers})
}

// PushRecover defers recover itself: it ends the panic that has called the
// function, unless the function panics too.
func (d *defers) PushRecover(p *panicking) {
	d.calls = append(d.calls, deferred{call: func() {
		if !d.panicking {
			p.Recover()
		}
	}})
}

// Run executes a function's body, and then what it has deferred.
func (r *recoveries) Run(body func(*defers)) {
	d := &defers{r: r}
	defer func() {
		var p *panicking
		if v := recover(); v != nil {
			p = &panicking{value: v, r: r}
		}
		d.run(p)
	}()
	body(d)
}

// run makes the deferred calls, the last first. One that panics takes the place
// of the panic in progress.
func (d *defers) run(p *panicking) {
	exiting := true // by runtime.Goexit, unless we get to the end
	defer func() {
		if exiting && len(d.calls) > 0 {
			d.run(nil)
		}
	}()
	for len(d.calls) > 0 {
		last := len(d.calls) - 1
		c := d.calls[last]
		d.calls = d.calls[:last]
		d.panicking = p != nil
		var frames []frame
		if p != nil {
			frames = d.r.trace.take()
		}
		if v, panicked := d.call(c, p); panicked {
			p = &panicking{value: v, r: d.r}
			continue
		}
		if p != nil && p.recovered {
			p = nil
		}
		if p != nil {
			d.r.trace.restore(frames)
		}
	}
	exiting = false
	if p != nil {
		panic(p.value)
	}
}

func (d *defers) call(c deferred, p *panicking) (value any, panicked bool) {
	done := false
	defer func() {
		if !done {
			value = recover()
			panicked = value != nil // or else the goroutine ends
		}
	}()
	if p != nil && p.value == (stopped{}) {
		defer d.r.stop.clean()()
	}
	if p != nil && c.recovers {
		d.r.leave(p)
		defer d.r.leave(nil)
	}
	c.call()
	done = true
	return nil, false
}
