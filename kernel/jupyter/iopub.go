package jupyter

import (
	"encoding/json"
	"log/slog"
	"sync"
	"time"
)

// Text is gathered before it is sent, so that a loop of prints is a few messages
// and not thousands. The first text after a silence waits firstDelay, further text
// steadyDelay; much text goes at once.
const (
	firstDelay  = 10 * time.Millisecond
	steadyDelay = 50 * time.Millisecond
	maxText     = 512 << 10 // bytes in a stream message
)

// iopub publishes what cells show. Messages leave in the order of the calls;
// gathered text goes before any other message. It may be used concurrently.
type iopub struct {
	codec *codec
	send  func(parts [][]byte) error
	log   *slog.Logger

	mu      sync.Mutex
	cell    json.RawMessage // header of the running cell; nil between cells
	last    json.RawMessage // header of the last cell that ran, or runs
	comm    json.RawMessage // header of the message on a comm that is being delivered
	stream  string          // stream of the gathered text
	parent  json.RawMessage // and the message that caused it
	text    []byte
	timer   *time.Timer // sends the text, when there is some
	flushed time.Time   // when text was last sent
}

// publish sends a message.
func (o *iopub) publish(kind string, parent json.RawMessage, content any) {
	o.publishWith(kind, parent, nil, content)
}

// publishWith sends a message with metadata and buffers.
func (o *iopub) publishWith(kind string, parent json.RawMessage, metadata, content any, buffers ...[]byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushLocked()
	o.sendMessageLocked(kind, kind, parent, metadata, content, buffers)
}

// print gathers text, and says whether some was sent.
func (o *iopub) print(stream string, parent json.RawMessage, text string) (sent bool) {
	if text == "" {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if stream != o.stream || string(parent) != string(o.parent) {
		sent = o.flushLocked()
		o.stream, o.parent = stream, parent
	}
	o.text = append(o.text, text...)
	switch {
	case len(o.text) >= maxText:
		sent = o.flushLocked() || sent
	case o.timer == nil:
		delay := firstDelay
		if time.Since(o.flushed) < 2*steadyDelay {
			delay = steadyDelay
		}
		o.timer = time.AfterFunc(delay, o.flush)
	}
	return sent
}

// flush sends gathered text now.
func (o *iopub) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushLocked()
}

func (o *iopub) flushLocked() bool {
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	if len(o.text) == 0 {
		return false
	}
	o.sendLocked("stream", "stream."+o.stream, o.parent, streamContent{Name: o.stream, Text: string(o.text)})
	if o.text = o.text[:0]; cap(o.text) > 2*maxText {
		o.text = nil
	}
	o.flushed = time.Now()
	return true
}

func (o *iopub) sendLocked(kind, topic string, parent json.RawMessage, content any) {
	o.sendMessageLocked(kind, topic, parent, nil, content, nil)
}

func (o *iopub) sendMessageLocked(kind, topic string, parent json.RawMessage, metadata, content any, buffers [][]byte) {
	parts, _, err := o.codec.encode(kind, parent, metadata, content, buffers...)
	if err == nil {
		err = o.send(append([][]byte{[]byte(topic)}, parts...))
	}
	if err != nil {
		o.log.Debug("message not published", "type", kind, "error", err)
	}
}

// begin publishes busy for a request; a cell is also what later output of
// goroutines belongs to.
func (o *iopub) begin(request json.RawMessage, cell bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushLocked()
	if cell {
		o.cell, o.last = request, request
	}
	o.sendLocked("status", "status", request, statusContent{"busy"})
}

// end publishes idle for a request. Front ends show the last state they heard of,
// so the end of another request than the running cell is followed by a reminder
// that the cell is busy.
func (o *iopub) end(request json.RawMessage, cell bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushLocked()
	if cell {
		o.cell = nil
	}
	o.sendLocked("status", "status", request, statusContent{"idle"})
	if o.cell != nil {
		o.sendLocked("status", "status", o.cell, statusContent{"busy"})
	}
}

// outside is the header of what output belongs to that comes between cells: the
// message on a comm that is being delivered, or else the last cell.
func (o *iopub) outside() json.RawMessage {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.comm != nil {
		return o.comm
	}
	return o.last
}

// delivering says which message on a comm is being delivered; nil for none.
func (o *iopub) delivering(message json.RawMessage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.comm = message
}
