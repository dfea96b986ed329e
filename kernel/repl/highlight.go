package repl

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// sgr are the colours of the parts of Go, as codes of Select Graphic Rendition
// (ECMA-48): the sixteen that every terminal's theme sets.
func sgr(t chroma.TokenType) string {
	switch {
	case t.InCategory(chroma.Comment):
		return "2"
	case t.InSubCategory(chroma.LiteralString):
		return "32"
	case t.InSubCategory(chroma.LiteralNumber), t == chroma.KeywordConstant:
		return "33"
	case t == chroma.KeywordType, t == chroma.NameBuiltin, t == chroma.NameClass:
		return "36"
	case t.InCategory(chroma.Keyword):
		return "35"
	case t.InSubCategory(chroma.NameFunction):
		return "34"
	}
	return ""
}

// highlight colours the line that is typed; before are the earlier lines of its
// cell, inside whose strings or comments it may be.
func highlight(before, line string) string {
	if trimmed := strings.TrimLeft(line, " \t"); strings.HasPrefix(trimmed, "$") || strings.HasPrefix(trimmed, "%") {
		word, _, _ := strings.Cut(trimmed, " ")
		indent := line[:len(line)-len(trimmed)]
		return indent + "\x1b[35m" + word + "\x1b[0m" + trimmed[len(word):]
	}
	lexer := lexers.Get("go")
	if lexer == nil || line == "" {
		return line
	}
	skip := 0
	if before != "" {
		before += "\n"
		skip = len(before)
	}
	tokens, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, before+line+missing(before+line))
	if err != nil {
		return line
	}
	var b strings.Builder
	written := 0
	for t := tokens(); t != chroma.EOF; t = tokens() {
		value := t.Value
		if skip > 0 {
			n := min(skip, len(value))
			skip -= n
			value = value[n:]
		}
		if room := len(line) - written; len(value) > room { // lexers may end the last line
			value = value[:room]
		}
		written += len(value)
		if code := sgr(t.Type); code != "" && strings.TrimSpace(value) != "" {
			value = "\x1b[" + code + "m" + value + "\x1b[0m"
		}
		b.WriteString(value)
	}
	if written != len(line) {
		return line // never show anything but what was typed
	}
	return b.String()
}

// missing is what would close the raw string or comment that code leaves open;
// the lexer knows only whole ones.
func missing(code string) string {
	switch {
	case strings.Count(code, "`")%2 == 1:
		return "`"
	case strings.LastIndex(code, "/*") > strings.LastIndex(code, "*/"):
		return "*/"
	}
	return ""
}
