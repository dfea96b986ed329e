package lower

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// expr lowers an expression.
func (f *fn) expr(e ast.Expr) ast.Expr {
	if tv, ok := f.info.Types[e]; ok && tv.Value != nil {
		return f.constant(tv.Value, tv.Type, e.Pos())
	}
	switch e := e.(type) {
	case *ast.Ident:
		return f.object(e, e.Pos())
	case *ast.ParenExpr:
		return paren(f.expr(e.X))
	case *ast.FuncLit:
		return f.funcLit(e)
	case *ast.CompositeLit:
		return f.composite(e, f.typeOf(e))
	case *ast.SelectorExpr:
		if tv := f.info.Types[e]; tv.IsType() {
			return f.typ(tv.Type, e.Pos())
		}
		return f.selector(e)
	case *ast.IndexExpr:
		return f.index(e)
	case *ast.IndexListExpr:
		return f.instanceOf(e)
	case *ast.SliceExpr:
		return f.sliced(e, &ast.SliceExpr{X: paren(f.used(e.X)), Low: f.indexValue(e.Low), High: f.indexValue(e.High),
			Max: f.indexValue(e.Max), Slice3: e.Slice3, Lbrack: e.Lbrack, Rbrack: e.Rbrack})
	case *ast.TypeAssertExpr:
		return f.assertion(e, false)
	case *ast.CallExpr:
		return f.call(e)
	case *ast.StarExpr:
		if tv := f.info.Types[e]; tv.IsType() {
			return f.typ(tv.Type, e.Pos())
		}
		return &ast.StarExpr{Star: e.Star, X: paren(f.used(e.X))}
	case *ast.UnaryExpr:
		return f.unary(e)
	case *ast.BinaryExpr:
		return f.binary(e)
	case *ast.ArrayType, *ast.StructType, *ast.FuncType, *ast.InterfaceType, *ast.MapType, *ast.ChanType:
		return f.typ(f.typeOf(e), e.Pos())
	}
	fail(e.Pos(), "internal error: unknown expression %T", e)
	return nil
}

func (f *fn) sliced(e *ast.SliceExpr, x ast.Expr) ast.Expr { return f.made(x, f.typeOf(e)) }

// exprTo lowers a value that is assigned to a variable of type t.
func (f *fn) exprTo(e ast.Expr, t types.Type) ast.Expr {
	from := f.typeOf(e)
	x := f.valueTo(e, t)
	if b, ok := from.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 && b.Kind() != types.UntypedNil {
		if !types.IsInterface(f.subst(t)) {
			return x
		}
		if tv := f.info.Types[e]; tv.Value != nil && b.Kind() != types.UntypedRune {
			from = defaultType(tv.Value)
			if d := types.Default(b); d != from {
				from = d
			}
		}
	}
	return f.convert(x, from, t)
}

// valueTo lowers a value with the type that it has before it is converted to t.
func (f *fn) valueTo(e ast.Expr, t types.Type) ast.Expr {
	t = f.subst(t)
	tv := f.info.Types[e]
	if tv.Value != nil {
		if from, ok := f.subst(tv.Type).Underlying().(*types.Basic); ok && from.Info()&types.IsUntyped != 0 && !types.IsInterface(t) {
			return f.constant(tv.Value, t, e.Pos())
		}
		return f.constant(tv.Value, tv.Type, e.Pos())
	}
	if tv.IsNil() && f.isRecursive(t) {
		return f.zero(t, e.Pos())
	}
	if lit, ok := ast.Unparen(e).(*ast.CompositeLit); ok && lit.Type == nil {
		return f.composite(lit, f.typeOf(lit))
	}
	return f.expr(e)
}

