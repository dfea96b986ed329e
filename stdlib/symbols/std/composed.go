package std

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// Go's library asks some interface values for one more interface. A wrapper
// has the methods that it was declared with and no others, so each such pair
// needs one of its own. As in generated wrappers, the fields' names are "W"
// and the method's; IValue is the interpreted value.

// responseHijacker is an http.ResponseWriter that is an http.Hijacker.
type responseHijacker struct {
	IValue       any
	WHeader      func() http.Header
	WWrite       func([]byte) (int, error)
	WWriteHeader func(int)
	WHijack      func() (net.Conn, *bufio.ReadWriter, error)
}

func (w responseHijacker) Header() http.Header                          { return w.WHeader() }
func (w responseHijacker) Write(b []byte) (int, error)                  { return w.WWrite(b) }
func (w responseHijacker) WriteHeader(status int)                       { w.WWriteHeader(status) }
func (w responseHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.WHijack() }

// readerWriterTo is an io.Reader that is an io.WriterTo, which io.Copy uses.
type readerWriterTo struct {
	IValue   any
	WRead    func([]byte) (int, error)
	WWriteTo func(io.Writer) (int64, error)
}

func (w readerWriterTo) Read(b []byte) (int, error)           { return w.WRead(b) }
func (w readerWriterTo) WriteTo(dst io.Writer) (int64, error) { return w.WWriteTo(dst) }

// writerReaderFrom is an io.Writer that is an io.ReaderFrom, which io.Copy uses.
type writerReaderFrom struct {
	IValue    any
	WWrite    func([]byte) (int, error)
	WReadFrom func(io.Reader) (int64, error)
}

func (w writerReaderFrom) Write(b []byte) (int, error)           { return w.WWrite(b) }
func (w writerReaderFrom) ReadFrom(src io.Reader) (int64, error) { return w.WReadFrom(src) }
