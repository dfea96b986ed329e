package session

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// The interpreter executes `i < n`, `i++` and `s += x` through reflection. In
// loops over ints and float64s, which are most of what cells spend their time on,
// such nodes get a function that reads and writes the variables where they are.
// It looks, each time, whether the variables are of that type; where they are not,
// or where the interpreter is not laid out as expected, its own function runs.

// The layouts of reflect.Value and of the beginning of the interpreter's frame.
type (
	value struct {
		typ  unsafe.Pointer
		ptr  unsafe.Pointer
		flag uintptr
	}
	quickFrame struct {
		id        uint64
		debug     unsafe.Pointer
		root, anc *quickFrame
		data      []value
	}
)

// Types as they stand in a value, and the flags of a variable.
var (
	intValue, floatValue, boolValue = variable[int](), variable[float64](), variable[bool]()
)

// variable is the value of a variable of type T.
func variable[T any]() value {
	v := reflect.New(reflect.TypeFor[T]()).Elem()
	return *(*value)(unsafe.Pointer(&v))
}

// quickLayout is where the fields of nodes and symbols are that only this needs.
type quickLayout struct {
	ok                                     bool
	anc                                    uintptr
	tnext, fnext, findex, level, sym, rval uintptr
	symIndex, symGlobal, symNode           uintptr
}

var quick = sync.OnceValue(func() *quickLayout {
	q := &quickLayout{}
	if unsafe.Sizeof(value{}) != unsafe.Sizeof(reflect.Value{}) || intValue.flag&(1<<7) == 0 || floatValue.typ == intValue.typ {
		return q
	}
	root, ok := reflect.TypeFor[interp.Program]().FieldByName("root")
	if !ok || !layout().ok {
		return q
	}
	node := root.Type.Elem()
	get := func(t reflect.Type, name string, offset *uintptr, want reflect.Kind) bool {
		f, ok := t.FieldByName(name)
		*offset = f.Offset
		return ok && f.Type.Kind() == want
	}
	sym, ok := node.FieldByName("sym")
	if !ok || sym.Type.Kind() != reflect.Pointer {
		return q
	}
	exec, _ := node.FieldByName("exec")
	frame := exec.Type.In(0).Elem()
	mirror := reflect.TypeFor[quickFrame]()
	for i := range mirror.NumField() {
		f, ok := frame.FieldByName(mirror.Field(i).Name)
		if !ok || f.Offset != mirror.Field(i).Offset || f.Type.Kind() != mirror.Field(i).Type.Kind() && f.Name != "debug" {
			return q
		}
	}
	q.ok = layout().frame.ok && get(node, "anc", &q.anc, reflect.Pointer) && get(node, "tnext", &q.tnext, reflect.Pointer) && get(node, "fnext", &q.fnext, reflect.Pointer) &&
		get(node, "findex", &q.findex, reflect.Int) && get(node, "level", &q.level, reflect.Int) &&
		get(node, "sym", &q.sym, reflect.Pointer) && get(node, "rval", &q.rval, reflect.Struct) &&
		get(sym.Type.Elem(), "index", &q.symIndex, reflect.Int) && get(sym.Type.Elem(), "global", &q.symGlobal, reflect.Bool) &&
		get(sym.Type.Elem(), "node", &q.symNode, reflect.Pointer)
	return q
})

// operand is where a node's value is: a variable of a frame, or a constant.
type operand struct {
	isConst  bool
	constant reflect.Value
	level    int // of the frame, -1 for the program's
	index    int
}

func at[T any](p unsafe.Pointer, offset uintptr) T { return *(*T)(unsafe.Add(p, offset)) }

// operand finds the value of n, a variable, a number or the result of an operation.
func (q *quickLayout) operand(l *nodeLayout, n unsafe.Pointer) (operand, bool) {
	switch l.name(l.kindType, unsafe.Add(n, l.kind)) {
	case "identExpr", "basicLit", "binaryExpr":
	default:
		return operand{}, false
	}
	o, ok := q.place(n)
	return o, ok && (!o.isConst || o.constant.CanInt() || o.constant.CanFloat())
}

// place finds the value of any expression, as the interpreter does.
func (q *quickLayout) place(n unsafe.Pointer) (operand, bool) {
	if v := at[reflect.Value](n, q.rval); v.IsValid() {
		return operand{isConst: true, constant: v}, true
	}
	o := operand{level: at[int](n, q.level), index: at[int](n, q.findex)}
	if sym := at[unsafe.Pointer](n, q.sym); sym != nil {
		o.index = at[int](sym, q.symIndex)
		if at[bool](sym, q.symGlobal) {
			o.level = -1
		}
	}
	return o, o.index >= 0 && o.level >= -1 && o.level <= 2
}

