package notebook

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	kernel "arch2vec/kernel/display"
	"arch2vec/kernel/worker"
)

// Live returns an observer for Options.Observe that writes to w what a person
// waiting for the notebook wants to see: each cell as it starts, what it
// prints, its displays as text, and how long it took. On a terminal (width is
// its number of columns; 0 means w is no terminal) displays that update, such as
// progress bars, stay on one line; otherwise a line follows at most every few
// seconds.
func Live(w io.Writer, width int) func(Event) {
	l := &live{w: w, width: width, atStart: true}
	return l.observe
}

// updateEvery separates the lines of a display that updates, in a log.
const updateEvery = 5 * time.Second

type live struct {
	w       io.Writer
	width   int
	atStart bool   // the cursor is at the start of a line
	line    string // display on the current line, to be overwritten
	lineID  string // its display_id
	pending string // an update that was not written, in a log
	updated time.Time
}

func (l *live) observe(e Event) {
	switch e.Kind {
	case CellStarted:
		l.freshLine()
		l.print(fmt.Sprintf("[%d/%d] %s\n", e.Index, e.Total, l.fit(summary(e.Cell.Source), 12)))
	case CellOutput:
		l.output(e.Output)
	case CellEnded:
		l.freshLine()
		if e.Err != nil {
			l.print(fmt.Sprintf("[%d/%d] failed after %s\n", e.Index, e.Total, seconds(e.Elapsed)))
		} else {
			l.print(fmt.Sprintf("[%d/%d] %s\n", e.Index, e.Total, seconds(e.Elapsed)))
		}
	}
}

func (l *live) output(e worker.Event) {
	switch e.Kind {
	case worker.EventStream:
		l.endLine()
		l.print(e.Text)
	case worker.EventDisplay, worker.EventResult, worker.EventUpdate:
		if e.Data == nil {
			return
		}
		text := inWords(e.Data)
		if text == "" {
			return
		}
		if id := displayID(e.Data); id != "" && !strings.Contains(text, "\n") {
			l.redraw(id, text, e.Kind == worker.EventUpdate)
			return
		}
		l.freshLine()
		if e.Kind != worker.EventUpdate {
			l.print(strings.TrimSuffix(text, "\n") + "\n")
		}
	case worker.EventError:
		l.freshLine()
		if e.Error != nil {
			text := traceback(e.Error)
			if l.width == 0 {
				text = stripANSI(text)
			}
			l.print(text)
		}
	}
}

// redraw shows one line that may be replaced.
func (l *live) redraw(id, text string, update bool) {
	if l.width == 0 {
		if update && time.Since(l.updated) < updateEvery {
			l.pending, l.lineID = text, id
			return
		}
		if id != l.lineID {
			l.freshLine()
		}
		l.pending, l.lineID, l.updated = "", id, time.Now()
		l.print(text + "\n")
		return
	}
	if l.line == "" || id != l.lineID {
		l.freshLine()
	}
	l.line, l.lineID = l.fit(text, 1), id
	l.print("\r\x1b[K" + l.line)
}

// inWords is what a terminal can show of d: a drawing's text form is its source,
// which nobody wants to read.
func inWords(d *kernel.Data) string {
	text, _ := d.Data[kernel.MIMETypeText].(string)
	if _, drawing := d.Data[kernel.MIMETypeSVG]; drawing && strings.HasPrefix(strings.TrimSpace(text), "<") {
		return "(a drawing)"
	}
	return text
}

// endLine leaves the line of an updating display, so that a stream can go on.
func (l *live) endLine() {
	if l.pending != "" {
		l.print(l.pending + "\n")
		l.pending = ""
	}
	if l.line != "" {
		l.print("\n")
	}
	l.line, l.lineID = "", ""
}

// freshLine also ends a line that a stream left open.
func (l *live) freshLine() {
	l.endLine()
	if !l.atStart {
		l.print("\n")
	}
}

func (l *live) print(s string) {
	if s == "" {
		return
	}
	fmt.Fprint(l.w, s)
	l.atStart = strings.HasSuffix(s, "\n")
}

// fit shortens a line to the terminal, leaving margin columns free.
func (l *live) fit(s string, margin int) string {
	room := l.width - margin
	if l.width == 0 {
		room = 100 - margin
	}
	if utf8.RuneCountInString(s) <= max(room, 8) {
		return s
	}
	return string([]rune(s)[:max(room, 8)-1]) + "…"
}

// summary is the first line of a cell that says something.
func summary(source string) string {
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "import") && line != ")" && !strings.HasPrefix(line, `"`) {
			return line
		}
	}
	return strings.TrimSpace(strings.SplitN(strings.TrimSpace(source), "\n", 2)[0])
}

func traceback(e *worker.Error) string {
	if len(e.Traceback) == 0 {
		return e.Name + ": " + e.Value + "\n"
	}
	return strings.TrimSuffix(strings.Join(e.Traceback, "\n"), "\n") + "\n"
}

func seconds(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.3f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
