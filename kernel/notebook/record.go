package notebook

import (
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"
	"time"

	kernel "arch2vec/kernel/display"
	"arch2vec/kernel/worker"
)

// recorder turns the events of running cells into their outputs.
type recorder struct {
	mu       sync.Mutex
	observe  func(Event)
	total    int
	index    int
	cell     *Cell                // running, or the last one that ran
	clear    bool                 // the next output replaces all before
	failure  *worker.Error        // the last error event of the cell
	displays map[string][]display // by display_id, over all cells
}

// display is where an output with a display_id is.
type display struct {
	cell   *Cell
	output *Output
}

func (r *recorder) start(c *Cell, index int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cell, r.index, r.clear, r.failure = c, index, false, nil
	c.Outputs = nil
	r.tell(Event{Kind: CellStarted})
}

// end closes the cell's outputs and returns why it failed, a *CellError or nil.
func (r *recorder) end(failed *worker.Error, elapsed time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if failed == nil {
		failed = r.failure
	} else if r.failure == nil {
		r.add(worker.Event{Kind: worker.EventError, Error: failed})
	}
	for _, o := range r.cell.Outputs {
		if o.Type == Stream {
			o.Text = overwrite(o.Text)
		}
	}
	var err error
	if failed != nil {
		err = &CellError{Index: r.index, Name: failed.Name, Value: failed.Value, Traceback: failed.Traceback}
	}
	r.tell(Event{Kind: CellEnded, Elapsed: elapsed, Err: err})
	return err
}

// record stores one event; the engine calls it, also for what goroutines print
// after their cell has ended, which stays with that cell.
func (r *recorder) record(e worker.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cell != nil {
		r.add(e)
	}
}

func (r *recorder) add(e worker.Event) {
	r.tell(Event{Kind: CellOutput, Output: e})
	switch e.Kind {
	case worker.EventStream:
		r.stream(e.Stream, e.Text)
	case worker.EventDisplay, worker.EventResult:
		if e.Data == nil || len(e.Data.Data) == 0 {
			return
		}
		o := &Output{Type: DisplayData, Data: bundle(e.Data.Data), Metadata: object(e.Data.Metadata)}
		if e.Kind == worker.EventResult {
			o.Type, o.ExecutionCount = ExecuteResult, r.index
		}
		if id := displayID(e.Data); id != "" {
			r.update(id, o.Data, o.Metadata)
			r.displays[id] = append(r.displays[id], display{r.cell, o})
		}
		r.append(o)
	case worker.EventUpdate:
		if e.Data != nil {
			r.update(displayID(e.Data), bundle(e.Data.Data), object(e.Data.Metadata))
		}
	case worker.EventClear:
		if e.Wait {
			r.clear = true
		} else {
			r.erase()
		}
	case worker.EventError:
		if e.Error != nil {
			r.failure = e.Error
			r.append(&Output{Type: ErrorOutput, EName: e.Error.Name, EValue: e.Error.Value, Traceback: e.Error.Traceback})
		}
	}
}

func (r *recorder) append(o *Output) {
	if r.clear {
		r.erase()
	}
	r.cell.Outputs = append(r.cell.Outputs, o)
}

// erase drops the outputs of the cell, which updates can no longer reach.
func (r *recorder) erase() {
	r.clear = false
	for id, list := range r.displays {
		var kept []display
		for _, d := range list {
			if d.cell != r.cell {
				kept = append(kept, d)
			}
		}
		r.displays[id] = kept
	}
	r.cell.Outputs = nil
}

// stream appends to the output before when it is the same stream.
func (r *recorder) stream(name, text string) {
	if text == "" {
		return
	}
	if last := len(r.cell.Outputs) - 1; last >= 0 && !r.clear {
		if o := r.cell.Outputs[last]; o.Type == Stream && o.Name == name {
			o.Text += text
			if strings.Contains(text, "\r") {
				o.Text = overwrite(o.Text) // long runs of redraws stay short
			}
			return
		}
	}
	r.append(&Output{Type: Stream, Name: name, Text: text})
}

// update replaces every output shown under id, in whichever cell.
func (r *recorder) update(id string, data, metadata map[string]any) {
	for _, d := range r.displays[id] {
		d.output.Data, d.output.Metadata = data, metadata
	}
}

// tell passes an event of the current cell on.
func (r *recorder) tell(e Event) {
	if r.observe != nil {
		e.Cell, e.Index, e.Total = r.cell, r.index, r.total
		r.observe(e)
	}
}

func displayID(d *kernel.Data) string {
	id, _ := d.Transient["display_id"].(string)
	return id
}

// bundle brings a MIME bundle into the form that notebooks store: binary data
// in base64, JSON as plain JSON values, everything else a string.
func bundle(data kernel.MIMEMap) map[string]any {
	out := make(map[string]any, len(data))
	for mime, v := range data {
		switch x := v.(type) {
		case string:
			out[mime] = x
		case []byte:
			if isText(mime) {
				out[mime] = string(x)
			} else {
				out[mime] = base64.StdEncoding.EncodeToString(x)
			}
		default:
			if isJSON(mime) {
				out[mime] = plain(x)
			} else {
				out[mime] = fmt.Sprint(x)
			}
		}
	}
	return out
}

func object(m kernel.MIMEMap) map[string]any {
	out, ok := plain(maps.Clone(m)).(map[string]any)
	if !ok {
		return map[string]any{}
	}
	return out
}

var returned = regexp.MustCompile(`[^\n]*\r([^\r\n])`)

// overwrite applies carriage returns as a terminal does, so that a thousand
// redraws of a progress line are stored as the last one.
func overwrite(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	return returned.ReplaceAllString(s, "$1")
}
