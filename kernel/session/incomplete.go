package session

import (
	"go/scanner"
	"go/token"
	"strings"
)

// IsComplete tells a prompt whether code is ready to be executed: "complete",
// "incomplete", with the indentation that the next line should have, or
// "invalid", where no more text can mend it.
func IsComplete(code string) (status, indent string) {
	_, _, serr := split(code)
	if serr != nil {
		switch {
		case serr.incomplete:
			return "incomplete", strings.Repeat("\t", serr.depth)
		case strings.HasSuffix(serr.msg, "not terminated") && !strings.HasPrefix(serr.msg, "string") && !strings.HasPrefix(serr.msg, "rune"):
			return "incomplete", ""
		}
		return "invalid", ""
	}
	_, problems := parseCell(token.NewFileSet(), "cell", code)
	if len(problems) == 0 {
		return "complete", ""
	}
	line, column := lineColumn(code, lastToken(code))
	first := problems[0]
	if first.line > line || first.line == line && first.column > column {
		return "incomplete", lastIndent(code)
	}
	return "invalid", ""
}

// lastToken is the offset of the last token that the source spells out.
func lastToken(code string) int {
	file := token.NewFileSet().AddFile("", -1, len(code))
	var s scanner.Scanner
	s.Init(file, []byte(code), nil, 0)
	last := 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return last
		}
		if tok == token.SEMICOLON && lit != ";" {
			continue
		}
		last = file.Offset(pos)
	}
}

// lastIndent is the white space that starts the last line.
func lastIndent(code string) string {
	line := code[strings.LastIndexByte(strings.TrimRight(code, "\n"), '\n')+1:]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}
