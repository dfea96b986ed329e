package magic

import (
	"fmt"
	"strings"
	"unicode"
)

// part is a run of a cell's lines: Go, or one magic.
type part struct {
	start, end int // byte offsets in the cell
	line       int // where it starts, from 1
	magic      bool
	command    Command
	args       [2]int // byte offsets of the argument, without space around it
	indent     int    // bytes before the percent or dollar sign
}

// problem is why a cell cannot be taken apart.
type problem struct {
	line, column int
	msg          string
	unknown      bool // a command that is not there
}

func (p *problem) Error() string { return p.msg }

// hasMagic is a quick test that most cells fail.
func hasMagic(code string) bool { return strings.ContainsAny(code, "%$") }

// split cuts a cell into Go and magics. A line that starts with a percent or
// dollar sign is none in Go, except inside raw strings and comments.
func split(code string) (parts []part, problem *problem) {
	var s goState
	line, start, startLine := 1, 0, 1
	flush := func(end int) {
		if strings.TrimSpace(code[start:end]) != "" {
			parts = append(parts, part{start: start, end: end, line: startLine})
		}
	}
	for at := 0; at < len(code); {
		end := at + len(code[at:])
		if i := strings.IndexByte(code[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		text := code[at:end]
		indent := len(text) - len(strings.TrimLeft(text, " \t"))
		if sign := strings.TrimLeft(text, " \t"); !s.inside() && (strings.HasPrefix(sign, "%") || strings.HasPrefix(sign, "$")) {
			if s.depth > 0 {
				return parts, problemAt(line, indent, "a line with %s stands outside of brackets, not inside a block", sign[:1])
			}
			flush(at)
			p, err := magicAt(code, at, end, line, indent)
			if err != nil {
				return parts, err
			}
			parts = append(parts, p)
			line += strings.Count(code[at:p.end], "\n")
			at, start, startLine = p.end, p.end, line
			continue
		}
		s.scan(text)
		line++
		at = end
	}
	flush(len(code))
	return parts, nil
}

func problemAt(line, indent int, format string, args ...any) *problem {
	return &problem{line: line, column: indent + 1, msg: fmt.Sprintf(format, args...)}
}

// magicAt reads the magic whose first line is code[at:end].
func magicAt(code string, at, end, line, indent int) (part, *problem) {
	p := part{start: at, end: end, line: line, magic: true, indent: indent}
	from := at + indent
	if code[from] == '$' {
		p.command = shell
		p.args = trim(code, from+1, end)
		return p, nil
	}
	from++
	if from < len(code) && code[from] == '%' { // %%time, as in IPython
		from++
	}
	stop := from
	for stop < end && (code[stop] == '_' || unicode.IsLetter(rune(code[stop])) || unicode.IsDigit(rune(code[stop]))) {
		stop++
	}
	name := code[from:stop]
	c, ok := find(name)
	if !ok {
		e := problemAt(line, indent, "there is no magic %%%s; there are %s", name, known())
		e.unknown = true
		return p, e
	}
	p.command = c
	p.args = trim(code, stop, end)
	if !c.TakesCode {
		return p, nil
	}
	if _, rest := options(code[p.args[0]:p.args[1]]); strings.TrimSpace(rest) == "" {
		p.end = len(code)
		p.args = trim(code, p.args[0], p.end)
		return p, nil
	}
	// The statement goes on while brackets are open.
	var s goState
	s.scan(code[stop:end])
	for (s.depth > 0 || s.inside()) && end < len(code) {
		next := len(code)
		if i := strings.IndexByte(code[end:], '\n'); i >= 0 {
			next = end + i + 1
		}
		s.scan(code[end:next])
		end = next
	}
	p.end = end
	p.args = trim(code, stop, end)
	return p, nil
}

// trim returns the offsets of code[from:to] without space around it.
func trim(code string, from, to int) [2]int {
	for from < to && isSpace(code[from]) {
		from++
	}
	for to > from && isSpace(code[to-1]) {
		to--
	}
	return [2]int{from, to}
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

// options cuts leading options such as "-n 100" off a command's argument.
func options(args string) (given []string, rest string) {
	rest = strings.TrimLeft(args, " \t")
	for strings.HasPrefix(rest, "-") && len(rest) > 1 && unicode.IsLetter(rune(rest[1])) {
		word := rest
		if i := strings.IndexFunc(rest, unicode.IsSpace); i >= 0 {
			word = rest[:i]
		}
		value := word[2:]
		rest = strings.TrimLeft(rest[len(word):], " \t")
		if value == "" { // the value is the next word
			n := strings.IndexFunc(rest, unicode.IsSpace)
			if n < 0 {
				n = len(rest)
			}
			value = rest[:n]
			rest = strings.TrimLeft(rest[n:], " \t")
		}
		given = append(given, word[:2]+value)
	}
	return given, rest
}

// goState follows Go's brackets, strings and comments from line to line.
type goState struct {
	depth   int
	raw     bool // inside a raw string
	comment bool // inside a /* comment
}

func (s *goState) inside() bool { return s.raw || s.comment }

// scan reads one line.
func (s *goState) scan(line string) {
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case s.raw:
			s.raw = c != '`'
		case s.comment:
			if strings.HasPrefix(line[i:], "*/") {
				s.comment = false
				i++
			}
		case c == '`':
			s.raw = true
		case strings.HasPrefix(line[i:], "//"):
			return
		case strings.HasPrefix(line[i:], "/*"):
			s.comment = true
			i++
		case c == '"' || c == '\'':
			for i++; i < len(line) && line[i] != c && line[i] != '\n'; i++ {
				if line[i] == '\\' {
					i++
				}
			}
		case strings.IndexByte("([{", c) >= 0:
			s.depth++
		case strings.IndexByte(")]}", c) >= 0:
			s.depth = max(0, s.depth-1)
		}
	}
}

// keep returns code with everything outside of the ranges blanked: spaces for
// bytes, so that offsets, lines and columns stay.
func keep(code string, ranges ...[2]int) string {
	b := []byte(code)
	next := 0
	blank := func(to int) {
		for ; next < to; next++ {
			if b[next] != '\n' && b[next] != '\t' {
				b[next] = ' '
			}
		}
	}
	for _, r := range ranges {
		blank(r[0])
		next = max(next, r[1])
	}
	blank(len(b))
	return string(b)
}

// goOnly returns the Go of a cell, in its place; of magics that take a
// statement, the statement.
func goOnly(code string, parts []part) string {
	var ranges [][2]int
	for _, p := range parts {
		switch {
		case !p.magic:
			ranges = append(ranges, [2]int{p.start, p.end})
		case p.command.TakesCode:
			ranges = append(ranges, statement(code, p))
		}
	}
	return keep(code, ranges...)
}

// statement is where the Go of a magic is, behind its options.
func statement(code string, p part) [2]int {
	_, rest := options(code[p.args[0]:p.args[1]])
	return trim(code, p.args[1]-len(rest), p.args[1])
}
