package lower

import (
	"go/ast"
	"go/types"
)

// unsafe lowers the functions of package unsafe. Of values in memory only what
// has the same layout as compiled can be reached: see structType.
func (f *fn) unsafe(name string, e *ast.CallExpr) ast.Expr {
	pos := e.Pos()
	sizes := types.SizesFor("gc", "amd64")
	size := func(n int64) ast.Expr { return call(id("uintptr", pos), intLit(n, pos)) }
	switch name {
	case "Sizeof":
		return size(sizes.Sizeof(f.typeOf(e.Args[0])))
	case "Alignof":
		return size(sizes.Alignof(f.typeOf(e.Args[0])))
	case "Offsetof":
		s := ast.Unparen(e.Args[0]).(*ast.SelectorExpr)
		_, index, recv, _ := f.selection(s)
		return size(f.offset(sizes, recv, index))
	}
	var args []ast.Expr
	for _, a := range e.Args {
		if f.info.Types[a].Value != nil {
			args = append(args, f.indexValue(a))
			if b, ok := f.typeOf(a).Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
				args[len(args)-1] = f.expr(a)
			}
			continue
		}
		x := f.expr(a)
		if b, ok := f.typeOf(a).Underlying().(*types.Basic); ok && b.Info()&types.IsInteger != 0 {
			x = call(id("int", pos), x)
		}
		args = append(args, x)
	}
	c := call(f.l.runtime("Unsafe"+name, pos), args...)
	switch name {
	case "Slice", "SliceData": // these give any
		return &ast.TypeAssertExpr{X: c, Lparen: pos, Type: f.typ(f.typeOf(e), pos)}
	}
	return c
}

func (f *fn) offset(sizes types.Sizes, t types.Type, index []int) int64 {
	var sum int64
	for _, i := range index {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = f.subst(p.Elem())
		}
		s := t.Underlying().(*types.Struct)
		fields := make([]*types.Var, s.NumFields())
		for k := range fields {
			fields[k] = s.Field(k)
		}
		sum += sizes.Offsetsof(fields)[i]
		t = f.subst(s.Field(i).Type())
	}
	return sum
}
