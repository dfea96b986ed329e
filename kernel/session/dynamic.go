package session

import (
	"fmt"
	"go/types"
	"reflect"
	"strings"
	"sync"

	"golang.org/x/tools/go/types/typeutil"
)

// dynamics knows the Go types of the values that interpreted code puts in
// interfaces; see package lower for how they are there.
type dynamics struct {
	typed func(index int) types.Type

	mu       sync.RWMutex
	byIndex  map[int]*dynamic
	byValue  map[reflect.Type]*dynamic
	byType   typeutil.Map
	ifaces   map[int]*iface
	switches map[int][]int
	cases    map[caseKey]int
	bound    map[boundKey]any
}

// dynamic is a type that values in interfaces have.
type dynamic struct {
	typ     types.Type
	value   reflect.Type // of what is in the interface
	boxed   bool         // it is a box, with one field
	named   bool         // package reflect does not know all of it
	methods map[string]any
}

// iface is an interface type of interpreted code.
type iface struct {
	typ     types.Type
	methods map[string]reflect.Type
	has     map[reflect.Type]bool // which types implement it
}

type (
	caseKey struct {
		value  reflect.Type
		number int
	}
	boundKey struct {
		value  reflect.Type
		method string
	}
)

func newDynamics(typed func(int) types.Type) *dynamics {
	return &dynamics{
		typed: typed, byIndex: map[int]*dynamic{}, byValue: map[reflect.Type]*dynamic{}, ifaces: map[int]*iface{},
		switches: map[int][]int{}, cases: map[caseKey]int{}, bound: map[boundKey]any{},
	}
}

// Type registers a concrete type: its number, a pointer to what is in an
// interface, and its methods as functions of that, by name.
func (d *dynamics) Type(index int, pointer any, methods ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &dynamic{typ: d.typed(index), value: reflect.TypeOf(pointer).Elem(), methods: map[string]any{}}
	t.boxed = isBox(t.value)
	t.named = len(methods) > 0 || typeName(t.typ) != t.value.String()
	for i := 0; i+1 < len(methods); i += 2 {
		t.methods[methods[i].(string)] = methods[i+1]
	}
	d.byIndex[index] = t
	d.byValue[t.value] = t
	d.byType.Set(t.typ, t)
	for _, i := range d.ifaces { // a method may have come later
		clear(i.has)
	}
	clear(d.cases)
}

// Interface registers an interface type with pointers to its methods' types.
func (d *dynamics) Interface(index int, methods ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := &iface{typ: d.typed(index), methods: map[string]reflect.Type{}, has: map[reflect.Type]bool{}}
	for k := 0; k+1 < len(methods); k += 2 {
		i.methods[methods[k].(string)] = reflect.TypeOf(methods[k+1]).Elem()
	}
	d.ifaces[index] = i
}

// Switch registers the cases of a type switch: clause, type, clause, type.
func (d *dynamics) Switch(number int, cases ...int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.switches[number] = cases
}

// Case is the clause of a type switch that x belongs to, 0 for none.
func (d *dynamics) Case(x any, number int) int {
	key := caseKey{reflect.TypeOf(x), number}
	d.mu.RLock()
	clause, ok := d.cases[key]
	list := d.switches[number]
	d.mu.RUnlock()
	if ok {
		return clause
	}
	for i := 0; i < len(list) && clause == 0; i += 2 {
		if list[i+1] == -1 && x == nil || list[i+1] != -1 && d.Is(x, list[i+1]) {
			clause = list[i]
		}
	}
	d.mu.Lock()
	d.cases[key] = clause
	d.mu.Unlock()
	return clause
}

// Is tells whether x is of a type, or implements an interface.
func (d *dynamics) Is(x any, index int) bool {
	if x == nil {
		return false
	}
	d.mu.RLock()
	t := d.byIndex[index]
	i := d.ifaces[index]
	d.mu.RUnlock()
	if i != nil {
		return d.implements(reflect.TypeOf(x), i)
	}
	return t != nil && t.value == reflect.TypeOf(x)
}

func (d *dynamics) implements(t reflect.Type, i *iface) bool {
	d.mu.RLock()
	has, ok := i.has[t]
	dyn := d.byValue[t]
	d.mu.RUnlock()
	if ok {
		return has
	}
	u := i.typ.Underlying().(*types.Interface)
	switch {
	case u.NumMethods() == 0:
		has = true
	case dyn != nil:
		has = types.Implements(dyn.typ, u)
	default:
		has = len(i.methods) == u.NumMethods()
		for name, want := range i.methods {
			m, ok := t.MethodByName(name)
			has = has && ok && sameMethod(m.Type, want)
		}
	}
	d.mu.Lock()
	i.has[t] = has
	d.mu.Unlock()
	return has
}

