package repl

import (
	"go/scanner"
	"go/token"
	"go/types"
	"strings"
)

// The colours of the parts of Go, as codes of Select Graphic Rendition
// (ECMA-48): those of the sixteen that every terminal's theme sets.
const (
	faint   = "2"
	green   = "32"
	yellow  = "33"
	blue    = "34"
	magenta = "35"
	cyan    = "36"
)

// highlight colours the line that is typed; before are the earlier lines of its
// cell, inside whose strings or comments it may be. Go is taken apart by Go's
// own scanner, which no unfinished code stops; the tables of a library for all
// languages would have to be built at every start.
func highlight(before, line string) string {
	if trimmed := strings.TrimLeft(line, " \t"); strings.HasPrefix(trimmed, "$") || strings.HasPrefix(trimmed, "%") {
		word, _, _ := strings.Cut(trimmed, " ")
		indent := line[:len(line)-len(trimmed)]
		return indent + "\x1b[" + magenta + "m" + word + "\x1b[0m" + trimmed[len(word):]
	}
	code, skip := line, 0
	if before != "" {
		code, skip = before+"\n"+line, len(before)+1
	}
	file := token.NewFileSet().AddFile("", -1, len(code))
	var s scanner.Scanner
	s.Init(file, []byte(code), func(token.Position, string) {}, scanner.ScanComments)
	var b strings.Builder
	at := skip
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		start := max(file.Offset(pos), at)
		end := min(file.Offset(pos)+len(lit), len(code))
		if tok == token.SEMICOLON || end <= start {
			continue
		}
		if style := colour(tok, lit, code[end:]); style != "" {
			b.WriteString(code[at:start] + "\x1b[" + style + "m" + code[start:end] + "\x1b[0m")
			at = end
		}
	}
	return b.String() + code[at:]
}

// colour is how a token is shown; rest is what follows it.
func colour(tok token.Token, lit, rest string) string {
	switch {
	case tok == token.COMMENT:
		return faint
	case tok == token.STRING || tok == token.CHAR:
		return green
	case tok.IsLiteral() && tok != token.IDENT:
		return yellow
	case tok.IsKeyword():
		return magenta
	case tok != token.IDENT:
		return ""
	}
	switch types.Universe.Lookup(lit).(type) {
	case *types.TypeName, *types.Builtin:
		return cyan
	case *types.Const, *types.Nil:
		return yellow
	}
	if strings.HasPrefix(rest, "(") {
		return blue
	}
	return ""
}
