package session

import (
	"fmt"
	"go/constant"
	"reflect"
	"sync"
	"unsafe"
)

// The interpreter works through package reflect, whose panics do not say which
// index was out of which range. Where one happens, the operands are read from
// the interpreter's frame, to say it as the runtime does.

// frameLayout is where the fields of the interpreter's frames and symbols are,
// and those of its nodes by which a value is found in a frame.
type frameLayout struct {
	ok                        bool
	data, anc, root           uintptr // of a frame
	mutex, done               uintptr // of a frame: what ends its waiting for channels
	findex, level, rval, sym  uintptr // of a node
	symIndex, symGlobal, node uintptr // of a symbol
}

func newFrameLayout(node, frame reflect.Type) frameLayout {
	var l frameLayout
	l.ok = true
	get := func(t reflect.Type, name string, want reflect.Type) uintptr {
		f, ok := t.FieldByName(name)
		l.ok = l.ok && ok && (want == nil || f.Type == want)
		return f.Offset
	}
	pointer := reflect.PointerTo
	l.data = get(frame, "data", reflect.TypeFor[[]reflect.Value]())
	l.anc = get(frame, "anc", pointer(frame))
	l.root = get(frame, "root", pointer(frame))
	l.mutex = get(frame, "mutex", reflect.TypeFor[sync.RWMutex]())
	l.done = get(frame, "done", reflect.TypeFor[reflect.SelectCase]())
	l.findex = get(node, "findex", reflect.TypeFor[int]())
	l.level = get(node, "level", reflect.TypeFor[int]())
	l.rval = get(node, "rval", reflect.TypeFor[reflect.Value]())
	l.sym = get(node, "sym", nil)
	f, _ := node.FieldByName("sym")
	if !l.ok || f.Type.Kind() != reflect.Pointer {
		l.ok = false
		return l
	}
	l.symIndex = get(f.Type.Elem(), "index", reflect.TypeFor[int]())
	l.symGlobal = get(f.Type.Elem(), "global", reflect.TypeFor[bool]())
	l.node = get(f.Type.Elem(), "node", pointer(node))
	return l
}

// value is what a node stands for in a frame.
func (l *frameLayout) value(n, fr unsafe.Pointer) (v reflect.Value) {
	if rval := *(*reflect.Value)(unsafe.Add(n, l.rval)); rval.IsValid() {
		return rval
	}
	index, level := *(*int)(unsafe.Add(n, l.findex)), *(*int)(unsafe.Add(n, l.level))
	if sym := *(*unsafe.Pointer)(unsafe.Add(n, l.sym)); sym != nil {
		index = *(*int)(unsafe.Add(sym, l.symIndex))
		if of := *(*unsafe.Pointer)(unsafe.Add(sym, l.node)); index < 0 && of != n && of != nil {
			return l.value(of, fr)
		}
		if *(*bool)(unsafe.Add(sym, l.symGlobal)) {
			level = -1
		}
	}
	if level < 0 {
		fr = *(*unsafe.Pointer)(unsafe.Add(fr, l.root))
	}
	for ; level > 0 && fr != nil; level-- {
		fr = *(*unsafe.Pointer)(unsafe.Add(fr, l.anc))
	}
	if fr == nil {
		return
	}
	if data := *(*[]reflect.Value)(unsafe.Add(fr, l.data)); index >= 0 && index < len(data) {
		return data[index]
	}
	return
}

// lost tells whether a node has left no value in its place of the frame.
func (l *frameLayout) lost(n, fr unsafe.Pointer) bool {
	index, level := *(*int)(unsafe.Add(n, l.findex)), *(*int)(unsafe.Add(n, l.level))
	for ; level > 0 && fr != nil; level-- {
		fr = *(*unsafe.Pointer)(unsafe.Add(fr, l.anc))
	}
	if fr == nil || level < 0 || index < 0 {
		return false
	}
	data := *(*[]reflect.Value)(unsafe.Add(fr, l.data))
	return index < len(data) && !data[index].IsValid()
}

