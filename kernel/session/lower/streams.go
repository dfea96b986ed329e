package lower

import (
	"go/ast"
	"go/types"
)

// The standard streams of a session are not always the process's: a read of
// os.Stdin asks the front end, and what is written to os.Stdout and os.Stderr
// keeps its order. A file that becomes an io.Reader or io.Writer, or is read or
// written by a method of its own, therefore passes through the runtime, which
// replaces those three.

// streams are the methods that move data.
var streams = map[string]bool{
	"Read": true, "ReadFrom": true, "Write": true, "WriteString": true, "WriteTo": true,
}

// isFile tells whether t is *os.File.
func isFile(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj().Name() == "File" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "os"
}

// stream wraps x, a value of type from that becomes one of type to.
func (f *fn) stream(x ast.Expr, from, to types.Type) ast.Expr {
	if i, ok := f.subst(to).Underlying().(*types.Interface); ok && i.NumMethods() > 0 && f.compiledInterface(to) && isFile(f.subst(from)) {
		return f.asStream(x)
	}
	return x
}

// streamReceiver wraps the receiver x, of type t, of a method.
func (f *fn) streamReceiver(x ast.Expr, t types.Type, method string) ast.Expr {
	if streams[method] && isFile(f.subst(t)) {
		return f.asStream(x)
	}
	return x
}

func (f *fn) asStream(x ast.Expr) ast.Expr { return call(f.l.runtime("Stream", x.Pos()), x) }
