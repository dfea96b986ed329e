package session

import (
	"reflect"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// The interpreter calls compiled functions through reflect.Value.Call, which costs
// far more than most of them do. A call of a function whose type is among the
// shapes of quickshape.go gets a function that reads the arguments from the
// frame's variables, calls, and writes the results. As in quick.go it looks, each
// time, whether the variables are what it expects, before it calls; where they are
// not, the interpreter's own function runs.

// callLayout is where the fields of nodes and types are that only calls need.
type callLayout struct {
	ok                  bool
	typ                 uintptr // of a node
	results, reflection uintptr // of a type
	wrapped             uintptr
}

var calls = sync.OnceValue(func() *callLayout {
	c := &callLayout{}
	if !quick().ok {
		return c
	}
	node := layout().node
	get := func(t reflect.Type, name string, offset *uintptr, want func(reflect.Type) bool) bool {
		f, ok := t.FieldByName(name)
		*offset = f.Offset
		return ok && want(f.Type)
	}
	same := func(want reflect.Type) func(reflect.Type) bool {
		return func(t reflect.Type) bool { return t == want }
	}
	typ, ok := node.FieldByName("typ")
	if !ok || typ.Type.Kind() != reflect.Pointer || typ.Type.Elem().Kind() != reflect.Struct {
		return c
	}
	c.ok = get(node, "typ", &c.typ, same(typ.Type)) &&
		get(typ.Type.Elem(), "ret", &c.results, same(reflect.SliceOf(typ.Type))) &&
		get(typ.Type.Elem(), "val", &c.wrapped, same(typ.Type)) &&
		get(typ.Type.Elem(), "rtype", &c.reflection, same(reflect.TypeFor[reflect.Type]()))
	return c
})

const interpPath = "github.com/traefik/yaegi/interp"

// generator is the name of the interpreter's function that generates what a node
// executes.
func generator(gen genFunc) string {
	if gen == nil {
		return ""
	}
	f := runtime.FuncForPC(**(**uintptr)(unsafe.Pointer(&gen)))
	if f == nil {
		return ""
	}
	return strings.TrimPrefix(f.Name(), interpPath+".")
}

// quickCall is a call of a compiled function, taken apart.
type quickCall struct {
	args         []operand
	results      []operand
	tnext, fnext *execFunc // what follows; fnext, else nil, where the result is false
	slow         execFunc
}

// quickenCall has a call of a compiled function execute a quick function, where it
// can. It is called before the node's children get generators of the session's.
func (l *nodeLayout) quickenCall(n unsafe.Pointer) {
	gen := (*genFunc)(unsafe.Add(n, l.gen))
	c := calls()
	if !c.ok || l.name(l.kindType, unsafe.Add(n, l.kind)) != "callExpr" || generator(*gen) != "callBin" ||
		l.name(l.actionType, unsafe.Add(n, l.action)) == "callSlice" {
		return
	}
	above := at[unsafe.Pointer](n, quick().anc)
	if above == nil {
		return
	}
	switch l.name(l.kindType, unsafe.Add(above, l.kind)) {
	case "deferStmt", "goStmt":
		return
	}
	if l.name(l.actionType, unsafe.Add(above, l.action)) == "X=" {
		return // the assignment's own business
	}
	child := l.children(n)
	if len(child) == 0 {
		return
	}
	temporary := make([]bool, len(child)) // the results of calls
	for i, a := range child[1:] {
		count, isCall := c.count(l, a)
		if isCall && count != 1 {
			return
		}
		temporary[i+1] = isCall
	}
	original := *gen
	*gen = func(n unsafe.Pointer) {
		original(n)
		exec := (*execFunc)(unsafe.Add(n, l.exec))
		if *exec == nil {
			return
		}
		if f, call := c.take(l, n, temporary); call != nil {
			call.slow = *exec
			if direct := call.generate(f); direct != nil {
				*exec = direct
			}
		}
	}
}

// count is how many results a call has; a conversion is none.
func (c *callLayout) count(l *nodeLayout, n unsafe.Pointer) (results int, isCall bool) {
	if l.name(l.kindType, unsafe.Add(n, l.kind)) != "callExpr" {
		return 0, false
	}
	child := l.children(n)
	gen := generator(*(*genFunc)(unsafe.Add(n, l.gen)))
	if gen != "callBin" && gen != "call" {
		return 0, false
	}
	if len(child) == 0 {
		return -1, true
	}
	typ := at[unsafe.Pointer](child[0], c.typ)
	if typ == nil {
		return -1, true
	}
	if gen == "call" {
		return len(at[[]unsafe.Pointer](typ, c.results)), true
	}
	t := at[reflect.Type](typ, c.reflection)
	if t == nil || t.Kind() != reflect.Func {
		return -1, true
	}
	return t.NumOut(), true
}

// take finds the function that a node calls, its arguments, where its results go
// and what follows it.
func (c *callLayout) take(l *nodeLayout, n unsafe.Pointer, temporary []bool) (f reflect.Value, call *quickCall) {
	q := quick()
	child := l.children(n)
	if f = at[reflect.Value](child[0], q.rval); f.Kind() != reflect.Func || f.CanAddr() || f.IsNil() {
		return f, nil
	}
	t := f.Type()
	if typ := at[unsafe.Pointer](child[0], c.typ); typ == nil || at[unsafe.Pointer](typ, c.wrapped) != nil {
		return f, nil
	}
	if n := len(child) - 1; n != t.NumIn() && (!t.IsVariadic() || n < t.NumIn()-1) {
		return f, nil
	}
	call = &quickCall{}
	for i, a := range child[1:] {
		o, ok := q.place(a)
		if !ok {
			return f, nil
		}
		if temporary[i+1] {
			o = operand{index: at[int](a, q.findex)}
		}
		call.args = append(call.args, o)
	}
	first := operand{level: at[int](n, q.level), index: at[int](n, q.findex)}
	if above := at[unsafe.Pointer](n, quick().anc); l.name(l.actionType, unsafe.Add(above, l.action)) == "return" {
		first = operand{index: -1}
		for i, b := range l.children(above) {
			if b == n {
				first.index = i
				break
			}
		}
	}
	if t.NumOut() > 0 && (first.index < 0 || first.level < -1 || first.level > 2) {
		return f, nil
	}
	for i := range t.NumOut() {
		o := first
		o.index += i
		call.results = append(call.results, o)
	}
	call.tnext = new(execFunc)
	if next := at[unsafe.Pointer](n, q.tnext); next != nil {
		call.tnext = (*execFunc)(unsafe.Add(next, l.exec))
	}
	if next := at[unsafe.Pointer](n, q.fnext); next != nil {
		if call.fnext = (*execFunc)(unsafe.Add(next, l.exec)); t.NumOut() != 1 || t.Out(0) != reflect.TypeFor[bool]() {
			return f, nil
		}
	}
	return f, call
}

// generate makes the function; nil where no shape fits.
func (c *quickCall) generate(f reflect.Value) execFunc {
	if make := shapes()[f.Type()]; make != nil {
		return make(f, c)
	}
	return nil
}
