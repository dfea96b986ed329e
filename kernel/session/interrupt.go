package session

import (
	"reflect"
	"sync"
	"unsafe"
)

// The places where an interrupted goroutine notices, beside calls (see trace.go) and
// comparisons of numbers (see quick.go): once a turn of every loop, where a function
// begins, which compiled code may call over and over, and where it waits for a channel.

// wrap has a node look whether its goroutine is to stop, if it is the head of a loop
// or function or waits for a channel.
//
// A quick comparison, of those in done, looks itself.
func (s *stopper) wrap(l *nodeLayout, n unsafe.Pointer, head bool, done map[unsafe.Pointer]bool) {
	gen := (*genFunc)(unsafe.Add(n, l.gen))
	if *gen == nil || !quick().ok {
		return
	}
	original := *gen
	kind := l.name(l.kindType, unsafe.Add(n, l.kind))
	waits := kind == "sendStmt" || kind == "rangeStmt" || kind == "unaryExpr" && l.name(l.actionType, unsafe.Add(n, l.action)) == "<-"
	selects := l.selects(n)
	if !head && !waits && !selects {
		return
	}
	*gen = func(n unsafe.Pointer) {
		original(n)
		exec := (*execFunc)(unsafe.Add(n, l.exec))
		if *exec == nil {
			return
		}
		if selects {
			*exec = l.apart(n, *exec, original)
		}
		if waits || selects {
			*exec = s.waiting(l, *exec)
		}
		if head && !(done[n] && l.compares(n)) {
			inner := *exec
			*exec = func(fr unsafe.Pointer) execFunc {
				if s.on.Load() && s.check() {
					return nil
				}
				return inner(fr)
			}
		}
	}
}

// heads finds, among the nodes below root, one on every cycle of the program, and the
// first of every function.
func (l *nodeLayout) heads(root unsafe.Pointer) map[unsafe.Pointer]bool {
	q := quick()
	heads := map[unsafe.Pointer]bool{}
	if !q.ok {
		return heads
	}
	const onPath, left = 1, 2
	state := map[unsafe.Pointer]int{}
	var follow func(unsafe.Pointer)
	follow = func(n unsafe.Pointer) {
		state[n] = onPath
		for _, offset := range [2]uintptr{q.tnext, q.fnext} {
			switch next := at[unsafe.Pointer](n, offset); {
			case next == nil || state[next] == left:
			case state[next] == onPath:
				heads[next] = true
			default:
				follow(next)
			}
		}
		state[n] = left
	}
	var walk func(unsafe.Pointer)
	walk = func(n unsafe.Pointer) {
		if state[n] == 0 {
			follow(n)
		}
		if kind := l.name(l.kindType, unsafe.Add(n, l.kind)); kind == "funcLit" || kind == "funcDecl" {
			heads[at[unsafe.Pointer](l.children(n)[3], l.start)] = true
		}
		for _, c := range l.children(n) {
			walk(c)
		}
	}
	if root != nil {
		walk(root)
	}
	return heads
}

// waiting is a node's function that may wait for a channel. Where the wait was
// ended, the goroutine stops; or it waits on, if the frame was made by a cell that has
// been interrupted since, but runs for another.
func (s *stopper) waiting(l *nodeLayout, inner execFunc) execFunc {
	return func(fr unsafe.Pointer) execFunc {
		for {
			if s.count.Load() > 0 && l.frame.cancelled(fr) {
				if s.check() {
					return nil
				}
				s.renew(l, fr)
			}
			next := inner(fr)
			if next != nil || s.count.Load() == 0 || !l.frame.cancelled(fr) {
				return next
			}
		}
	}
}

// renew lets a frame wait for channels until the latest cell is interrupted.
func (s *stopper) renew(l *nodeLayout, fr unsafe.Pointer) {
	s.mu.Lock()
	done := s.done
	s.mu.Unlock()
	lock := (*sync.RWMutex)(unsafe.Add(fr, l.frame.mutex))
	lock.Lock()
	defer lock.Unlock()
	*(*reflect.SelectCase)(unsafe.Add(fr, l.frame.done)) = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(done)}
}

// cancelled tells whether waiting for channels in a frame was ended.
func (l *frameLayout) cancelled(fr unsafe.Pointer) bool {
	lock := (*sync.RWMutex)(unsafe.Add(fr, l.mutex))
	lock.RLock()
	c := (*(*reflect.SelectCase)(unsafe.Add(fr, l.done))).Chan
	lock.RUnlock()
	if !c.IsValid() {
		return false
	}
	done, ok := c.Interface().(chan struct{})
	if !ok {
		return false
	}
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// selects tells whether a node executes a select statement: the interpreter has its
// body do it.
func (l *nodeLayout) selects(n unsafe.Pointer) bool {
	q := quick()
	parent := at[unsafe.Pointer](n, q.anc)
	return parent != nil && l.name(l.kindType, unsafe.Add(parent, l.kind)) == "selectStmt" && l.children(parent)[0] == n
}

// apart makes a select statement's function safe for several goroutines. The
// interpreter's keeps the operands of all its calls in one place; so each call has a
// function to itself, generated from a copy of the node.
func (l *nodeLayout) apart(n unsafe.Pointer, first execFunc, generate genFunc) execFunc {
	free := sync.Pool{New: func() any {
		twin := reflect.New(l.node)
		twin.Elem().Set(reflect.NewAt(l.node, n).Elem())
		generate(twin.UnsafePointer())
		exec := *(*execFunc)(unsafe.Add(twin.UnsafePointer(), l.exec))
		return &exec
	}}
	free.Put(&first)
	return func(fr unsafe.Pointer) execFunc {
		exec := free.Get().(*execFunc)
		defer free.Put(exec)
		return (*exec)(fr)
	}
}
