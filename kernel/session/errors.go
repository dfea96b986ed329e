package session

import (
	"errors"
	"fmt"
	"go/token"
	"regexp"
	"strconv"
	"strings"

	"arch2vec/kernel/session/lower"
)

// Error makes an Error usable as one of Go's.
func (e *Error) Error() string { return e.Value }

// failure reports what was found before anything ran.
func (t text) failure(name string, problems []problem) *Error {
	const most = 10
	first := problems[0]
	e := &Error{Name: name, Line: first.line, Column: first.column}
	e.Value = fmt.Sprintf("%s:%d:%d: %s", t.name, first.line, first.column, first.msg)
	for i, p := range problems {
		if i == most {
			e.Traceback = append(e.Traceback, fmt.Sprintf("and %d more errors", len(problems)-most))
			break
		}
		e.Traceback = append(e.Traceback, fmt.Sprintf("%s:%d:%d: %s", t.name, p.line, p.column, p.msg))
		e.Traceback = append(e.Traceback, t.excerpt(p.line, p.column)...)
	}
	return e
}

// excerpt is a line of the source with a caret under the column.
func (t text) excerpt(line, column int) []string {
	lines := strings.Split(t.src, "\n")
	if line < 1 || line > len(lines) {
		return nil
	}
	src := strings.TrimRight(lines[line-1], "\r")
	var pad strings.Builder
	for i, r := range src {
		if i >= column-1 {
			break
		}
		if r == '\t' {
			pad.WriteByte('\t')
		} else {
			pad.WriteByte(' ')
		}
	}
	return []string{"    " + src, "    " + pad.String() + "^"}
}

// location is a position in a cell.
type location struct {
	text
	line, column int
}

func (s *Session) position(pos token.Pos) (location, bool) {
	if !pos.IsValid() {
		return location{}, false
	}
	p := s.fset.Position(pos)
	s.mu.RLock()
	t, ok := s.texts[p.Filename]
	s.mu.RUnlock()
	return location{t, p.Line, p.Column}, ok
}

var positionPrefix = regexp.MustCompile(`^(?:\S*?#\d+:)?(\d+):(\d+): `)

// unsupported reports code that is right Go but that the interpreter cannot
// execute. Saying so is better than a wrong answer.
func (s *Session) unsupported(t text, err error) *Error {
	msg := err.Error()
	line, column := 0, 0
	var le *lower.Error
	if errors.As(err, &le) {
		if p, ok := s.position(le.Pos); ok && p.name == t.name {
			line, column = p.line, p.column
		}
	} else if m := positionPrefix.FindStringSubmatch(msg); m != nil {
		line, _ = strconv.Atoi(m[1])
		column, _ = strconv.Atoi(m[2])
		msg = "the interpreter does not support this: " + msg[len(m[0]):]
	}
	e := &Error{Name: "Unsupported", Line: line, Column: column}
	e.Value = fmt.Sprintf("%s:%d:%d: %s", t.name, line, column, msg)
	e.Traceback = append([]string{e.Value}, t.excerpt(line, column)...)
	return e
}
