package repl

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ergochat/readline"
)

// The prompts: of a new cell, and of its further lines. They are equally wide.
const (
	prompt      = "go> "
	more        = " .. "
	promptWidth = 4
)

// tabWidth is what readline shows of a tab.
const tabWidth = 4

// editor edits the lines of a cell: readline edits one, and the editor moves
// between them. The arrows reach every line of the cell, and from its first and
// last one the history.
type editor struct {
	rl      *readline.Instance
	raw     *rawMode
	out     io.Writer
	colour  bool
	columns func() int

	lines []string
	at    int // the line that is edited
	move  int // the line to go to after this one was accepted, relative to it
}

// before is the code above the line that is edited.
func (e *editor) before() string { return strings.Join(e.lines[:e.at], "\n") }

// read reads a cell. next is given the code when the user leaves the last line:
// it tells whether the cell is complete, and otherwise the indentation of the
// next line.
func (e *editor) read(next func(code string) (complete bool, indent string)) (string, error) {
	e.lines, e.at = []string{""}, 0
	for {
		e.rl.SetPrompt(e.prompt())
		e.move = 0
		line, err := e.rl.ReadLineWithDefault(e.lines[e.at])
		if err != nil {
			return "", err
		}
		e.lines[e.at] = line
		switch {
		case e.move < 0:
			// Enter has put the cursor below the line.
			up := e.rows(e.lines[e.at]) + e.rows(e.lines[e.at-1])
			fmt.Fprintf(e.out, "\x1b[%dA\r\x1b[J", up)
			e.at--
		case e.at < len(e.lines)-1:
			e.at++
		default:
			complete, indent := next(strings.Join(e.lines, "\n"))
			if complete {
				return strings.Join(e.lines, "\n"), nil
			}
			e.lines = append(e.lines, indent)
			e.at++
		}
	}
}

func (e *editor) prompt() string {
	p, style := prompt, "1;32"
	if e.at > 0 {
		p, style = more, "2"
	}
	if !e.colour {
		return p
	}
	return "\x1b[" + style + "m" + p + "\x1b[0m"
}

// rows is how many rows of the screen a line takes.
func (e *editor) rows(line string) int {
	width := promptWidth
	for _, r := range line {
		if r == '\t' {
			width += tabWidth
		} else {
			width++
		}
	}
	return 1 + width/max(e.columns(), 1)
}

// key makes the arrows accept the line and move on, where the cell has a line
// above or below.
func (e *editor) key(r rune) (rune, bool) {
	switch {
	case r == readline.CharCtrlZ: // the shell gets the terminal meanwhile
		e.raw.release()
		e.raw.hold()
	case r == readline.CharPrev && e.at > 0:
		e.move = -1
		return readline.CharEnter, true
	case r == readline.CharNext && e.at < len(e.lines)-1:
		e.move = 1
		return readline.CharEnter, true
	}
	return r, true
}

// paint colours the line.
func (e *editor) paint(line []rune, _ int) []rune {
	if !e.colour {
		return line
	}
	return []rune(highlight(e.before(), string(line)))
}

// listen closes blocks where they were opened. It hands the line back after
// every key, so that all of it is painted again.
func (e *editor) listen(line []rune, pos int, key rune) ([]rune, int, bool) {
	if closed, at, ok := dedent(line, pos, key); ok {
		return closed, at, true
	}
	if e.colour && len(line) > 0 && (key >= ' ' || key == readline.CharBackspace) {
		return line, pos, true
	}
	return nil, 0, false
}

// wantsColour tells whether a terminal should be written to in colours.
func wantsColour() bool { return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" }