// number is an index or a shift count.
func number(v reflect.Value) (n int64, ok bool) {
	if !v.IsValid() {
		return 0, false
	}
	if c, isConst := v.Interface().(constant.Value); isConst {
		return constant.Int64Val(constant.ToInt(c))
	}
	switch {
	case v.CanInt():
		return v.Int(), true
	case v.CanUint():
		return int64(v.Uint()), true
	}
	return 0, false
}

// fault says what went wrong at a node as the runtime does; it returns the
// panic's value itself where it knows nothing better.
func (l *nodeLayout) fault(value any, kind string, n, fr unsafe.Pointer) (better any) {
	better = value
	defer func() {
		if recover() != nil {
			better = value
		}
	}()
	text := ""
	switch x := value.(type) {
	case string:
		text = goMessage(x)
	case error:
		text = goMessage(x.Error())
	}
	child := *(*[]unsafe.Pointer)(unsafe.Add(n, l.child))
	switch {
	case text == indexFault && kind == "indexExpr" && len(child) == 2:
		x, i := length(l.frame.value(child[0], fr)), l.frame.value(child[1], fr)
		k, ok := number(i)
		if !ok || x < 0 {
			return value
		}
		if k < 0 && !i.CanUint() {
			return runtimeError(fmt.Sprintf("%s [%d]", indexFault, k))
		}
		return runtimeError(fmt.Sprintf("%s [%d] with length %d", indexFault, uint64(k), x))
	case text == sliceFault && kind == "sliceExpr" && len(child) > 1:
		return l.sliceFault(value, child, fr, l.name(l.actionType, unsafe.Add(n, l.action)) == "slice0")
	}
	return value
}

const (
	indexFault = "runtime error: index out of range"
	sliceFault = "runtime error: slice bounds out of range"
)

func length(v reflect.Value) int {
	for v.IsValid() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array, reflect.String:
		return v.Len()
	}
	return -1
}

func (l *nodeLayout) sliceFault(value any, child []unsafe.Pointer, fr unsafe.Pointer, noLow bool) any {
	x := l.frame.value(child[0], fr)
	for x.Kind() == reflect.Pointer {
		x = x.Elem()
	}
	most, what := x.Len(), "length"
	if x.Kind() == reflect.Slice {
		most, what = x.Cap(), "capacity"
	}
	unsigned := false // a number so large that it does not fit
	var bounds []int64
	if noLow {
		bounds = append(bounds, 0)
	}
	for _, c := range child[1:] {
		k, ok := number(l.frame.value(c, fr))
		if !ok {
			return value
		}
		if v := l.frame.value(c, fr); v.CanUint() && k < 0 {
			unsigned = true
		}
		bounds = append(bounds, k)
	}
	low := bounds[0]
	say := func(format string, a ...any) any {
		if unsigned {
			for i := range a {
				if n, ok := a[i].(int64); ok {
					a[i] = uint64(n)
				}
			}
		}
		return runtimeError(sliceFault + fmt.Sprintf(" "+format, a...))
	}
	switch len(bounds) {
	case 1:
		switch {
		case low < 0 && !unsigned:
			return say("[%d:]", low)
		default:
			return say("[%d:%d]", low, x.Len())
		}
	case 2:
		high := bounds[1]
		switch {
		case high < 0 && !unsigned:
			return say("[:%d]", high)
		case uint64(high) > uint64(most):
			return say("[:%d] with %s %d", high, what, most)
		case low < 0:
			return say("[%d:]", low)
		}
		return say("[%d:%d]", low, high)
	}
	high, top := bounds[1], bounds[2]
	switch {
	case top < 0 && !unsigned:
		return say("[::%d]", top)
	case uint64(top) > uint64(most):
		return say("[::%d] with %s %d", top, what, most)
	case high < 0 && !unsigned:
		return say("[:%d:]", high)
	case uint64(high) > uint64(top):
		return say("[:%d:%d]", high, top)
	case low < 0 && !unsigned:
		return say("[%d::]", low)
	}
	return say("[%d:%d:]", low, high)
}