// slot is the operand's value in the frame; nil where it has none, as after a
// cancellation.
func (o *operand) slot(f *quickFrame) *value {
	switch o.level {
	case 0:
	case -1:
		f = f.root
	case 1:
		f = f.anc
	default:
		f = f.anc.anc
	}
	if uint(o.index) >= uint(len(f.data)) {
		return nil
	}
	return &f.data[o.index]
}

// quickNode is what a node does, taken apart.
type quickNode struct {
	op                string
	dest, left, right operand
	tnext, fnext      *execFunc // what follows; fnext where a comparison is false
	chained           bool      // goes on to tnext itself
	branch            bool      // only decides a branch: nobody reads dest
	slow              execFunc
	stop              *stopper
}

// Operations that neither panic nor have effects beside their result.
var (
	quickUpdates     = map[string]bool{"++": true, "--": true, "+=": true, "-=": true, "*=": true}
	quickComparisons = map[string]bool{"<": true, "<=": true, ">": true, ">=": true, "==": true, "!=": true}
	quickArithmetic  = map[string]bool{"+": true, "-": true, "*": true}
)

// quicken has a node execute a quick function, where it can.
//
// In straight-line code such a node goes on to the next one itself; done are those
// that are generated already, in whose order no node comes back to itself. It also
// goes on to the comparison that ends a loop's turn. A comparison looks
// whether the cell was interrupted, and returns to the interpreter.
func (l *nodeLayout) quicken(n unsafe.Pointer, done map[unsafe.Pointer]bool, stop *stopper) {
	q := quick()
	gen := (*genFunc)(unsafe.Add(n, l.gen))
	if !q.ok || *gen == nil {
		return
	}
	kind := l.name(l.kindType, unsafe.Add(n, l.kind))
	op := l.name(l.actionType, unsafe.Add(n, l.action))
	switch {
	case (kind == "incDecStmt" || kind == "assignStmt") && quickUpdates[op]:
	case kind == "binaryExpr" && (quickComparisons[op] || quickArithmetic[op]):
	default:
		return
	}
	original := *gen
	*gen = func(n unsafe.Pointer) {
		original(n)
		exec := (*execFunc)(unsafe.Add(n, l.exec))
		if *exec == nil {
			return
		}
		if node, ok := q.take(l, n, op, done); ok {
			node.slow, node.stop = *exec, stop
			*exec = node.generate()
			done[n] = true
		}
	}
}

// compares tells whether a node compares to decide a branch.
func (l *nodeLayout) compares(n unsafe.Pointer) bool {
	return at[unsafe.Pointer](n, quick().fnext) != nil && l.name(l.kindType, unsafe.Add(n, l.kind)) == "binaryExpr" &&
		quickComparisons[l.name(l.actionType, unsafe.Add(n, l.action))]
}

// take finds the operands of a node and what follows it.
func (q *quickLayout) take(l *nodeLayout, n unsafe.Pointer, op string, done map[unsafe.Pointer]bool) (node quickNode, ok bool) {
	node.op = op
	child := at[[]unsafe.Pointer](n, l.child)
	follower := func(offset uintptr) *execFunc {
		if next := at[unsafe.Pointer](n, offset); next != nil {
			return (*execFunc)(unsafe.Add(next, l.exec))
		}
		return new(execFunc) // the end
	}
	node.tnext, node.fnext = follower(q.tnext), follower(q.fnext)
	if next := at[unsafe.Pointer](n, q.tnext); next != nil {
		node.chained = done[next] || l.compares(next)
	}
	if len(child) == 0 || len(child) > 2 {
		return node, false
	}
	if node.left, ok = q.operand(l, child[0]); !ok || node.left.isConst {
		return node, false
	}
	if len(child) == 2 {
		if node.right, ok = q.operand(l, child[1]); !ok {
			return node, false
		}
	} else {
		node.right = operand{isConst: true, constant: reflect.ValueOf(1)}
	}
	if quickUpdates[op] {
		return node, true
	}
	if quickComparisons[op] && at[unsafe.Pointer](n, q.fnext) == nil {
		return node, false // only where it decides a branch
	}
	if parent := at[unsafe.Pointer](n, q.anc); quickComparisons[op] && parent != nil {
		kind := l.name(l.kindType, unsafe.Add(parent, l.kind))
		node.branch = strings.HasPrefix(kind, "forStmt") || strings.HasPrefix(kind, "ifStmt")
	}
	node.dest, ok = q.operand(l, n)
	return node, ok && !node.dest.isConst
}

