package session

import (
	"fmt"
	"go/token"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// tracer finds out where interpreted code panics. The interpreter reports only
// the function, so each of its nodes that can panic is made to leave its
// position when a panic passes through it: the innermost first, then the calls.
//
// That needs fields of the interpreter's nodes which it does not export. They
// are found by name and type; where they are not as expected, panics are
// reported without a place.
type tracer struct {
	stop    *stopper
	pending atomic.Bool
	mu      sync.Mutex
	frames  []frame
}

// frame is one interpreted call, or the place of a panic.
type frame struct{ pos token.Pos }

func newTracer(stop *stopper) *tracer { return &tracer{stop: stop} }

// begin forgets an earlier panic.
func (t *tracer) begin() {
	t.mu.Lock()
	t.frames = nil
	t.mu.Unlock()
	t.pending.Store(false)
}

// take returns the places of the panic in progress, innermost first.
func (t *tracer) take() []frame {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.frames
	t.frames = nil
	t.pending.Store(false)
	return f
}

// restore takes up a panic again after deferred calls.
func (t *tracer) restore(f []frame) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.frames = f
	t.pending.Store(len(f) > 0)
}

const maxFrames = 4096

func (t *tracer) add(f frame) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.frames) < maxFrames {
		t.frames = append(t.frames, f)
	}
	t.pending.Store(true)
}

// exec and gen have the layout of the interpreter's func(*frame) bltn and
// func(*node).
type (
	execFunc func(frame unsafe.Pointer) execFunc
	genFunc  func(node unsafe.Pointer)
)

// nodeLayout is where the fields of a node are.
type nodeLayout struct {
	ok                                  bool
	root                                uintptr // in interp.Program
	child, pos, kind, action, exec, gen uintptr
	start, types                        uintptr
	node, kindType, actionType          reflect.Type
	frame                               frameLayout
	names                               sync.Map // of kinds and actions
}

var layout = sync.OnceValue(func() *nodeLayout {
	l := &nodeLayout{}
	root, ok := reflect.TypeFor[interp.Program]().FieldByName("root")
	if !ok || root.Type.Kind() != reflect.Pointer || root.Type.Elem().Kind() != reflect.Struct {
		return l
	}
	l.root = root.Offset
	node := root.Type.Elem()
	get := func(name string, offset *uintptr, want func(reflect.Type) bool) bool {
		f, ok := node.FieldByName(name)
		*offset = f.Offset
		return ok && want(f.Type)
	}
	unsigned := func(t reflect.Type) bool { return t.Kind() == reflect.Uint }
	function := func(out int) func(reflect.Type) bool {
		return func(t reflect.Type) bool {
			return t.Kind() == reflect.Func && t.NumIn() == 1 && t.In(0).Kind() == reflect.Pointer && t.NumOut() == out
		}
	}
	l.ok = get("child", &l.child, func(t reflect.Type) bool { return t == reflect.SliceOf(root.Type) }) &&
		get("pos", &l.pos, func(t reflect.Type) bool { return t == reflect.TypeFor[token.Pos]() }) &&
		get("kind", &l.kind, unsigned) && get("action", &l.action, unsigned) &&
		get("exec", &l.exec, function(1)) && get("gen", &l.gen, function(0)) &&
		get("start", &l.start, func(t reflect.Type) bool { return t == root.Type }) &&
		get("types", &l.types, func(t reflect.Type) bool { return t == reflect.TypeFor[[]reflect.Type]() })
	if l.ok {
		k, _ := node.FieldByName("kind")
		a, _ := node.FieldByName("action")
		l.node, l.kindType, l.actionType = node, k.Type, a.Type
		e, _ := node.FieldByName("exec")
		l.frame = newFrameLayout(node, e.Type.In(0).Elem())
	}
	return l
})

func (l *nodeLayout) name(t reflect.Type, p unsafe.Pointer) string {
	key := struct {
		reflect.Type
		uint
	}{t, *(*uint)(p)}
	if n, ok := l.names.Load(key); ok {
		return n.(string)
	}
	n := fmt.Sprint(reflect.NewAt(t, p).Elem().Interface())
	l.names.Store(key, n)
	return n
}

// program is the root of a program's nodes; nil where they are not known.
func (l *nodeLayout) program(p *interp.Program) unsafe.Pointer {
	if !l.ok {
		return nil
	}
	return *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(p), l.root))
}

func (l *nodeLayout) children(n unsafe.Pointer) []unsafe.Pointer {
	return *(*[]unsafe.Pointer)(unsafe.Add(n, l.child))
}

// instrument prepares a program that is compiled but has not run.
func (t *tracer) instrument(p *interp.Program) {
	l := layout()
	root := l.program(p)
	seen, done := map[unsafe.Pointer]bool{}, map[unsafe.Pointer]bool{}
	heads := l.heads(root)
	var walk func(unsafe.Pointer)
	walk = func(n unsafe.Pointer) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		l.quicken(n, done, t.stop)
		l.quickenCall(n)
		t.wrap(l, n)
		t.stop.wrap(l, n, heads[n], done)
		// The bodies of function literals are generated already. Without this
		// they are again, when the program starts.
		*(*execFunc)(unsafe.Add(n, l.exec)) = nil
		for _, c := range l.children(n) {
			walk(c)
		}
	}
	walk(root)
}

