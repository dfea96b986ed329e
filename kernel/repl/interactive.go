package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ergochat/readline"

	"arch2vec/kernel/worker"
)

// completionTime is how long Tab waits for the engine.
const completionTime = 2 * time.Second

// interactive reads cells from a terminal.
func (s *shell) interactive(ctx context.Context) error {
	history := s.o.History
	if history != "" {
		if err := makeHistory(history); err != nil {
			fmt.Fprintf(s.o.Stderr, "repl: no history is kept: %v\n", err)
			history = ""
		}
	}
	e := &editor{out: s.o.Stdout, colour: wantsColour(), columns: func() int { return columns(s.o.Stdout) }}
	completer := &completer{ctx: ctx, engine: s.engine, before: e.before}
	terminal := newConsole(s.o.Stdin, s.o.Stdout)
	cfg := &readline.Config{
		Stdin:                  terminal,
		Stdout:                 terminal,
		Prompt:                 prompt,
		Painter:                e.paint,
		FuncFilterInputRune:    e.key,
		HistoryFile:            history,
		HistoryLimit:           5000,
		DisableAutoSaveHistory: true,
		HistorySearchFold:      true,
		AutoComplete:           completer,
		Listener:               e.listen,
		Undo:                   true,
		InterruptPrompt:        "^C",
		EOFPrompt:              "",
	}
	rl, err := readline.NewFromConfig(cfg)
	if err != nil {
		return fmt.Errorf("repl: open the terminal: %w", err)
	}
	e.rl, e.raw = rl, newRawMode(cfg)
	defer rl.Close()
	e.raw.hold()
	defer e.raw.release()
	defer s.interrupts(terminal)()
	// A cancelled context ends a prompt that waits for a key.
	defer context.AfterFunc(ctx, func() { rl.Close() })()
	// What goroutines print while the user types goes above the prompt.
	s.out.above(rl)
	s.input = func(_ context.Context, question string, password bool) (string, error) {
		completer.off = true
		e.lines, e.at, e.colour = []string{""}, 0, false // the answer is no Go
		defer func() { completer.off, e.colour = false, wantsColour() }()
		var line string
		var err error
		if password {
			var b []byte
			b, err = rl.ReadPassword(question)
			line = string(b)
		} else {
			rl.SetPrompt(question)
			line, err = rl.ReadLine()
		}
		if errors.Is(err, readline.ErrInterrupt) {
			_ = s.engine.Interrupt() // Ctrl-C at the question ends the cell
		}
		return line, err
	}
	if s.o.Banner != "" {
		fmt.Fprintln(s.o.Stdout, s.o.Banner)
	}
	for {
		cell, err := e.read(s.leave)
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("repl: %w", ctx.Err())
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, readline.ErrInterrupt):
			continue
		case err != nil:
			return fmt.Errorf("repl: read the terminal: %w", err)
		}
		if strings.TrimSpace(cell) == "" {
			continue
		}
		if strings.TrimSpace(cell) == "exit" {
			return nil
		}
		for _, line := range remember(cell) {
			_ = rl.SaveToHistory(line) // a full disk does not end the session
		}
		e.raw.release()
		if err := s.cell(ctx, cell); err != nil {
			return err
		}
		e.raw.hold()
	}
}

// leave tells whether a cell whose last line the user leaves is to run. An empty
// line ends a cell that nothing can complete, so that its error is seen.
func (s *shell) leave(code string) (complete bool, indent string) {
	complete, indent = s.complete(code)
	last := code[strings.LastIndexByte(code, '\n')+1:]
	if !complete && len(last) < len(code) && strings.TrimSpace(last) == "" {
		complete = true
	}
	return complete, indent
}

// dedent moves a bracket that closes a block, typed first on its line, one tab
// to the left.
func dedent(line []rune, pos int, key rune) ([]rune, int, bool) {
	if key != '}' && key != ')' || pos != len(line) || pos < 2 ||
		line[0] != '\t' || strings.TrimSpace(string(line)) != string(key) {
		return nil, 0, false
	}
	return line[1:], pos - 1, true
}

// interrupts has Ctrl-C interrupt the cell that runs. One that comes between cells
// goes to the next prompt, as if it had been typed there. The result ends it.
func (s *shell) interrupts(terminal *console) (stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-signals:
				if !s.running.Load() {
					terminal.say([]byte{readline.CharInterrupt})
					continue
				}
				// A second Ctrl-C replaces a process that does not listen.
				if err := s.engine.Interrupt(); err != nil {
					fmt.Fprintf(s.o.Stderr, "repl: interrupt: %v\n", err)
				}
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
		<-ended
	}
}

// cell runs a cell.
func (s *shell) cell(ctx context.Context, cell string) error {
	s.running.Store(true)
	_, err := s.run(ctx, cell)
	s.running.Store(false)
	if err != nil && ctx.Err() == nil {
		// The engine itself failed: a fresh process may do better.
		fmt.Fprintf(s.o.Stderr, "%v; starting a fresh session\n", err)
		if err := s.engine.Restart(ctx); err != nil {
			return fmt.Errorf("repl: restart: %w", err)
		}
	}
	return nil
}

// remember keeps a cell in the history, which holds lines: as one, with the
// semicolons that Go puts at line ends, or line by line where a comment or a raw
// string would swallow what follows.
func remember(cell string) []string {
	var lines []string
	for line := range strings.Lines(cell) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if strings.Contains(cell, "//") || strings.Contains(cell, "`") {
		return lines
	}
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			if endsStatement(lines[i-1]) {
				b.WriteByte(';')
			}
			b.WriteByte(' ')
		}
		b.WriteString(line)
	}
	return []string{b.String()}
}

// endsStatement is Go's rule for semicolons, by the last bytes of a line.
func endsStatement(line string) bool {
	if strings.HasSuffix(line, "++") || strings.HasSuffix(line, "--") {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(line)
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_\"'`)]}", r)
}

// completer asks the engine what may stand at the cursor.
type completer struct {
	ctx    context.Context
	engine worker.Engine
	before func() string // earlier lines of the cell
	off    bool          // the line answers the program, it is not Go
}

// Do is readline's: the endings that may follow pos, and how many runes before
// it they share.
func (c *completer) Do(line []rune, pos int) ([][]rune, int) {
	head := string(line[:pos])
	if c.off || strings.TrimSpace(head) == "" {
		if c.off {
			return nil, 0
		}
		return [][]rune{[]rune("\t")}, 0 // Tab indents
	}
	code := string(line)
	offset := len(head)
	if before := c.before(); before != "" {
		code = before + "\n" + code
		offset += len(before) + 1
	}
	ctx, cancel := context.WithTimeout(c.ctx, completionTime)
	defer cancel()
	found, err := c.engine.Complete(ctx, code, offset)
	if err != nil || found.Start < 0 || found.Start > offset || offset > len(code) {
		return nil, 0
	}
	typed := code[found.Start:offset]
	var endings [][]rune
	for _, m := range found.Matches {
		if rest, ok := strings.CutPrefix(m.Text, typed); ok {
			endings = append(endings, []rune(rest))
		}
	}
	return endings, len([]rune(typed))
}
