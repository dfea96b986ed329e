package lower

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// constant writes a constant's value with its type. The interpreter computes
// constants in the wrong type, so all of them are folded before it sees them.
func (f *fn) constant(v constant.Value, t types.Type, pos token.Pos) ast.Expr {
	t = f.subst(t)
	b, ok := t.Underlying().(*types.Basic)
	if !ok { // an interface: the value has its default type
		return f.constant(v, defaultType(v), pos)
	}
	switch {
	case b.Kind() == types.UntypedRune:
		t = types.Typ[types.Rune]
	case b.Info()&types.IsUntyped != 0:
		t = types.Default(b)
	}
	x := bare(v, t.Underlying().(*types.Basic), pos)
	switch t {
	case types.Typ[types.Int], types.Typ[types.String], types.Typ[types.Bool]:
		return x
	}
	return call(f.typ(t, pos), x)
}

// bare writes a constant without its type, for where the context gives it.
func bare(v constant.Value, b *types.Basic, pos token.Pos) ast.Expr {
	switch info := b.Info(); {
	case info&types.IsBoolean != 0:
		return id(strconv.FormatBool(constant.BoolVal(v)), pos)
	case info&types.IsString != 0:
		return lit(token.STRING, strconv.Quote(constant.StringVal(v)), pos)
	case info&types.IsInteger != 0:
		return number(token.INT, constant.ToInt(v).ExactString(), pos)
	case info&types.IsFloat != 0:
		return number(token.FLOAT, floatText(constant.ToFloat(v), b.Kind() == types.Float32), pos)
	case info&types.IsComplex != 0:
		c := constant.ToComplex(v)
		small := b.Kind() == types.Complex64
		re := number(token.FLOAT, floatText(constant.Real(c), small), pos)
		im := number(token.IMAG, floatText(constant.Imag(c), small)+"i", pos)
		return &ast.ParenExpr{Lparen: pos, X: binary(re, token.ADD, im)}
	}
	return call(id("uintptr", pos), number(token.INT, constant.ToInt(v).ExactString(), pos))
}

func number(kind token.Token, text string, pos token.Pos) ast.Expr {
	if abs, neg := strings.CutPrefix(text, "-"); neg {
		return &ast.ParenExpr{Lparen: pos, X: &ast.UnaryExpr{OpPos: pos, Op: token.SUB, X: lit(kind, abs, pos)}}
	}
	return lit(kind, text, pos)
}

func floatText(v constant.Value, small bool) string {
	var s string
	if small {
		x, _ := constant.Float32Val(v)
		s = strconv.FormatFloat(float64(x), 'g', -1, 32)
	} else {
		x, _ := constant.Float64Val(v)
		s = strconv.FormatFloat(x, 'g', -1, 64)
	}
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

func defaultType(v constant.Value) types.Type {
	switch v.Kind() {
	case constant.Bool:
		return types.Typ[types.Bool]
	case constant.String:
		return types.Typ[types.String]
	case constant.Int:
		return types.Typ[types.Int]
	case constant.Float:
		return types.Typ[types.Float64]
	}
	return types.Typ[types.Complex128]
}

// isNumeric tells whether a bare literal of the type can stand beside a typed
// operand.
func isNumeric(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsInteger|types.IsFloat) != 0
}
