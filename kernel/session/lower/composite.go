package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// composite lowers a literal of type t, which may be a pointer where the source
// leaves out &T.
func (f *fn) composite(e *ast.CompositeLit, t types.Type) ast.Expr {
	pos := e.Pos()
	if p, ok := t.Underlying().(*types.Pointer); ok && e.Type == nil {
		return addr(f.composite2(e, f.subst(p.Elem()), pos))
	}
	return f.composite2(e, t, pos)
}

func (f *fn) composite2(e *ast.CompositeLit, t types.Type, pos token.Pos) ast.Expr {
	if f.isRecursive(t) {
		return f.made(f.composite2(e, t.Underlying(), pos), t)
	}
	out := &ast.CompositeLit{Type: f.typ(t, pos), Lbrace: e.Lbrace, Rbrace: e.Rbrace}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i, el := range e.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				name := kv.Key.(*ast.Ident).Name
				v := f.info.Uses[kv.Key.(*ast.Ident)]
				ft := v.Type()
				for k := range u.NumFields() {
					if u.Field(k).Name() == name {
						ft = u.Field(k).Type()
					}
				}
				out.Elts = append(out.Elts, &ast.KeyValueExpr{Key: id(exported(name), kv.Pos()), Colon: kv.Colon, Value: f.exprTo(kv.Value, ft)})
				continue
			}
			if u.Field(i).Name() == "_" {
				continue
			}
			out.Elts = append(out.Elts, &ast.KeyValueExpr{Key: id(exported(u.Field(i).Name()), el.Pos()), Value: f.exprTo(el, u.Field(i).Type())})
		}
	case *types.Map:
		for _, el := range e.Elts {
			kv := el.(*ast.KeyValueExpr)
			key := f.exprTo(kv.Key, u.Key())
			f.comparableKey(u.Key(), kv.Pos())
			out.Elts = append(out.Elts, &ast.KeyValueExpr{Key: key, Colon: kv.Colon, Value: f.exprTo(kv.Value, u.Elem())})
		}
	case *types.Slice:
		out.Elts = f.elements(e.Elts, u.Elem())
	case *types.Array:
		out.Elts = f.elements(e.Elts, u.Elem())
	default:
		fail(pos, "internal error: composite literal of type %v", t)
	}
	return out
}

func (f *fn) elements(elts []ast.Expr, t types.Type) []ast.Expr {
	var out []ast.Expr
	for _, el := range elts {
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			out = append(out, &ast.KeyValueExpr{Key: f.indexValue(kv.Key), Colon: kv.Colon, Value: f.exprTo(kv.Value, t)})
			continue
		}
		out = append(out, f.exprTo(el, t))
	}
	for _, el := range out {
		if _, keyed := el.(*ast.KeyValueExpr); keyed {
			return out
		}
	}
	return numbered(out)
}

// numbered writes the elements of a list with their indexes where one of them
// contains an index expression, whose type the interpreter would not find else.
func numbered(elts []ast.Expr) []ast.Expr {
	indexes := false
	for _, e := range elts {
		ast.Inspect(e, func(n ast.Node) bool {
			_, index := n.(*ast.IndexExpr)
			_, lit := n.(*ast.FuncLit)
			indexes = indexes || index
			return !indexes && !lit
		})
	}
	if !indexes {
		return elts
	}
	out := make([]ast.Expr, len(elts))
	for i, e := range elts {
		out[i] = &ast.KeyValueExpr{Key: intLit(int64(i), e.Pos()), Value: e}
	}
	return out
}