// canPanic are the kinds of nodes that panic or call what may.
var canPanic = map[string]bool{
	"callExpr": true, "indexExpr": true, "sliceExpr": true, "starExpr": true, "selectorExpr": true,
	"typeAssertExpr": true, "sendStmt": true, "compositeLitExpr": true, "assignStmt": true, "assignXStmt": true,
	"unaryExpr": true, "rangeStmt": true, "selectStmt": true, "incDecStmt": true, "returnStmt": true,
}

// wrap has a node that can panic leave its position.
func (t *tracer) wrap(l *nodeLayout, n unsafe.Pointer) {
	gen := (*genFunc)(unsafe.Add(n, l.gen))
	if *gen == nil {
		return
	}
	kind := l.name(l.kindType, unsafe.Add(n, l.kind))
	if !canPanic[kind] && !(kind == "binaryExpr" && l.divides(n)) {
		return
	}
	switch kind {
	case "assignStmt", "incDecStmt":
		if !l.mayFault(n) {
			return
		}
	case "returnStmt":
		if !l.returnsOperand(n) {
			return
		}
	}
	f := frame{*(*token.Pos)(unsafe.Add(n, l.pos))}
	isCall := kind == "callExpr"
	original := *gen
	*gen = func(n unsafe.Pointer) {
		original(n)
		exec := (*execFunc)(unsafe.Add(n, l.exec))
		if inner := *exec; inner != nil {
			switch {
			case isCall:
				*exec = t.tracedCall(inner, f)
			case kind == "starExpr" && l.frame.ok:
				*exec = l.checkedStar(t.traced(inner, f, kind, n), t, f, n)
			case l.shifts(n):
				*exec = l.checkedShift(t.traced(inner, f, kind, n), t, f, n)
			default:
				*exec = t.traced(inner, f, kind, n)
			}
		}
	}
}

func (l *nodeLayout) divides(n unsafe.Pointer) bool {
	switch l.name(l.actionType, unsafe.Add(n, l.action)) {
	case "/", "%", "<<", ">>", "==", "!=":
		return true
	}
	return false
}

// mayFault tells whether an assignment divides, or stores through an index or a
// pointer.
func (l *nodeLayout) mayFault(n unsafe.Pointer) bool {
	switch l.name(l.actionType, unsafe.Add(n, l.action)) {
	case "/=", "%=", "<<=", ">>=":
		return true
	}
	child := l.children(n)
	if len(child) == 0 {
		return false
	}
	switch l.name(l.kindType, unsafe.Add(child[0], l.kind)) {
	case "indexExpr", "starExpr", "selectorExpr", "parenExpr":
		return true
	}
	return false
}

// returnsOperand tells whether a return statement computes something itself.
func (l *nodeLayout) returnsOperand(n unsafe.Pointer) bool {
	for _, c := range *(*[]unsafe.Pointer)(unsafe.Add(n, l.child)) {
		switch l.name(l.kindType, unsafe.Add(c, l.kind)) {
		case "indexExpr", "starExpr", "selectorExpr", "parenExpr":
			return true
		}
	}
	return false
}

// shifts tells whether a node is a shift by a signed number that is not constant.
func (l *nodeLayout) shifts(n unsafe.Pointer) bool {
	switch l.name(l.actionType, unsafe.Add(n, l.action)) {
	case "<<", ">>", "<<=", ">>=":
	default:
		return false
	}
	child := *(*[]unsafe.Pointer)(unsafe.Add(n, l.child))
	return l.frame.ok && len(child) == 2 && !(*(*reflect.Value)(unsafe.Add(child[1], l.frame.rval))).IsValid()
}

// checkedShift panics where the count is negative; the interpreter would not.
func (l *nodeLayout) checkedShift(inner execFunc, t *tracer, f frame, n unsafe.Pointer) execFunc {
	count := (*(*[]unsafe.Pointer)(unsafe.Add(n, l.child)))[1]
	return func(fr unsafe.Pointer) execFunc {
		if v := l.frame.value(count, fr); v.CanInt() && v.Int() < 0 {
			t.add(f)
			panic(runtimeError("runtime error: negative shift amount"))
		}
		return inner(fr)
	}
}

// checkedStar panics where a pointer was nil; the interpreter would go on with
// no value at all.
func (l *nodeLayout) checkedStar(inner execFunc, t *tracer, f frame, n unsafe.Pointer) execFunc {
	return func(fr unsafe.Pointer) execFunc {
		next := inner(fr)
		if l.frame.lost(n, fr) {
			t.add(f)
			panic(nilDereference)
		}
		return next
	}
}

func (t *tracer) traced(inner execFunc, f frame, kind string, n unsafe.Pointer) execFunc {
	l := layout()
	improve := l.frame.ok && (kind == "indexExpr" || kind == "sliceExpr")
	return func(fr unsafe.Pointer) (next execFunc) {
		done := false
		defer func() {
			if done {
				return
			}
			if improve {
				if r := recover(); r != nil {
					t.add(f)
					panic(l.fault(r, kind, n, fr))
				}
			}
			t.add(f)
		}()
		next = inner(fr)
		done = true
		return next
	}
}

// tracedCall also notices that a panic inside was recovered from.
func (t *tracer) tracedCall(inner execFunc, f frame) execFunc {
	return func(fr unsafe.Pointer) (next execFunc) {
		interrupts := t.stop.count.Load()
		if t.stop.on.Load() && t.stop.check() {
			return nil
		}
		done := false
		defer func() {
			if !done {
				t.add(f)
			}
		}()
		next = inner(fr)
		done = true
		if t.pending.Load() {
			t.begin()
		}
		if t.stop.count.Load() != interrupts && t.stop.check() {
			return nil
		}
		return next
	}
}