// object refers to what an identifier means.
func (f *fn) object(i *ast.Ident, pos token.Pos) ast.Expr {
	o := f.info.ObjectOf(i)
	switch o := o.(type) {
	case nil:
		return id(i.Name, pos) // the blank identifier
	case *types.Nil:
		return id("nil", pos)
	case *types.Const:
		return f.constant(o.Val(), o.Type(), pos)
	case *types.TypeName:
		return f.typ(o.Type(), pos)
	case *types.Builtin:
		return id(o.Name(), pos)
	case *types.Func:
		if inst, ok := f.info.Instances[i]; ok {
			return f.l.instantiate(o.Origin(), f.typeArgs(inst), pos)
		}
		if f.l.isSource(o.Pkg()) {
			return id(f.sourceFunc(o, pos), pos)
		}
		return f.l.qualified(o.Pkg().Path(), o.Name(), pos)
	case *types.Var:
		if n, ok := f.l.names[o]; ok {
			return id(n, pos)
		}
		if o.Pkg() != nil && o.Parent() == o.Pkg().Scope() {
			if f.l.isSource(o.Pkg()) {
				return id(f.l.global(o, pos), pos)
			}
			return throughAddress(f.l.qualified(o.Pkg().Path(), o.Name(), pos))
		}
		return id(f.local(o), pos)
	}
	fail(pos, "internal error: unknown object %v", o)
	return nil
}

// throughAddress is a variable of a compiled package. The interpreter takes its name
// for a constant: it cannot be assigned to, and where its value is converted, as for a
// call, it is that of the time when the code was compiled.
func throughAddress(name ast.Expr) ast.Expr {
	return &ast.ParenExpr{Lparen: name.Pos(), X: star(addr(name))}
}

// place is x where its address is taken: of *(&v), it is v.
func place(x ast.Expr) ast.Expr {
	if s, ok := unparen(x).(*ast.StarExpr); ok {
		if a, ok := unparen(s.X).(*ast.UnaryExpr); ok && a.Op == token.AND {
			return a.X
		}
	}
	return x
}

// sourceFunc returns the name of a function that is not generic; one of a
// library is lowered when it is first used.
func (f *fn) sourceFunc(o *types.Func, pos token.Pos) string {
	if n, ok := f.l.names[o]; ok {
		return n
	}
	n := f.l.global(o, pos)
	if src := f.l.funcs[o]; src != nil && o.Pkg().Path() != f.l.main {
		if src.decl.Body == nil {
			fail(pos, "%s is not supported by the interpreter", o.FullName())
		}
		f.l.queueFunc(src.decl, o, src.info, n, nil)
	}
	return n
}

func (f *fn) typeArgs(inst types.Instance) []types.Type {
	args := make([]types.Type, inst.TypeArgs.Len())
	for i := range args {
		args[i] = f.subst(inst.TypeArgs.At(i))
	}
	return args
}

// instanceOf lowers f[T] and pkg.F[T, U].
func (f *fn) instanceOf(e ast.Expr) ast.Expr {
	var x ast.Expr
	switch e := e.(type) {
	case *ast.IndexExpr:
		x = e.X
	case *ast.IndexListExpr:
		x = e.X
	}
	if tv := f.info.Types[e]; tv.IsType() {
		return f.typ(tv.Type, e.Pos())
	}
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		return f.object(x, e.Pos())
	case *ast.SelectorExpr:
		return f.object(x.Sel, e.Pos())
	}
	fail(e.Pos(), "internal error: unknown instance")
	return nil
}

func (f *fn) index(e *ast.IndexExpr) ast.Expr {
	tv := f.info.Types[e.X]
	if tv.IsType() {
		return f.typ(f.typeOf(e), e.Pos())
	}
	t := f.typeOf(e.X)
	if s, ok := t.Underlying().(*types.Signature); ok && s != nil {
		return f.instanceOf(e)
	}
	x := paren(f.used(e.X))
	if _, ptr := t.Underlying().(*types.Pointer); ptr {
		x = paren(star(x))
	}
	out := &ast.IndexExpr{X: x, Lbrack: e.Lbrack, Rbrack: e.Rbrack}
	if m, ok := t.Underlying().(*types.Map); ok {
		out.Index = f.mapKey(e.Index, m)
	} else {
		out.Index = f.indexValue(e.Index)
	}
	return out
}

func (f *fn) mapKey(e ast.Expr, m *types.Map) ast.Expr {
	x := f.exprTo(e, m.Key())
	f.comparableKey(m.Key(), e.Pos())
	if f.info.Types[e].IsNil() {
		t := paren(f.typ(m.Key(), e.Pos()))
		if types.IsInterface(m.Key()) {
			return star(call(id("new", e.Pos()), t))
		}
		return call(t, x)
	}
	return x
}

func (f *fn) indexValue(e ast.Expr) ast.Expr {
	if e == nil {
		return nil
	}
	if tv := f.info.Types[e]; tv.Value != nil {
		return number(token.INT, constant.ToInt(tv.Value).ExactString(), e.Pos())
	}
	return f.expr(e)
}

