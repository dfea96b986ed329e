package session

import (
	"go/token"
	"go/types"
	"reflect"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// linker has compiled code use the functions and methods that a later cell
// declares again with the same signature.
//
// The interpreter's calls hold the node of the function's declaration, and read
// from it, at every call, the types of the frame and the node to start at. So
// putting those of the new function into the old declaration links all callers
// at once: functions, methods, closures and function values.
type linker struct {
	functions map[token.Pos]function // by the place of the name
}

// function is a compiled function's declaration and the node it started at when
// it was compiled, which is what compiled code that got the function as a value
// executes.
type function struct {
	node, start unsafe.Pointer
	before      *[]unsafe.Pointer // where all that it has replaced started, shared by all of these
}

// add remembers the functions of a program that is compiled but has not run, those
// whose names are at these places: others cannot be declared again, and would keep
// the syntax trees of their cells from being forgotten.
func (k *linker) add(p *interp.Program, declared map[token.Pos]bool) {
	l := layout()
	root := l.program(p)
	if root == nil {
		return
	}
	for _, n := range l.children(root) {
		if l.name(l.kindType, unsafe.Add(n, l.kind)) != "funcDecl" {
			continue
		}
		c := l.children(n)
		if len(c) != 4 { // receiver, name, signature, body
			continue
		}
		if pos := *(*token.Pos)(unsafe.Add(c[1], l.pos)); declared[pos] {
			k.functions[pos] = function{node: n, start: *l.startOf(c[3])}
		}
	}
}

// replace has callers of the old functions execute new, a function that has not
// run. The old ones are all that it replaces, in the order of their declarations.
func (k *linker) replace(old []*types.Func, new *types.Func) {
	l := layout()
	to := k.functions[new.Pos()]
	if to.node == nil {
		return
	}
	to.before = &[]unsafe.Pointer{}
	var last unsafe.Pointer
	for _, o := range old {
		from := k.functions[o.Pos()]
		if from.node == nil {
			continue
		}
		*(*[]reflect.Type)(unsafe.Add(from.node, l.types)) = *(*[]reflect.Type)(unsafe.Add(to.node, l.types))
		*l.startOf(l.children(from.node)[3]) = to.start
		if last = from.start; from.before != nil {
			to.before = from.before
		}
	}
	if last != nil { // the others are in the list since the one after them came
		*to.before = append(*to.before, last)
	}
	k.functions[new.Pos()] = to
	// One list serves every version: a function that is declared again a thousand
	// times must not keep a list of a thousand each time.
	before, count := to.before, len(*to.before)
	gen := (*genFunc)(unsafe.Add(to.start, l.gen))
	if original := *gen; original != nil {
		*gen = func(n unsafe.Pointer) {
			original(n)
			for _, start := range (*before)[:count] {
				*(*execFunc)(unsafe.Add(start, l.exec)) = *(*execFunc)(unsafe.Add(n, l.exec))
			}
		}
	}
}

func (l *nodeLayout) startOf(n unsafe.Pointer) *unsafe.Pointer {
	return (*unsafe.Pointer)(unsafe.Add(n, l.start))
}

// replacement is a method that a cell declares again. The new one is compiled
// as a function whose first parameter is the receiver, which has the same frame.
type replacement struct{ method, function *types.Func }

// link makes earlier code use what a compiled cell declares again.
func (s *Session) link(c *checked, prog *interp.Program) {
	declared := map[token.Pos]bool{}
	for name, o := range c.unit.Info.Defs {
		fn, ok := o.(*types.Func)
		if ok && (fn.Signature().Recv() != nil || c.declared[fn.Name()] == fn) {
			declared[name.Pos()] = true
		}
	}
	for _, r := range c.replaced {
		declared[r.function.Pos()] = true
	}
	s.links.add(prog, declared)
	for name, o := range c.declared {
		fn, ok := o.(*types.Func)
		if !ok || fn.Pkg() == nil || fn.Pkg().Path() != mainPath || fn.Signature().TypeParams() != nil {
			continue
		}
		var same []*types.Func
		for _, old := range s.earlier[name] {
			if types.Identical(old.Type(), fn.Type()) {
				same = append(same, old)
			}
		}
		s.links.replace(same, fn)
		s.earlier[name] = append(s.earlier[name], fn)
	}
	for _, r := range c.replaced {
		s.links.replace([]*types.Func{r.method}, r.function)
	}
}