// sameMethod compares a method with its receiver to a function type.
func sameMethod(m, want reflect.Type) bool {
	if m.NumIn() != want.NumIn()+1 || m.NumOut() != want.NumOut() || m.IsVariadic() != want.IsVariadic() {
		return false
	}
	for i := range want.NumIn() {
		if m.In(i+1) != want.In(i) {
			return false
		}
	}
	for i := range want.NumOut() {
		if m.Out(i) != want.Out(i) {
			return false
		}
	}
	return true
}

// Implements is the assertion to an interface, with ok.
func (d *dynamics) Implements(x any, index int) (any, bool) {
	if d.Is(x, index) {
		return x, true
	}
	return nil, false
}

// Assert is the assertion to an interface.
func (d *dynamics) Assert(x any, index int) any {
	if !d.Is(x, index) {
		d.Failed(x, index)
	}
	return x
}

// Failed panics as an assertion that x is of a type does.
func (d *dynamics) Failed(x any, index int) {
	d.mu.RLock()
	var to types.Type
	if t := d.byIndex[index]; t != nil {
		to = t.typ
	} else {
		to = d.ifaces[index].typ
	}
	d.mu.RUnlock()
	i, isInterface := to.Underlying().(*types.Interface)
	if x == nil {
		what := "interface {}"
		if isInterface {
			what = "interface"
		}
		panic(runtimeError("interface conversion: " + what + " is nil, not " + typeName(to)))
	}
	from := d.name(x)
	if !isInterface {
		scopes := ""
		if from == typeName(to) {
			scopes = " (types from different scopes)"
		}
		panic(runtimeError("interface conversion: interface {} is " + from + ", not " + typeName(to) + scopes))
	}
	d.mu.RLock()
	dyn := d.byValue[reflect.TypeOf(x)]
	d.mu.RUnlock()
	missing := ""
	for k := range i.NumMethods() {
		name := i.Method(k).Name()
		has := false
		if dyn != nil {
			_, has = dyn.methods[name]
		} else {
			_, has = reflect.TypeOf(x).MethodByName(name)
		}
		if !has {
			missing = name
			break
		}
	}
	panic(runtimeError("interface conversion: " + from + " is not " + typeName(to) + ": missing method " + missing))
}

// name is the type of x as %T prints it.
func (d *dynamics) name(x any) string {
	if t := d.of(x); t != nil {
		return typeName(t.typ)
	}
	return fmt.Sprintf("%T", x)
}

// rename puts the names of interpreted types into an error of the runtime's.
func (d *dynamics) rename(message string) string {
	for _, part := range []string{"hash of unhashable type ", "comparing uncomparable type "} {
		_, name, ok := strings.Cut(message, part)
		if !ok || !strings.Contains(name, "{") {
			continue
		}
		d.mu.RLock()
		defer d.mu.RUnlock()
		for t, dyn := range d.byValue {
			if t.String() == name {
				return strings.Replace(message, name, typeName(dyn.typ), 1)
			}
		}
	}
	return message
}

// of returns what is known of the type of x, or nil.
func (d *dynamics) of(x any) *dynamic {
	if x == nil {
		return nil
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.byValue[reflect.TypeOf(x)]
}

// ofType returns what is known of a type, or nil.
func (d *dynamics) ofType(t types.Type) *dynamic {
	d.mu.Lock() // looking up computes hashes
	defer d.mu.Unlock()
	dyn, _ := d.byType.At(t).(*dynamic)
	return dyn
}

// Method returns the method of x as a function whose first parameter is x.
func (d *dynamics) Method(x any, name string) any {
	if x == nil {
		panic(nilDereference)
	}
	t := reflect.TypeOf(x)
	d.mu.RLock()
	dyn := d.byValue[t]
	f, ok := d.bound[boundKey{t, name}]
	d.mu.RUnlock()
	if dyn != nil {
		if m, ok := dyn.methods[name]; ok {
			return m
		}
	}
	if ok {
		return f
	}
	f = compiledMethod(t, name)
	d.mu.Lock()
	d.bound[boundKey{t, name}] = f
	d.mu.Unlock()
	return f
}

const nilDereference = runtimeError("runtime error: invalid memory address or nil pointer dereference")

// Equal is x == y.
func (d *dynamics) Equal(x, y any) bool { return From(x) == From(y) }