// generate makes the function: for ints; where it meets another type it passes on
// to the one for floats, and that to the interpreter's own.
func (n quickNode) generate() execFunc {
	n.slow = quickFunc[float64](n, floatValue)
	return quickFunc[int](n, intValue)
}

// quickFunc makes the function for variables of type T. All is in one function: a
// call more would cost as much as the work.
func quickFunc[T int | float64](n quickNode, like value) execFunc {
	slow, tnext, fnext, stop := n.slow, n.tnext, n.fnext, n.stop
	left, right, dest, isConst := n.left, n.right, n.dest, n.right.isConst
	chained, branch := n.chained, n.branch
	typ, flag := like.typ, like.flag
	var constant T
	if isConst {
		switch c := right.constant; {
		case c.CanInt():
			constant = T(c.Int())
		case typ == floatValue.typ:
			constant = T(c.Float())
		default:
			return slow
		}
	}
	op, kind := n.op, arithmetic
	switch {
	case quickUpdates[op]:
		op, kind, dest = op[:1], update, left
	case quickComparisons[op]:
		kind = comparison
	}
	code := slices.Index(quickCodes, op)
	switch {
	case kind == update && isConst && code == 0: // i++, the commonest of all
		return func(fr unsafe.Pointer) execFunc {
			v := left.slot((*quickFrame)(fr))
			if v == nil || v.typ != typ || v.flag != flag {
				return slow(fr)
			}
			*(*T)(v.ptr) += constant
			if chained {
				return (*tnext)(fr)
			}
			return *tnext
		}
	case kind == comparison && branch && isConst && code == 3: // for i < 1000
		return func(fr unsafe.Pointer) execFunc {
			if stop.on.Load() && stop.check() {
				return nil
			}
			v := left.slot((*quickFrame)(fr))
			if v == nil || v.typ != typ || v.flag != flag {
				return slow(fr)
			}
			if *(*T)(v.ptr) < constant {
				return *tnext
			}
			return *fnext
		}
	case kind == update && code == 0: // sum += x
		return func(fr unsafe.Pointer) execFunc {
			f := (*quickFrame)(fr)
			v, w := left.slot(f), right.slot(f)
			if v == nil || w == nil || v.typ != typ || v.flag != flag || w.typ != typ || w.flag != flag {
				return slow(fr)
			}
			*(*T)(v.ptr) += *(*T)(w.ptr)
			if chained {
				return (*tnext)(fr)
			}
			return *tnext
		}
	}
	wantTyp, wantFlag := typ, flag
	if kind == comparison {
		wantTyp, wantFlag = boolValue.typ, boolValue.flag
	}
	return func(fr unsafe.Pointer) execFunc {
		if kind == comparison && stop.on.Load() && stop.check() {
			return nil
		}
		f := (*quickFrame)(fr)
		v := left.slot(f)
		if v == nil || v.typ != typ || v.flag != flag {
			return slow(fr)
		}
		x, y := *(*T)(v.ptr), constant
		if !isConst {
			w := right.slot(f)
			if w == nil || w.typ != typ || w.flag != flag {
				return slow(fr)
			}
			y = *(*T)(w.ptr)
		}
		d := v
		if kind != update && !branch {
			if d = dest.slot(f); d == nil || d.typ != wantTyp || d.flag != wantFlag {
				return slow(fr)
			}
		}
		holds := false
		switch code {
		case 0:
			*(*T)(d.ptr) = x + y
		case 1:
			*(*T)(d.ptr) = x - y
		case 2:
			*(*T)(d.ptr) = x * y
		case 3:
			holds = x < y
		case 4:
			holds = x <= y
		case 5:
			holds = x > y
		case 6:
			holds = x >= y
		case 7:
			holds = x == y
		case 8:
			holds = x != y
		}
		if kind == comparison {
			if !branch {
				*(*bool)(d.ptr) = holds
			}
			if !holds {
				return *fnext
			}
			return *tnext
		}
		if chained {
			return (*tnext)(fr)
		}
		return *tnext
	}
}

// What a quick function does with its result.
const (
	arithmetic = iota
	update
	comparison
)

// quickCodes are the operations by their number.
var quickCodes = []string{"+", "-", "*", "<", "<=", ">", ">=", "==", "!="}
