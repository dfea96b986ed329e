package lower

import (
	"go/ast"
	"go/types"
	"slices"
)

// Replacement is a function and what takes its place.
type Replacement struct{ Old, New *types.Func }

// uses are the functions that a declaration refers to.
func uses(d *ast.FuncDecl, info *types.Info) map[types.Object]bool {
	used := map[types.Object]bool{}
	ast.Inspect(d, func(n ast.Node) bool {
		if i, ok := n.(*ast.Ident); ok {
			if fn, ok := info.Uses[i].(*types.Func); ok {
				used[fn] = true
			}
		}
		return true
	})
	return used
}

// replace makes earlier functions use this unit's new definitions: the old
// object stands for the new function from now on, and every function that
// refers to it, directly or through others, is lowered again under a new name.
// So is every method, of which the runtime is told anew.
//
// Instances of generic functions, and function values and errors that exist
// already, keep the old definition.
func (l *Lowerer) replace(u Unit) {
	if len(u.Replaced) == 0 {
		return
	}
	changed := map[types.Object]bool{}
	for _, r := range u.Replaced {
		changed[r.Old] = true
		l.rename(r.Old, l.global(r.New, u.Pos))
	}
	var again []*types.Func
	for more := true; more; {
		more = false
		for fn, used := range l.users {
			if changed[fn] {
				continue
			}
			for o := range used {
				if changed[o] {
					changed[fn], more = true, true
					again = append(again, fn)
					break
				}
			}
		}
	}
	for _, fn := range again {
		src := l.funcs[fn]
		name := l.fresh(fn.Name())
		l.rename(fn, name)
		l.queueFunc(src.decl, fn, src.info, name, nil)
		if fn.Signature().Recv() != nil {
			l.changed(receiverNamed(fn.Signature()))
		}
	}
}

// changed tells the runtime of a type's methods again.
func (l *Lowerer) changed(n *types.Named) {
	for _, t := range []types.Type{n, types.NewPointer(n)} {
		if index, ok := l.indexes.At(t).(int); ok {
			l.tell(t, index)
		}
	}
	all := l.wrappers
	l.wrappers = slices.DeleteFunc(slices.Clone(all), func(w wrapped) bool { return namedOf(w.from) == n })
	l.journal = append(l.journal, func() { l.wrappers = all })
}

// rename gives an object another name until the unit is undone.
func (l *Lowerer) rename(o types.Object, name string) {
	old, had := l.names[o]
	l.names[o] = name
	l.journal = append(l.journal, func() {
		if had {
			l.names[o] = old
		} else {
			delete(l.names, o)
		}
	})
}
