package worker

import (
	"io"
	"os"
	"sync"
	"time"

	"arch2vec/kernel/display"
)

// outbox is the worker's way to the front: its messages, and the standard
// streams whose order with them it keeps.
type outbox struct {
	mu             sync.Mutex
	stdout, stderr *os.File // private duplicates: a cell may close its own
	messages       io.Writer
	nonce          string
	seq            uint64
	in             *input
	held           *held     // nil: every write is passed on at once
	wrote          time.Time // when text was last written
	flushing       bool      // a timer will write what is held
	last           *os.File  // written to since the last marker, by way of this outbox
}

// send writes markers and then the message.
func (o *outbox) send(m message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sendLocked(m)
}

func (o *outbox) sendLocked(m message) error {
	if err := o.flushLocked(); err != nil {
		return err
	}
	o.seq++
	m.Seq = o.seq
	line, err := encodeLine(m)
	if err != nil {
		return err
	}
	marker := appendMarker(nil, o.nonce, o.seq)
	if _, err := o.stdout.Write(marker); err != nil {
		return err
	}
	if _, err := o.stderr.Write(marker); err != nil {
		return err
	}
	o.last = nil
	_, err = o.messages.Write(line)
	return err
}

// answer writes a message that has no place in the order of the cell's output.
func (o *outbox) answer(m message) {
	line, err := encodeLine(m)
	if err != nil {
		line, _ = encodeLine(message{Op: m.Op, ID: m.ID, Failure: err.Error()})
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	// Fails only when the front is gone; then the worker is about to end.
	_, _ = o.messages.Write(line)
}

// event sends what a cell shows.
func (o *outbox) event(e Event) error {
	data, err := toWire(e.Data)
	if err != nil {
		return err
	}
	e.Data = nil
	return o.send(message{Op: opEvent, Event: &e, Data: data})
}

// stream returns a writer to one of the standard streams. Where a write to one
// follows a write to the other, markers keep them in order.
func (o *outbox) stream(f *os.File) io.Writer { return streamWriter{o, f} }

type streamWriter struct {
	o *outbox
	f *os.File
}

func (w streamWriter) Write(p []byte) (int, error) {
	w.o.mu.Lock()
	defer w.o.mu.Unlock()
	if w.o.last != nil && w.o.last != w.f {
		if err := w.o.sendLocked(message{Op: opSync}); err != nil {
			return 0, err
		}
	}
	w.o.last = w.f
	return w.o.writeLocked(w.f, p)
}

// writeLocked writes text, or holds it for a moment if it follows other text
// closely.
func (o *outbox) writeLocked(f *os.File, p []byte) (int, error) {
	now := time.Now()
	dense := now.Sub(o.wrote) < burst
	o.wrote = now
	if o.held == nil {
		return f.Write(p)
	}
	if _, text := o.held.text(); len(text) > 0 || dense {
		if o.held.add(o.name(f), p) {
			o.flushSoon()
			return len(p), nil
		}
	}
	if err := o.flushLocked(); err != nil {
		return 0, err
	}
	return f.Write(p)
}

func (o *outbox) name(f *os.File) streamName {
	if f == o.stderr {
		return stderr
	}
	return stdout
}

func (o *outbox) flushSoon() {
	if o.flushing {
		return
	}
	o.flushing = true
	time.AfterFunc(heldDelay, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.flushing = false
		// Fails only when the front is gone; then the worker is about to end.
		_ = o.flushLocked()
	})
}

// flushLocked writes what is held. The text of the other stream is never held
// at the same time: a switch between them sends a marker, which flushes.
func (o *outbox) flushLocked() error {
	if o.held == nil {
		return nil
	}
	s, text := o.held.text()
	if len(text) == 0 {
		return nil
	}
	f := o.stdout
	if s == stderr {
		f = o.stderr
	}
	_, err := f.Write(text)
	o.held.clear()
	return err
}

// Publish implements display.Publisher.
func (o *outbox) Publish(d display.Data, update bool) error {
	e := Event{Kind: EventDisplay, Data: &d}
	if update {
		e.Kind = EventUpdate
	}
	return o.event(e)
}

// Ask implements display.Asker.
func (o *outbox) Ask(prompt string, password bool) (string, error) {
	return o.in.ask(prompt, password)
}

// Clear implements display.Publisher.
func (o *outbox) Clear(wait bool) error {
	return o.event(Event{Kind: EventClear, Wait: wait})
}
