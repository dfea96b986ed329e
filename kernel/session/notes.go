package session

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// notes are remarks on a cell that is about to run. They also keep account of
// which functions use what, so it must be called once for each cell.
func (s *Session) notes(t text, p *parsed, c *checked) []string {
	var notes []string
	if len(c.added) > 0 {
		notes = append(notes, "imported "+strings.Join(c.added, ", "))
	}
	for _, w := range c.warnings {
		notes = append(notes, fmt.Sprintf("%s:%d:%d: warning: %s", t.name, w.line, w.column, w.msg))
	}
	for _, name := range slices.Sorted(maps.Keys(c.declared)) {
		if n := s.redeclared(name, c.declared[name]); n != "" {
			notes = append(notes, n)
		}
	}
	s.addUsers(p, c.unit.Info)
	return notes
}

// addUsers records which objects the cell's functions refer to.
func (s *Session) addUsers(p *parsed, info *types.Info) {
	for _, d := range p.decls {
		fd, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		user, ok := info.Defs[fd.Name].(*types.Func)
		if !ok {
			continue
		}
		ast.Inspect(fd, func(n ast.Node) bool {
			i, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			o := info.Uses[i]
			if o == nil || o.Pkg() == nil || o.Pkg().Path() != mainPath || o == user {
				return true
			}
			if s.users[o] == nil {
				s.users[o] = map[*types.Func]bool{}
			}
			s.users[o][user] = true
			return true
		})
	}
}

// redeclared says which code keeps using an earlier object of the name, or "".
func (s *Session) redeclared(name string, now types.Object) string {
	old := s.scope[name]
	if old == nil || old == now || old.Pkg() == nil || old.Pkg().Path() != mainPath {
		return ""
	}
	if s.follows(old, now) {
		for u := range s.users[old] {
			if s.users[now] == nil {
				s.users[now] = map[*types.Func]bool{}
			}
			s.users[now][u] = true
		}
		return ""
	}
	var keep []string
	for u := range s.users[old] {
		if s.current(u, old) {
			keep = append(keep, funcName(u))
		}
	}
	if _, isType := old.(*types.TypeName); isType {
		for n, o := range s.scope {
			if v, ok := o.(*types.Var); ok && n != name && mentionsType(v.Type(), old.Type()) {
				keep = append(keep, n)
			}
		}
	}
	if len(keep) == 0 {
		return ""
	}
	slices.Sort(keep)
	verb := "keeps"
	if len(keep) > 1 {
		verb = "keep"
	}
	return fmt.Sprintf("%s %s the earlier %s, %s", strings.Join(keep, ", "), verb, name, describeOld(old))
}

// follows tells whether users of an earlier object use the new one instead.
func (s *Session) follows(old, now types.Object) bool {
	switch now := now.(type) {
	case *types.Func:
		_, ok := old.(*types.Func)
		return ok && now.Signature().TypeParams() == nil && types.Identical(old.Type(), now.Type())
	case *types.Var:
		_, ok := old.(*types.Var)
		return ok && types.Identical(old.Type(), now.Type())
	}
	return false
}

// current tells whether a later cell can still reach a function that uses old.
func (s *Session) current(f *types.Func, old types.Object) bool {
	recv := f.Signature().Recv()
	if recv == nil {
		return s.scope[f.Name()] == f
	}
	n := receiverType(recv)
	return n != nil && n.Obj() != old && s.scope[n.Obj().Name()] == n.Obj()
}

func receiverType(recv *types.Var) *types.Named {
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}

func funcName(f *types.Func) string {
	if recv := f.Signature().Recv(); recv != nil {
		if n := receiverType(recv); n != nil {
			return n.Obj().Name() + "." + f.Name()
		}
	}
	return f.Name()
}

func describeOld(o types.Object) string {
	switch o := o.(type) {
	case *types.TypeName:
		return types.TypeString(o.Type().Underlying(), noPackage)
	case *types.Const:
		return o.Val().String()
	}
	return types.TypeString(o.Type(), noPackage)
}

// mentionsType tells whether values of type t may hold values of type part.
func mentionsType(t, part types.Type) bool {
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		if types.Identical(u, part) {
			return true
		}
		for i := range u.TypeArgs().Len() {
			if mentionsType(u.TypeArgs().At(i), part) {
				return true
			}
		}
	case *types.Map:
		return mentionsType(u.Key(), part) || mentionsType(u.Elem(), part)
	case interface{ Elem() types.Type }:
		return mentionsType(u.Elem(), part)
	}
	return false
}
