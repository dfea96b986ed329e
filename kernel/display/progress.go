package display

import (
	"fmt"
	"html"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

const (
	progressEvery = 100 * time.Millisecond // between updates of a notebook's bar
	logEvery      = 5 * time.Second        // between lines of a log
	barWidth      = 24                     // characters
)

// Progress shows how far long work has come: as one output that updates in a
// notebook, one line that updates on a terminal (standard error), and a line
// every few seconds where standard error is a file. Its methods may be called
// from several goroutines, and as often as convenient: what is shown changes
// at most ten times a second.
type Progress struct {
	mu       sync.Mutex
	title    string
	note     string
	total    int
	done     int
	finished bool
	started  time.Time
	shown    time.Time
	out      progressOutput
	now      func() time.Time
}

// progressOutput is one of the places where progress is drawn. draw is called
// with the lock held.
type progressOutput interface {
	draw(p *Progress)
	every() time.Duration
}

// NewProgress shows a bar for total steps of the work that title names; total 0
// means that their number is not known. End it with Finish.
func NewProgress(title string, total int) *Progress {
	p := &Progress{title: title, total: max(total, 0), now: time.Now}
	switch {
	case connected() != nil:
		p.out = &notebookProgress{}
	case term.IsTerminal(int(os.Stderr.Fd())):
		p.out = newTerminalProgress(p, os.Stderr)
	default:
		p.out = &logProgress{w: os.Stderr}
	}
	p.start()
	return p
}

func (p *Progress) start() {
	p.started = p.now()
	p.show(true)
}

// Add counts n more steps as done.
func (p *Progress) Add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set(p.done + n)
}

// Set says that done steps are done.
func (p *Progress) Set(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set(done)
}

func (p *Progress) set(done int) {
	done = max(done, 0)
	if p.total > 0 {
		done = min(done, p.total)
	}
	complete := p.total > 0 && done == p.total && p.done != p.total
	p.done = done
	p.show(complete)
}

// Note shows text after the bar, such as the current loss.
func (p *Progress) Note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note = text
	p.show(false)
}

// Finish ends the bar where it stands: full when the work was done, short when
// it stopped early. Further calls do nothing.
func (p *Progress) Finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.finished {
		return
	}
	p.finished = true
	p.shown = p.now()
	p.out.draw(p)
}

// show draws, unless that was done a moment ago.
func (p *Progress) show(force bool) {
	now := p.now()
	if p.finished || !force && now.Sub(p.shown) < p.out.every() {
		return
	}
	p.shown = now
	p.out.draw(p)
}

// fraction is the part done, in 0..1; 0 when the total is not known.
func (p *Progress) fraction() float64 {
	if p.total == 0 {
		return 0
	}
	return float64(p.done) / float64(p.total)
}

// status is what stands after the bar: count, speed, times, note.
func (p *Progress) status() string {
	elapsed := p.now().Sub(p.started)
	var s strings.Builder
	if p.total > 0 {
		fmt.Fprintf(&s, "%3.0f%%  %d/%d", math.Floor(100*p.fraction()), p.done, p.total)
	} else {
		fmt.Fprint(&s, p.done)
	}
	fmt.Fprintf(&s, "  %s", clock(elapsed))
	if p.done > 0 && p.total > p.done && !p.finished {
		left := time.Duration(float64(elapsed) * (1/p.fraction() - 1))
		fmt.Fprintf(&s, "<%s", clock(left))
	}
	if p.done > 0 && elapsed > 0 {
		fmt.Fprintf(&s, "  %.3g/s", float64(p.done)/elapsed.Seconds())
	}
	if p.note != "" {
		s.WriteString("  " + p.note)
	}
	return s.String()
}

// text is the bar on one line.
func (p *Progress) text() string {
	if p.total == 0 {
		return p.title + "  " + p.status()
	}
	full := int(p.fraction() * barWidth)
	return fmt.Sprintf("%s  [%s%s] %s", p.title,
		strings.Repeat("#", full), strings.Repeat("-", barWidth-full), p.status())
}

func (p *Progress) html() string {
	percent := 100 * p.fraction()
	colour := "#3b82f6" // running: blue
	switch {
	case p.total == 0 && !p.finished:
		percent = 100
		colour = "#93b4e8"
	case p.finished && p.done >= p.total:
		percent = 100
		colour = "#22a06b" // done: green
	case p.finished:
		colour = "#d97706" // stopped early: amber
	}
	return fmt.Sprintf(`<div style="display:flex;align-items:center;gap:0.8em;font-variant-numeric:tabular-nums">`+
		`<span>%s</span>`+
		`<div style="flex:none;width:16em;height:0.7em;border-radius:0.35em;background:rgba(128,128,128,0.25);overflow:hidden">`+
		`<div style="width:%.1f%%;height:100%%;background:%s"></div></div>`+
		`<span style="white-space:pre">%s</span></div>`,
		html.EscapeString(p.title), percent, colour, html.EscapeString(strings.TrimSpace(p.status())))
}

// clock formats d as 01:02 or 1:02:03.
func clock(d time.Duration) string {
	s := int(d.Seconds() + 0.5)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

// notebookProgress is one display that is updated. What the front end fails to
// take is dropped: the work goes on.
type notebookProgress struct {
	handle *Handle
}

func (n *notebookProgress) every() time.Duration { return progressEvery }

func (n *notebookProgress) draw(p *Progress) {
	d := MakeData3(MIMETypeHTML, p.text(), p.html())
	if n.handle == nil {
		n.handle, _ = NewHandle(d)
		return
	}
	_ = n.handle.Update(d)
}

// terminalProgress is one line that is redrawn.
type terminalProgress struct {
	bar *progressbar.ProgressBar
	w   io.Writer
}

func newTerminalProgress(p *Progress, w io.Writer) *terminalProgress {
	total := p.total
	if total == 0 {
		total = -1
	}
	return &terminalProgress{w: w, bar: progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(p.title),
		progressbar.OptionSetWidth(barWidth),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("it"),
		progressbar.OptionShowElapsedTimeOnFinish(),
		progressbar.OptionSetRenderBlankState(true),
	)}
}

func (t *terminalProgress) every() time.Duration { return progressEvery }

func (t *terminalProgress) draw(p *Progress) {
	if p.note != "" {
		t.bar.Describe(p.title + "  " + p.note)
	}
	_ = t.bar.Set(p.done)
	if p.finished {
		_ = t.bar.Exit()
		fmt.Fprintln(t.w)
	}
}

// logProgress is a line now and then, for output that is read later.
type logProgress struct {
	w    io.Writer
	last string
}

func (l *logProgress) every() time.Duration { return logEvery }

func (l *logProgress) draw(p *Progress) {
	if line := p.text(); line != l.last {
		fmt.Fprintln(l.w, line)
		l.last = line
	}
}
