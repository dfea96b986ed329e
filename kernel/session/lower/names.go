package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// global returns the name of a package-level object in lowered code. Two
// objects never share one: a redeclaration in a later cell gets a new name and
// code lowered before keeps what it meant.
func (l *Lowerer) global(o types.Object, pos token.Pos) string {
	if n, ok := l.names[o]; ok {
		return n
	}
	n := l.fresh(o.Name())
	l.setName(o, n)
	if v, ok := o.(*types.Var); ok {
		f := l.newFn(nil, nil)
		l.out.vars = append(l.out.vars, varDecl(n, f.typ(v.Type(), pos), nil, pos))
	}
	return n
}

func (l *Lowerer) setName(o types.Object, n string) {
	l.names[o] = n
	l.journal = append(l.journal, func() { delete(l.names, o) })
}

// Share makes v stand for the same variable as old, which has the same type.
func (l *Lowerer) Share(v, old *types.Var) {
	if n, ok := l.names[old]; ok {
		l.names[v] = n
	}
}

// Name returns the name of a package-level object in lowered code, "" if it has none.
func (l *Lowerer) Name(o types.Object) string { return l.names[o] }

// fresh returns base itself at first, then base__2 and so on. Names that mean
// something to the interpreter are never used plainly.
func (l *Lowerer) fresh(base string) string {
	l.versions[base]++
	if n := l.versions[base]; n > 1 || reserved(base) {
		return fmt.Sprintf("%s__%d", base, n)
	}
	return base
}

func reserved(name string) bool {
	return name == "main" || name == "init" || name == "_" || types.Universe.Lookup(name) != nil
}

// temp returns a name that nothing else has.
func (l *Lowerer) temp(base string) string {
	l.temps++
	return fmt.Sprintf("%s__t%d", base, l.temps)
}

// qualified returns the reference to an exported name of a compiled package.
func (l *Lowerer) qualified(path, name string, pos token.Pos) ast.Expr {
	if l.fset.File(pos) != l.fset.File(l.out.pos) {
		// The interpreter knows imports by file. Code of another one, such as an
		// instance of an earlier cell's function, uses this unit's.
		return &ast.SelectorExpr{X: id(l.pkg(path), l.out.pos), Sel: id(name, l.out.pos)}
	}
	return &ast.SelectorExpr{X: id(l.pkg(path), pos), Sel: id(name, pos)}
}

// runtime returns the reference to a function of package [Runtime].
func (l *Lowerer) runtime(name string, pos token.Pos) ast.Expr {
	return l.qualified(Runtime, name, pos)
}

// pkg imports a package under a name made of its path, which no identifier of
// a program can shadow.
func (l *Lowerer) pkg(path string) string {
	if n, ok := l.out.imports[path]; ok {
		return n
	}
	n := strings.Map(func(r rune) rune {
		if r == '/' || r == '.' || r == '-' {
			return '_'
		}
		return r
	}, path) + "__p"
	l.out.imports[path] = n
	l.out.order = append(l.out.order, path)
	return n
}
