package repl

import (
	"bytes"
	"io"
)

// console is the terminal as readline sees it. Readline asks where the cursor is
// before each prompt and waits for the answer, for ever where the terminal gives
// none, as under expect or in an editor's shell. Here every prompt starts a
// line, so the answer is known.
type console struct {
	out   io.Writer
	read  chan []byte   // what the terminal gives
	own   chan []byte   // what the console itself says, read first
	ended chan struct{} // the terminal gives no more
	rest  []byte
}

var (
	cursorQuery  = []byte("\x1b[6n")
	startOfALine = []byte("\x1b[1;1R")
)

func newConsole(in io.Reader, out io.Writer) *console {
	c := &console{out: out, read: make(chan []byte, 64), own: make(chan []byte, 64), ended: make(chan struct{})}
	go func() { // reading a terminal cannot be cancelled: this ends with the process
		defer close(c.ended)
		for {
			buf := make([]byte, 4096)
			n, err := in.Read(buf)
			if n > 0 {
				c.read <- buf[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	return c
}

// say has Read return b next. With very many waiting it is lost.
func (c *console) say(b []byte) {
	select {
	case c.own <- b:
	default:
	}
}

// Read implements io.Reader.
func (c *console) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		chunk, ok := c.next()
		if !ok {
			return 0, io.EOF
		}
		c.rest = chunk
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// next waits for bytes to read: its own first, the end last.
func (c *console) next() ([]byte, bool) {
	select {
	case b := <-c.own:
		return b, true
	default:
	}
	select {
	case b := <-c.own:
		return b, true
	case b := <-c.read:
		return b, true
	case <-c.ended:
	}
	select {
	case b := <-c.read:
		return b, true
	default:
		return nil, false
	}
}

// Write implements io.Writer.
func (c *console) Write(p []byte) (int, error) {
	if i := bytes.Index(p, cursorQuery); i >= 0 {
		if _, err := c.out.Write(append(bytes.Clone(p[:i]), p[i+len(cursorQuery):]...)); err != nil {
			return 0, err
		}
		c.say(startOfALine)
		return len(p), nil
	}
	return c.out.Write(p)
}
