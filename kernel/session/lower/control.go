package lower

import (
	"go/ast"
	"go/token"
)

// target is a statement that break or continue may leave, or the body of a
// loop over a function, which is a function itself and which return too must
// leave in steps.
type target struct {
	outer *target
	kind  targetKind
	label string

	again []ast.Stmt // of a loop: to be done before the next iteration

	// Of a loop over a function:
	state   string // variable that tells how the body was left
	results []string
	exits   []func() // what to do after the loop for each state from 1 on
}

type targetKind int

const (
	isLoop targetKind = iota
	isSwitch
	isRangeFunc
)

func (f *fn) enter(t *target, do func()) {
	t.outer = f.targets
	f.targets = t
	do()
	f.targets = t.outer
}

func (f *fn) branch(s *ast.BranchStmt) {
	label := ""
	if s.Label != nil {
		label = s.Label.Name
	}
	switch s.Tok {
	case token.GOTO:
		f.emit(branch(token.GOTO, labelName(label), s.Pos()))
	case token.FALLTHROUGH:
		f.emit(branch(token.FALLTHROUGH, "", s.Pos()))
	default:
		f.jump(s.Tok, label, s.Pos())
	}
}

// jump lowers break and continue.
func (f *fn) jump(tok token.Token, label string, pos token.Pos) {
	for t := f.targets; t != nil; t = t.outer {
		match := label == t.label && label != "" ||
			label == "" && (t.kind != isSwitch || tok == token.BREAK)
		if t.kind == isRangeFunc {
			switch {
			case match && tok == token.CONTINUE:
				f.emit(ret(pos, id("true", pos)))
			case match:
				f.emit(ret(pos, id("false", pos)))
			default:
				f.exit(t, func() { f.jump(tok, label, pos) }, pos)
			}
			return
		}
		if !match {
			continue
		}
		if tok == token.CONTINUE {
			f.emit(t.again...)
		}
		if label != "" {
			label = labelName(label)
		}
		f.emit(branch(tok, label, pos))
		return
	}
	fail(pos, "internal error: %s without its statement", tok)
}

// exit leaves the body of a loop over a function, to go on with then outside.
func (f *fn) exit(t *target, then func(), pos token.Pos) {
	t.exits = append(t.exits, then)
	f.emit(set(id(t.state, pos), intLit(int64(len(t.exits)), pos)), ret(pos, id("false", pos)))
}

// leave lowers return.
func (f *fn) leave(values []ast.Expr, pos token.Pos) {
	for t := f.targets; t != nil; t = t.outer {
		if t.kind != isRangeFunc {
			continue
		}
		var after []ast.Expr
		if len(values) > 0 {
			var lhs []ast.Expr
			for _, n := range t.results {
				lhs = append(lhs, id(n, pos))
				after = append(after, id(n, pos))
			}
			if len(values) == len(lhs) {
				for i := range lhs {
					values[i] = f.hold(values[i], f.results.At(i).Type())
				}
				for i := range lhs {
					f.emit(set(lhs[i], values[i]))
				}
			} else {
				f.emit(assign(lhs, token.ASSIGN, values...))
			}
		}
		f.exit(t, func() { f.leave(after, pos) }, pos)
		return
	}
	switch {
	case f.defers == "" && len(values) == 0:
		values = f.resultVars(pos)
	case f.defers != "" && len(values) > 0:
		lhs := f.resultVars(pos)
		if len(values) < len(lhs) {
			f.emit(assign(lhs, token.ASSIGN, values...))
			values = nil
			break
		}
		if len(values) > 1 { // one may be among the values
			for i := range values {
				values[i] = f.hold(values[i], f.results.At(i).Type())
			}
		}
		for i, l := range lhs {
			f.emit(set(l, values[i]))
		}
		values = nil
	}
	f.emit(ret(pos, values...))
}
