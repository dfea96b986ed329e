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
	pending atomic.Bool
	mu      sync.Mutex
	frames  []frame

	// describe gives the text of the value that code is about to panic with.
	describe func() string
}

// frame is one interpreted call, or the place of a panic.
type frame struct{ pos token.Pos }

func newTracer() *tracer { return &tracer{} }

// begin forgets an earlier panic.
func (t *tracer) begin() {
	t.mu.Lock()
	t.frames, t.describe = nil, nil
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
	kindType, actionType                reflect.Type
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
		get("exec", &l.exec, function(1)) && get("gen", &l.gen, function(0))
	if l.ok {
		k, _ := node.FieldByName("kind")
		a, _ := node.FieldByName("action")
		l.kindType, l.actionType = k.Type, a.Type
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

// instrument prepares a program that is compiled but has not run.
func (t *tracer) instrument(p *interp.Program) {
	l := layout()
	if !l.ok {
		return
	}
	root := *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(p), l.root))
	seen, done := map[unsafe.Pointer]bool{}, map[unsafe.Pointer]bool{}
	var walk func(unsafe.Pointer)
	walk = func(n unsafe.Pointer) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		l.quicken(n, done)
		t.wrap(l, n)
		for _, c := range *(*[]unsafe.Pointer)(unsafe.Add(n, l.child)) {
			walk(c)
		}
	}
	walk(root)
}

// canPanic are the kinds of nodes that panic or call what may.
var canPanic = map[string]bool{
	"callExpr": true, "indexExpr": true, "sliceExpr": true, "starExpr": true, "selectorExpr": true,
	"typeAssertExpr": true, "sendStmt": true, "compositeLitExpr": true, "assignStmt": true, "assignXStmt": true,
	"unaryExpr": true, "rangeStmt": true, "selectStmt": true, "incDecStmt": true,
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
	if kind == "assignStmt" || kind == "incDecStmt" {
		if !l.mayFault(n) {
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
			if isCall {
				*exec = t.tracedCall(inner, f)
			} else {
				*exec = t.traced(inner, f)
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
	child := *(*[]unsafe.Pointer)(unsafe.Add(n, l.child))
	if len(child) == 0 {
		return false
	}
	switch l.name(l.kindType, unsafe.Add(child[0], l.kind)) {
	case "indexExpr", "starExpr", "selectorExpr", "parenExpr":
		return true
	}
	return false
}

func (t *tracer) traced(inner execFunc, f frame) execFunc {
	return func(fr unsafe.Pointer) (next execFunc) {
		done := false
		defer func() {
			if !done {
				t.add(f)
			}
		}()
		next = inner(fr)
		done = true
		return next
	}
}

// tracedCall also notices that a panic inside was recovered from.
func (t *tracer) tracedCall(inner execFunc, f frame) execFunc {
	return func(fr unsafe.Pointer) (next execFunc) {
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
		return next
	}
}
