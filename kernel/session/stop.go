package session

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// Interrupting a cell must not harm what other cells have made. The interpreter's
// own way stops all interpreted code at once and for good: a closure made before does
// nothing when it is called again, goroutines of earlier cells end, and a cell that a
// compiled function holds up goes on once the next one begins.
//
// So cells are stopped here. The goroutines of the interrupted cell, the one that
// executes it and those that it started by go statements, panic with a value of type
// stopped where they come by next: at the turn of a loop, at a call, where a function
// begins, when they wait for a channel or when a compiled function returns. Deferred
// calls are made, but nothing recovers from it. See interrupt.go for those places.

// stopped is the value of the panic that ends an interrupted goroutine.
type stopped struct{}

// stopper knows the goroutines of cells.
type stopper struct {
	on    atomic.Bool   // goroutines are to stop: whoever comes by shall ask
	count atomic.Uint64 // interrupts so far

	mu      sync.Mutex
	cell    uint64             // the latest
	holding bool               // an interrupted cell has not ended yet
	members map[uint64]*member // by number of the goroutine
	ended   map[uint64]bool    // the interrupted cells
	done    chan struct{}      // of the latest cell; closed, it ends waiting for channels
}

// member is a goroutine that executes interpreted code.
type member struct {
	cell     uint64
	stop     bool
	cleaning int // deferred calls that it makes while it stops
}

func newStopper() *stopper {
	return &stopper{members: map[uint64]*member{}, ended: map[uint64]bool{}}
}

// hold is how long an interrupted cell may take to end before its caller goes on
// without it, and giveUp how long its goroutines are looked for in loops. Later they
// still end when a compiled function returns.
const (
	hold   = 100 * time.Millisecond
	giveUp = time.Second
)

// current is the cell whose goroutine runs; the latest, where that is not known.
func (s *stopper) current() uint64 {
	g := goroutine()
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.members[g]; m != nil {
		return m.cell
	}
	return s.cell
}

// enter takes up the running goroutine, as one of the cell's.
func (s *stopper) enter(cell uint64) (leave func()) {
	g, m := goroutine(), &member{cell: cell}
	s.mu.Lock()
	s.members[g] = m
	if s.ended[cell] { // before this goroutine came to run
		m.stop = true
		s.on.Store(true)
	}
	s.mu.Unlock()
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.members, g)
		if !m.stop {
			return
		}
		for _, other := range s.members {
			if other.stop {
				return
			}
		}
		s.on.Store(false)
	}
}

// interrupt has the goroutines of a cell stop.
func (s *stopper) interrupt(cell uint64, done chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.members {
		if m.cell == cell {
			m.stop = true
		}
	}
	s.ended[cell] = true
	s.holding = true
	s.on.Store(true)
	n := s.count.Add(1)
	close(done)
	time.AfterFunc(giveUp, func() {
		if s.count.Load() == n {
			s.on.Store(false)
		}
	})
}

// check ends the running goroutine if it is to stop. Those that compiled code
// started are not known, and nothing would recover from their panics: while the
// interrupted cell has not ended they are told to leave interpreted code.
func (s *stopper) check() (leave bool) {
	g := goroutine()
	s.mu.Lock()
	m := s.members[g]
	leave = m == nil && s.holding && s.on.Load()
	stop := m != nil && m.stop && m.cleaning == 0
	s.mu.Unlock()
	if stop {
		panic(stopped{})
	}
	return leave
}

// clean has the running goroutine make deferred calls although it is to stop.
func (s *stopper) clean() (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[goroutine()]
	if m == nil {
		return func() {}
	}
	m.cleaning++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		m.cleaning--
	}
}

// execute runs a program until it ends or ctx does. Of one that is interrupted it
// does not wait for the compiled function that holds it up.
func (s *stopper) execute(ctx context.Context, in *interp.Interpreter, prog *interp.Program) error {
	cancel := interpreterDone()
	if !cancel.ok || !layout().ok || !quick().ok {
		_, err := in.ExecuteWithContext(ctx, prog)
		return err
	}
	done := make(chan struct{})
	s.mu.Lock()
	s.cell++
	cell := s.cell
	s.done = done
	s.mu.Unlock()
	cancel.set(in, done)
	ended := make(chan error, 1)
	go func() {
		var err error
		defer func() { ended <- err }() // also after runtime.Goexit
		defer s.enter(cell)()
		_, err = in.Execute(prog)
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.interrupt(cell, done)
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.holding = false
	}()
	select {
	case err := <-ended:
		if p, ok := err.(interp.Panic); ok && p.Value == (stopped{}) {
			return ctx.Err()
		}
		return err
	case <-time.After(hold):
		return ctx.Err()
	}
}

// doneLayout is where the interpreter keeps the channel that ends waiting for
// channels, and whether such a channel is asked for.
type doneLayout struct {
	ok                  bool
	done, asked, locked uintptr
}

var interpreterDone = sync.OnceValue(func() doneLayout {
	t := reflect.TypeFor[interp.Interpreter]()
	var l doneLayout
	l.ok = true
	get := func(name string, want reflect.Type) uintptr {
		f, ok := t.FieldByName(name)
		l.ok = l.ok && ok && f.Type == want
		return f.Offset
	}
	l.done = get("done", reflect.TypeFor[chan struct{}]())
	l.asked = get("cancelChan", reflect.TypeFor[bool]())
	l.locked = get("mutex", reflect.TypeFor[sync.RWMutex]())
	return l
})

func (l doneLayout) set(in *interp.Interpreter, done chan struct{}) {
	p := unsafe.Pointer(in)
	lock := (*sync.RWMutex)(unsafe.Add(p, l.locked))
	lock.Lock()
	defer lock.Unlock()
	*(*chan struct{})(unsafe.Add(p, l.done)) = done
	*(*bool)(unsafe.Add(p, l.asked)) = true
}
