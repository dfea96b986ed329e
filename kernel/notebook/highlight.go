package notebook

import (
	"fmt"
	"go/scanner"
	"go/token"
	"go/types"
	"html"
	"strings"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
)

// Go is taken apart by Go's own scanner. The library's lexers and styles would
// know every language, but they are all built when a program starts, and each
// start of a kernel would wait for them twice, in the front and in the worker.

var formatter = chromahtml.New(chromahtml.WithClasses(true), chromahtml.TabWidth(4))

// highlight is code as HTML with a class for each kind of word; another language
// than Go is shown plain.
func highlight(code, language string) string {
	code = strings.TrimRight(code, "\n")
	if language = strings.ToLower(language); language == "go" || language == "golang" {
		var b strings.Builder
		if err := formatter.Format(&b, palette(nil), chroma.Literator(goTokens(code)...)); err == nil {
			return b.String() + "\n"
		}
	}
	return `<pre class="chroma"><code>` + html.EscapeString(code) + "</code></pre>\n"
}

// goTokens takes Go code apart; no octet is lost, whatever the code is.
func goTokens(code string) []chroma.Token {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(code))
	var s scanner.Scanner
	s.Init(file, []byte(code), nil, scanner.ScanComments)
	var tokens []chroma.Token
	at := 0
	add := func(kind chroma.TokenType, end int) {
		if end <= at {
			return
		}
		if n := len(tokens); n > 0 && tokens[n-1].Type == kind {
			tokens[n-1].Value += code[at:end]
		} else {
			tokens = append(tokens, chroma.Token{Type: kind, Value: code[at:end]})
		}
		at = end
	}
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue // not in the code
		}
		if lit == "" {
			lit = tok.String()
		}
		start := file.Offset(pos)
		add(chroma.TextWhitespace, start)
		end := min(start+len(lit), len(code))
		if tok == token.STRING || tok == token.COMMENT { // without the returns that the code has
			for ; end < len(code) && strings.ReplaceAll(code[start:end], "\r", "") != lit; end++ {
			}
		}
		add(tokenKind(tok, lit, code[end:]), end)
	}
	add(chroma.TextWhitespace, len(code))
	return tokens
}

// tokenKind is the kind of a token; rest is what follows it.
func tokenKind(tok token.Token, lit, rest string) chroma.TokenType {
	switch tok {
	case token.COMMENT:
		if strings.HasPrefix(lit, "/*") {
			return chroma.CommentMultiline
		}
		return chroma.CommentSingle
	case token.STRING:
		return chroma.LiteralString
	case token.CHAR:
		return chroma.LiteralStringChar
	case token.INT:
		return chroma.LiteralNumberInteger
	case token.FLOAT, token.IMAG:
		return chroma.LiteralNumberFloat
	case token.IMPORT, token.PACKAGE:
		return chroma.KeywordNamespace
	case token.VAR, token.CONST, token.TYPE, token.FUNC, token.MAP, token.CHAN, token.STRUCT, token.INTERFACE:
		return chroma.KeywordDeclaration
	case token.LPAREN, token.RPAREN, token.LBRACK, token.RBRACK, token.LBRACE, token.RBRACE,
		token.COMMA, token.PERIOD, token.SEMICOLON:
		return chroma.Punctuation
	case token.ILLEGAL:
		return chroma.Text
	case token.IDENT:
		switch types.Universe.Lookup(lit).(type) {
		case *types.TypeName:
			return chroma.KeywordType
		case *types.Builtin:
			return chroma.NameBuiltin
		case *types.Const, *types.Nil:
			return chroma.KeywordConstant
		}
		if strings.HasPrefix(rest, "(") {
			return chroma.NameFunction
		}
		return chroma.NameOther
	}
	if tok.IsKeyword() {
		return chroma.Keyword
	}
	return chroma.Operator
}

// palette makes a style of the colours of words; without colours it serves for
// code that gets them from a style sheet.
func palette(colours map[chroma.TokenType]string) *chroma.Style {
	entries := chroma.StyleEntries{chroma.Background: ""}
	for kind, colour := range colours {
		entries[kind] = colour
	}
	return chroma.MustNewStyle("arch2vec", entries)
}

// highlightCSS are the colours of highlight's classes, light and dark.
func highlightCSS() string {
	var b strings.Builder
	for _, scheme := range []struct{ name, keyword, call, text, number, comment string }{
		{"light", "#a6154b", "#5b32a3", "#0b4f79", "#1a5fb4", "italic #6b7280"},
		{"dark", "#ff8fab", "#c9a8ff", "#9fd3f5", "#7fb8ff", "italic #9aa4b2"},
	} {
		fmt.Fprintf(&b, "@media (prefers-color-scheme: %s) {\n", scheme.name)
		_ = formatter.WriteCSS(&b, palette(map[chroma.TokenType]string{
			chroma.Keyword: scheme.keyword, chroma.NameBuiltin: scheme.call, chroma.NameFunction: scheme.call,
			chroma.LiteralString: scheme.text, chroma.LiteralNumber: scheme.number, chroma.Comment: scheme.comment,
		}))
		b.WriteString("}\n")
	}
	return b.String()
}
