package session

import (
	"fmt"
	"go/scanner"
	"go/token"
)

// chunk is one top-level piece of a cell: a declaration or a statement. Its
// text is src[start:end]; comments before it belong to it.
type chunk struct {
	kind       chunkKind
	start, end int
}

type chunkKind int

const (
	chunkStmt chunkKind = iota // statements, and var declarations
	chunkImport
	chunkDecl    // type, const, func with a name
	chunkPackage // a package clause, which a cell does not need
)

// split cuts a cell into its top-level pieces: tokens between semicolons that
// no bracket encloses. The pieces are balanced, so that each can be put where
// it belongs, and the identifiers in them are collected on the way.
//
// Splitting needs no parser, and accepts what no parser would: what is wrong
// inside a piece is found when that is parsed.
func split(src string) (chunks []chunk, idents map[string]bool, err *syntaxError) {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	report := func(offset int, format string, args ...any) {
		if err == nil {
			err = &syntaxError{offset: offset, msg: fmt.Sprintf(format, args...)}
		}
	}
	var s scanner.Scanner
	s.Init(file, []byte(src), func(p token.Position, msg string) { report(p.Offset, "%s", msg) }, scanner.ScanComments)

	idents = map[string]bool{}
	var open []bracket
	var tokens []token.Token // the first of the chunk, to tell its kind
	start, end := -1, 0
	header := false // of a for, whose semicolons are its own: both may follow each other
	flush := func() {
		if len(tokens) > 0 {
			chunks = append(chunks, chunk{kindOf(tokens), start, end})
			start = -1
		}
		tokens, header = tokens[:0], false
	}
	for {
		pos, tok, text := s.Scan()
		offset := file.Offset(pos)
		if tok == token.EOF {
			break
		}
		if start < 0 && tok != token.SEMICOLON {
			start = offset
		}
		switch tok {
		case token.COMMENT:
			continue
		case token.SEMICOLON:
			if len(open) == 0 && !(header && text == ";") {
				flush()
				continue
			}
		case token.FOR:
			header = header || len(open) == 0
		case token.IDENT:
			idents[text] = true
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if tok == token.LBRACE && len(open) == 0 {
				header = false
			}
			open = append(open, bracket{tok, offset})
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) == 0 {
				report(offset, "unexpected %s", tok)
				return nil, idents, err
			}
			if want := closing[open[len(open)-1].tok]; tok != want {
				report(offset, "unexpected %s, expected %s", tok, want)
				return nil, idents, err
			}
			open = open[:len(open)-1]
		}
		if len(tokens) < maxKindTokens {
			tokens = append(tokens, tok)
		}
		end = offset + max(len(text), len(tok.String()))
		if text != "" && tok.IsLiteral() {
			end = offset + literalLen(src[offset:], tok, text)
		}
		end = min(end, len(src))
	}
	if len(open) > 0 && err == nil {
		err = &syntaxError{offset: len(src), msg: fmt.Sprintf("unexpected end of the cell, expected %s", closing[open[len(open)-1].tok])}
		err.incomplete = true
		err.depth = len(open)
	}
	if err != nil {
		return nil, idents, err
	}
	flush()
	return chunks, idents, nil
}

// literalLen is a literal's length in the source, where a raw string may hold
// carriage returns that the scanner drops.
func literalLen(src string, tok token.Token, text string) int {
	if tok != token.STRING || text[0] != '`' {
		return len(text)
	}
	for i := 1; i < len(src); i++ {
		if src[i] == '`' {
			return i + 1
		}
	}
	return len(src)
}

type bracket struct {
	tok    token.Token
	offset int
}

var closing = map[token.Token]token.Token{
	token.LPAREN: token.RPAREN, token.LBRACK: token.RBRACK, token.LBRACE: token.RBRACE,
}

// syntaxError is what is wrong at an offset of a cell's text.
type syntaxError struct {
	offset     int
	msg        string
	incomplete bool // more text may mend it
	depth      int  // open brackets
}

const maxKindTokens = 200

func kindOf(tokens []token.Token) chunkKind {
	switch tokens[0] {
	case token.PACKAGE:
		return chunkPackage
	case token.IMPORT:
		return chunkImport
	case token.TYPE, token.CONST:
		return chunkDecl
	case token.FUNC:
		if isFuncDecl(tokens) {
			return chunkDecl
		}
	}
	return chunkStmt
}

// isFuncDecl tells func f( and func (r T) f( from a function literal, whose
// parameters no name and second parenthesis follow.
func isFuncDecl(tokens []token.Token) bool {
	if len(tokens) < 2 {
		return false
	}
	if tokens[1] == token.IDENT {
		return true
	}
	depth := 0
	for i, t := range tokens[1:] {
		switch t {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			depth--
		}
		if depth == 0 {
			rest := tokens[i+2:]
			return len(rest) >= 2 && rest[0] == token.IDENT && (rest[1] == token.LPAREN || rest[1] == token.LBRACK)
		}
	}
	return false
}
