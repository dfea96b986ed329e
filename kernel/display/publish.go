package display

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"sync"

	"github.com/google/uuid"
)

// current is what a running kernel has plugged in: where displays go, and the
// context of the running cell. It is the package's only state; interpreted and
// native code of one process share it.
var current struct {
	sync.RWMutex
	publisher Publisher
	ctx       context.Context
}

// Connect sends all further displays to p. Connect(nil) returns to printing on
// standard output.
func Connect(p Publisher) {
	current.Lock()
	defer current.Unlock()
	current.publisher = p
}

// SetContext makes ctx what [Context] returns; the kernel calls it as each cell
// starts, and with context.Background when it has ended.
func SetContext(ctx context.Context) {
	current.Lock()
	defer current.Unlock()
	current.ctx = ctx
}

// Context returns the context of the running cell, which is cancelled when the
// user interrupts it; pass it to anything that can run long. In a compiled
// program it is context.Background.
func Context() context.Context {
	current.RLock()
	defer current.RUnlock()
	if current.ctx == nil {
		return context.Background()
	}
	return current.ctx
}

// connected returns the publisher, or nil where displays are printed.
func connected() Publisher {
	current.RLock()
	defer current.RUnlock()
	return current.publisher
}

// Display shows d as output of the running cell. It fails when d carries a
// failure (such as File's of a missing file), when it is empty, or when the
// front end cannot be reached.
func Display(d Data) error {
	return show(d, false)
}

// Update replaces the output that was shown with the display_id id.
func Update(id string, d Data) error {
	if id == "" {
		return errors.New("display: Update needs the id of an earlier display; NewHandle makes one")
	}
	return show(withID(d, id), true)
}

// Clear erases the output of the running cell; with wait, not before the next
// output arrives, which avoids flicker. Without a kernel it does nothing.
func Clear(wait bool) error {
	if p := connected(); p != nil {
		return p.Clear(wait)
	}
	return nil
}

// Handle is an output that can be replaced after it was shown.
type Handle struct {
	id string
}

// NewHandle shows d and returns the handle to replace it by.
func NewHandle(d Data) (*Handle, error) {
	h := &Handle{id: uuid.NewString()}
	return h, show(withID(d, h.id), false)
}

// ID is the display_id under which front ends know the output.
func (h *Handle) ID() string { return h.id }

// Update replaces what the handle shows by d.
func (h *Handle) Update(d Data) error { return Update(h.id, d) }

// withID returns d with its display_id set, leaving the caller's maps alone.
func withID(d Data, id string) Data {
	transient := maps.Clone(d.Transient)
	if transient == nil {
		transient = MIMEMap{}
	}
	transient["display_id"] = id
	d.Transient = transient
	return d
}

func show(d Data, update bool) error {
	if err := failureOf(d); err != nil {
		return err
	}
	if len(d.Data) == 0 {
		return errors.New("display: nothing to show: the Data is empty")
	}
	if p := connected(); p != nil {
		return p.Publish(d, update)
	}
	if err := printText(os.Stdout, d); err != nil {
		return fmt.Errorf("display: print: %w", err)
	}
	return nil
}

// printText writes the text/plain form of d with a final newline; a bundle that has
// none is named by its types.
func printText(w io.Writer, d Data) error {
	text, ok := d.Data[MIMETypeText].(string)
	if !ok {
		text = describe(d.Data)
	}
	if len(text) == 0 || text[len(text)-1] != '\n' {
		text += "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}
