package worker

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"arch2vec/kernel/comm"
)

// Descriptors of the worker process, after its standard streams.
const (
	requestFD = 3
	messageFD = 4
	heldFD    = 5
)

// maxLine bounds one request or message. It is far above any picture or table,
// and keeps a mistake from taking all memory.
const maxLine = 256 << 20

// Operations of requests (front to worker) and of messages (worker to front).
const (
	opHello     = "hello"     // request: first of all; message: the session is ready
	opExecute   = "execute"   // request; its reply
	opComplete  = "complete"  // request; its reply
	opInspect   = "inspect"   // request; its reply
	opInterrupt = "interrupt" // request
	opComm      = "comm"      // request: a frame for a comm; its reply
	opInput     = "input"     // message: a cell reads standard input; request: the line
	opEvent     = "event"     // message
	opSync      = "sync"      // message: nothing but its markers
)

// request is a line from the front to the worker.
type request struct {
	Op     string      `json:"op"`
	ID     uint64      `json:"id,omitempty"`
	Hello  *hello      `json:"hello,omitempty"`
	Cell   *Request    `json:"cell,omitempty"`
	Comm   *comm.Frame `json:"comm,omitempty"`
	Code   string      `json:"code,omitempty"`
	Cursor int         `json:"cursor,omitempty"`
	Detail int         `json:"detail,omitempty"`
	Line   string      `json:"line,omitempty"`
	Closed bool        `json:"closed,omitempty"` // input has ended
}

// hello sets the worker up.
type hello struct {
	Nonce       string `json:"nonce"` // opens every marker
	MemoryLimit int64  `json:"memory_limit,omitempty"`
}

// message is a line from the worker to the front. Those with a Seq were
// preceded by the marker of that number in both streams.
type message struct {
	Op         string          `json:"op"`
	ID         uint64          `json:"id,omitempty"`
	Seq        uint64          `json:"seq,omitempty"`
	Event      *Event          `json:"event,omitempty"`
	Data       *wireData       `json:"data,omitempty"` // of Event or of Inspection
	Reply      *wireReply      `json:"reply,omitempty"`
	Completion *Completion     `json:"completion,omitempty"`
	Inspection *wireInspection `json:"inspection,omitempty"`
	Accepted   bool            `json:"accepted,omitempty"` // a frame, by the session
	Prompt     string          `json:"prompt,omitempty"`   // of input
	Password   bool            `json:"password,omitempty"`
	Failure    string          `json:"failure,omitempty"` // the request could not be served
}

var errTooLong = errors.New("worker: a value is too large to show (more than 256 MB)")

// encodeLine returns v as one line.
func encodeLine(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	if len(b) >= maxLine {
		return nil, errTooLong
	}
	return append(b, '\n'), nil
}

// lineReader decodes lines of JSON.
type lineReader struct {
	r   *bufio.Reader
	max int
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 64<<10), max: maxLine}
}

// next decodes one line into v. It returns io.EOF at the end, also when the
// last line is cut short: then its writer has died.
func (l *lineReader) next(v any) error {
	var line []byte
	for {
		part, err := l.r.ReadSlice('\n')
		if len(line)+len(part) > l.max {
			return fmt.Errorf("worker: a message exceeds %d bytes", l.max)
		}
		if err == nil && line == nil {
			line = part
			break
		}
		line = append(line, part...)
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return io.EOF
		}
	}
	if err := json.Unmarshal(line, v); err != nil {
		return fmt.Errorf("worker: message: %w", err)
	}
	return nil
}

// isBroken tells an error of the protocol from the end of a pipe.
func isBroken(err error) bool { return !errors.Is(err, io.EOF) }
