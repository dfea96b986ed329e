package magic

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"arch2vec/kernel/session"
)

// Command is one magic.
type Command struct {
	Name  string // without the percent sign
	Usage string // what may follow the name
	Help  string // one line

	// TakesCode says that the argument is Go: it may go on over several lines,
	// and without an argument the rest of the cell is meant.
	TakesCode bool

	// Renames says that the command changes what names in the cell mean, so
	// that what follows it can be checked only after it has run.
	Renames bool

	run func(ctx context.Context, s *Session, c call) error
}

// call is one use of a command in a cell.
type call struct {
	number int    // of the cell
	line   int    // of the command in the cell, from 1
	args   string // without space around it
	// code is the whole cell with all but the argument blanked, where the
	// command takes Go: the code is at its own place, for errors.
	code string
	last bool // nothing follows in the cell, so that its value is the cell's

	result *session.Result // what Go that ran leaves
}

// Commands lists the magics by name.
func Commands() []Command {
	return []Command{
		{Name: "cd", Usage: "[FOLDER]", Help: "change to a folder; without one, to the home folder", run: changeFolder},
		{Name: "env", Usage: "[NAME[=VALUE]]", Help: "list the environment's variables, show one, or set one", run: environment},
		{Name: "help", Help: "this list", run: help},
		{Name: "require", Usage: "MODULE[@VERSION]", Help: "make the packages of a Go module importable", Renames: true, run: require},
		{Name: "reset", Help: "forget all variables, functions, types and imports", Renames: true, run: reset},
		{Name: "time", Usage: "[STATEMENT]", Help: "run a statement, or the rest of the cell, and tell how long it took", TakesCode: true, run: timeOnce},
		{Name: "timeit", Usage: "[-n LOOPS] [-r RUNS] [STATEMENT]", Help: "run a statement, or the rest of the cell, many times and tell how long one takes", TakesCode: true, run: timeMany},
		{Name: "who", Usage: "[NAME...]", Help: "list the variables, functions and types of this session", run: who},
	}
}

// shell is the command behind $ lines.
var shell = Command{Name: "$", Usage: "COMMAND", Help: "run a shell command", run: runShell}

func find(name string) (Command, bool) {
	for _, c := range Commands() {
		if c.Name == name {
			return c, true
		}
	}
	return Command{}, false
}

// known is the list of names for errors.
func known() string {
	var names []string
	for _, c := range Commands() {
		names = append(names, "%"+c.Name)
	}
	return strings.Join(names, ", ") + ", and $ for shell commands"
}

// require never sees the lines that a front end has carried out before the cell
// came here: a module needs another worker process.
func require(context.Context, *Session, call) error {
	return errors.New("%require works in notebooks and at the prompt, not here")
}

func help(_ context.Context, s *Session, _ call) error {
	var b strings.Builder
	b.WriteString("A line of a cell may be one of these:\n\n")
	for _, c := range append(Commands(), shell) {
		name := "%" + c.Name
		if c.Name == "$" {
			name = "$"
		}
		fmt.Fprintf(&b, "  %-42s %s\n", strings.TrimSpace(name+" "+c.Usage), c.Help)
	}
	b.WriteString("\n%%time and %%timeit as a cell's first line mean the whole cell.\n")
	_, err := s.stdout().Write([]byte(b.String()))
	return err
}

// failure is a magic's error at its line of the cell.
func failure(number, line, column int, name, message, source string) *session.Error {
	e := &session.Error{Name: name, Line: line, Column: column}
	e.Value = fmt.Sprintf("cell[%d]:%d:%d: %s", number, line, column, message)
	e.Traceback = []string{e.Value}
	if source != "" {
		e.Traceback = append(e.Traceback, "    "+source)
	}
	return e
}
