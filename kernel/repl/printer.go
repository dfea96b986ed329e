package repl

import (
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"arch2vec/kernel/display"
	"arch2vec/kernel/worker"
)

// printer writes a cell's events as text. Pictures become files that it names.
type printer struct {
	mu             sync.Mutex
	stdout, stderr io.Writer
	pictures       string
	colour         bool      // stdout shows colours
	columns        int       // of the terminal, 0 for none
	inline         protocol  // how the terminal shows pictures
	idle           io.Writer // while no cell runs: writes above the prompt
	running        bool
	told           bool // the cell's error was printed

	cell    int
	picture int            // pictures of the cell so far
	files   map[string]int // display_id: number of its picture
	atStart bool           // the cursor is at the start of a line
	line    string         // text of an updating display on this line
	lineID  string
	pending string // update that was not written, where there is no terminal
}

func newPrinter(stdout, stderr io.Writer, pictures string) *printer {
	width := columns(stdout)
	var inline protocol
	if width > 0 {
		inline = pictureProtocol(os.Getenv)
	}
	return &printer{
		inline: inline,
		stdout: stdout, stderr: stderr, pictures: pictures,
		colour: width > 0 && wantsColour(), columns: width,
		files: map[string]int{}, atStart: true,
	}
}

func (p *printer) start(cell int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cell, p.picture, p.running, p.told, p.atStart = cell, 0, true, false, true
	p.columns = columns(p.stdout) // the window may have changed
	clear(p.files)
}

// above makes w, which writes above the prompt, take what is shown while no cell
// runs.
func (p *printer) above(w io.Writer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = w
}

// end finishes the cell; an error that no event told is printed.
func (p *printer) end(failed *worker.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if failed != nil && !p.told {
		p.failure(failed)
	}
	p.freshLine()
	p.running = false
}

// event prints one event; it also takes those that arrive between cells.
func (p *printer) event(e worker.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case worker.EventStream:
		p.endLine()
		w := p.stdout
		if e.Stream == "stderr" {
			w = p.stderr
		}
		p.write(w, e.Text)
	case worker.EventResult, worker.EventDisplay, worker.EventUpdate:
		if e.Data != nil && len(e.Data.Data) > 0 {
			p.value(e)
		}
	case worker.EventError:
		if e.Error != nil {
			p.failure(e.Error)
			p.told = true
		}
	}
}

// value prints a display or result.
func (p *printer) value(e worker.Event) {
	id, _ := e.Data.Transient["display_id"].(string)
	text, _ := e.Data.Data[display.MIMETypeText].(string)
	if p.showInline(e) {
		return
	}
	if path, err := p.save(e.Data, id); err != nil {
		p.freshLine()
		p.write(p.stderr, err.Error()+"\n")
	} else if path != "" {
		if e.Kind == worker.EventUpdate {
			return // the file was written again
		}
		p.freshLine()
		p.write(p.stdout, fmt.Sprintf("%s -> %s\n", strings.TrimSpace(text), path))
		return
	}
	if id != "" && p.columns > 0 && !strings.Contains(text, "\n") {
		p.redraw(id, text)
		return
	}
	if e.Kind == worker.EventUpdate && p.columns == 0 {
		p.pending = text // a log needs only the last
		return
	}
	p.freshLine()
	if e.Kind == worker.EventResult && p.colour {
		text = "\x1b[36m" + strings.TrimSuffix(text, "\n") + "\x1b[0m"
	}
	p.write(p.stdout, strings.TrimSuffix(text, "\n")+"\n")
}

// showInline draws a picture into the terminal, where that can and the picture
// is one of pixels. An update is drawn again, below.
func (p *printer) showInline(e worker.Event) bool {
	if p.inline == "" {
		return false
	}
	for _, mime := range []string{display.MIMETypePNG, display.MIMETypeJPEG} {
		v, ok := e.Data.Data[mime]
		if !ok {
			continue
		}
		content, err := binary(mime, v)
		if err != nil {
			return false
		}
		width := 0 // of the picture on the page, where that is denser
		if m, ok := e.Data.Metadata[mime].(map[string]any); ok {
			width, _ = strconv.Atoi(fmt.Sprint(m["width"]))
		}
		p.freshLine()
		var b strings.Builder
		if err := p.inline.draw(&b, content, width); err != nil {
			return false
		}
		p.write(p.stdout, b.String())
		return true
	}
	return false
}