func (f *fn) unary(e *ast.UnaryExpr) ast.Expr {
	if e.Op == token.AND {
		if c, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
			return addr(f.composite(c, f.typeOf(c)))
		}
	}
	if e.Op == token.ARROW {
		return &ast.UnaryExpr{OpPos: e.OpPos, Op: e.Op, X: paren(f.used(e.X))}
	}
	x := f.expr(e.X)
	if e.Op == token.AND {
		x = place(x)
	}
	return &ast.UnaryExpr{OpPos: e.OpPos, Op: e.Op, X: paren(x)}
}

func (f *fn) binary(e *ast.BinaryExpr) ast.Expr {
	if e.Op == token.EQL || e.Op == token.NEQ {
		if f.isInterface(e.X) || f.isInterface(e.Y) {
			x := f.equal(e.X, e.Y, e.OpPos)
			if b, ok := x.(*ast.BinaryExpr); ok {
				b.Op = e.Op
				return b
			}
			if e.Op == token.NEQ {
				return &ast.UnaryExpr{OpPos: e.OpPos, Op: token.NOT, X: x}
			}
			return x
		}
	}
	x, y := f.operand(e.X, e.Y, e.Op), f.operand(e.Y, e.X, e.Op)
	if f.info.Types[e.Y].IsNil() {
		x = f.under(x, f.typeOf(e.X))
	} else if f.info.Types[e.X].IsNil() {
		y = f.under(y, f.typeOf(e.Y))
	}
	if e.Op == token.EQL || e.Op == token.NEQ {
		_, pointer := f.typeOf(e.X).Underlying().(*types.Pointer)
		if pointer && f.isRecursive(f.typeOf(e.X)) && !f.info.Types[e.X].IsNil() && !f.info.Types[e.Y].IsNil() {
			fail(e.OpPos, "the comparison of pointers of type %s, which is made of itself, is not supported by the interpreter", f.typeOf(e.X))
		}
		x, y = f.sameType(x, e.X, e.Y), f.sameType(y, e.Y, e.X)
	}
	if e.Op == token.SHL || e.Op == token.SHR {
		x = f.expr(e.X)
		if tv := f.info.Types[e.X]; tv.Value != nil {
			x = f.constant(tv.Value, f.typeOf(e), e.X.Pos())
		}
		y = f.indexValueUnsigned(e.Y)
	}
	return &ast.BinaryExpr{X: paren(x), OpPos: e.OpPos, Op: e.Op, Y: paren(y)}
}

// sameType converts an operand of == to the type of the other, where Go lets
// different ones be compared.
func (f *fn) sameType(x ast.Expr, e, other ast.Expr) ast.Expr {
	from, to := f.typeOf(e), f.typeOf(other)
	if b, ok := from.Underlying().(*types.Basic); ok && b != nil || f.info.Types[other].IsNil() || !types.AssignableTo(from, to) {
		return x
	}
	if types.AssignableTo(to, from) {
		if _, named := types.Unalias(from).(*types.Named); named {
			return x // the other one is converted
		}
	}
	return f.retype(x, from, to)
}

func (f *fn) indexValueUnsigned(e ast.Expr) ast.Expr {
	if tv := f.info.Types[e]; tv.Value != nil {
		return call(id("uint", e.Pos()), number(token.INT, constant.ToInt(tv.Value).ExactString(), e.Pos()))
	}
	y := f.expr(e)
	if b, ok := f.typeOf(e).Underlying().(*types.Basic); ok && b.Info()&types.IsInteger != 0 {
		if _, compound := ast.Unparen(y).(*ast.BinaryExpr); compound {
			// The interpreter would compute it in the type of the whole.
			return call(id("uint64", e.Pos()), y)
		}
	}
	return y
}

// operand lowers e beside other. A constant needs no conversion where the
// other operand has its type, which keeps arithmetic fast.
func (f *fn) operand(e, other ast.Expr, op token.Token) ast.Expr {
	tv := f.info.Types[e]
	if tv.Value == nil {
		return f.expr(e)
	}
	ot := f.info.Types[other]
	if ot.Value == nil && ot.Type != nil {
		t := f.subst(ot.Type)
		if isNumeric(t) {
			return bare(tv.Value, t.Underlying().(*types.Basic), e.Pos())
		}
	}
	return f.expr(e)
}
