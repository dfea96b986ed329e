package lower

import (
	"go/ast"
	"go/types"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Struct types that are made of themselves, alone or by way of others:
//
//	type Tree struct{ Root *Node }
//	type Node struct{ Owner *Tree; Kids []*Node }
//
// The interpreter gets such types wrong, and memory with them, where there is
// more than one. So they are made by package session and look to it like types
// of a compiled package, [Types].

// isMade tells whether t, which is of interpreted code, is such a type.
func (l *Lowerer) isMade(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	made, known := l.selfMade[n]
	if !known {
		made = madeOfItself(n)
		l.selfMade[n] = made
	}
	return made && l.isSource(n.Obj().Pkg())
}

func madeOfItself(n *types.Named) bool {
	if _, ok := n.Underlying().(*types.Struct); !ok || n.Obj().Pkg() == nil {
		return false
	}
	seen := map[types.Type]bool{}
	var in func(types.Type) bool
	in = func(t types.Type) bool {
		t = types.Unalias(t)
		if named, ok := t.(*types.Named); ok {
			if types.Identical(t, n) && seen[n] {
				return true
			}
			if seen[t] || named.Obj().Pkg() != n.Obj().Pkg() && named.TypeArgs() == nil {
				return false
			}
			seen[t] = true
			t = t.Underlying()
		}
		return slices.ContainsFunc(parts(t), in)
	}
	return in(n)
}

// makeType has the type made.
func (l *Lowerer) makeType(t *types.Named, name string) {
	pos := l.out.pos
	at := len(l.out.made)
	l.out.made = append(l.out.made, Made{Name: name})
	st := l.newFn(nil, nil).typ(t.Underlying(), pos).(*ast.StructType)
	nameStruct(st, name)
	l.out.made[at].Type = st
}

// exported is the name that fields have for package reflect, and in all of the
// lowered code, since the interpreter may see a struct in either way.
func exported(name string) string {
	if r, _ := utf8.DecodeRuneInString(name); unicode.IsUpper(r) {
		return name
	}
	return "X" + name
}