// redraw replaces the line of an updating display.
func (p *printer) redraw(id, text string) {
	if id != p.lineID {
		p.freshLine()
	}
	if r := []rune(text); len(r) >= p.columns {
		text = string(r[:p.columns-1])
	}
	p.line, p.lineID = text, id
	p.write(p.stdout, "\r\x1b[K"+text)
}

var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// failure prints why the cell failed.
func (p *printer) failure(e *worker.Error) {
	p.freshLine()
	text := e.Name + ": " + e.Value
	if len(e.Traceback) > 0 {
		text = strings.Join(e.Traceback, "\n")
	}
	switch {
	case !p.colour:
		text = colours.ReplaceAllString(text, "")
	case !strings.Contains(text, "\x1b["):
		text = "\x1b[31m" + text + "\x1b[0m"
	}
	p.write(p.stderr, strings.TrimSuffix(text, "\n")+"\n")
}

// pictureTypes in the order of preference: a PNG opens everywhere.
var pictureTypes = []struct{ mime, extension string }{
	{display.MIMETypePNG, ".png"},
	{display.MIMETypeJPEG, ".jpg"},
	{display.MIMETypeSVG, ".svg"},
	{display.MIMETypePDF, ".pdf"},
}

// save writes the picture in d to a file and returns its path, or "" when d has
// none. Updates of a display write its file again.
func (p *printer) save(d *display.Data, id string) (string, error) {
	for _, t := range pictureTypes {
		v, ok := d.Data[t.mime]
		if !ok {
			continue
		}
		content, err := binary(t.mime, v)
		if err != nil {
			return "", fmt.Errorf("repl: picture: %w", err)
		}
		number, shown := p.files[id]
		if id == "" || !shown {
			p.picture++
			number = p.picture
			p.files[id] = number
		}
		if err := os.MkdirAll(p.pictures, 0o755); err != nil {
			return "", fmt.Errorf("repl: picture: %w", err)
		}
		path := filepath.Join(p.pictures, fmt.Sprintf("cell%03d-%d%s", p.cell, number, t.extension))
		if err := os.WriteFile(path+"~", content, 0o644); err != nil {
			return "", fmt.Errorf("repl: picture: %w", err)
		}
		if err := os.Rename(path+"~", path); err != nil {
			return "", fmt.Errorf("repl: picture: %w", err)
		}
		return path, nil
	}
	return "", nil
}

// binary is the content of a picture: bytes, or base64 once it crossed a process
// boundary.
func binary(mime string, v any) ([]byte, error) {
	switch x := v.(type) {
	case []byte:
		return x, nil
	case string:
		if mime == display.MIMETypeSVG {
			return []byte(x), nil
		}
		return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(x), ""))
	}
	return nil, fmt.Errorf("%s holds a %T", mime, v)
}

// endLine leaves the line of an updating display.
func (p *printer) endLine() {
	if text := p.pending; text != "" {
		p.pending = ""
		p.write(p.stdout, strings.TrimSuffix(text, "\n")+"\n")
	}
	if p.line != "" {
		p.write(p.stdout, "\n")
	}
	p.line, p.lineID = "", ""
}

// freshLine also ends a line that the program left open.
func (p *printer) freshLine() {
	p.endLine()
	if !p.atStart {
		p.write(p.stdout, "\n")
	}
}

func (p *printer) write(w io.Writer, s string) {
	if s == "" {
		return
	}
	if !p.running && p.idle != nil {
		w = p.idle
	}
	_, _ = io.WriteString(w, s)
	p.atStart = strings.HasSuffix(s, "\n")
}
