package session

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// standardStreams are the process's, as they were when the session started: a
// cell may set os.Stdout to another file.
type standardStreams struct{ in, out, err *os.File }

// stream replaces one of the process's streams by the session's.
func (s *Session) stream(f *os.File) file {
	switch {
	case f == nil:
	case f == s.streams.in && s.opts.Stdin != nil:
		return inputFile{f, s.opts.Stdin}
	case f == s.streams.out && s.opts.Stdout != nil:
		return outputFile{f, s.opts.Stdout}
	case f == s.streams.err && s.opts.Stderr != nil:
		return outputFile{f, s.opts.Stderr}
	}
	return f
}

// file is what a *os.File can be asked through an interface.
type file interface {
	io.ReadWriteCloser
	io.ReaderAt
	io.WriterAt
	io.Seeker
	io.StringWriter
	io.ReaderFrom
	io.WriterTo
	Chdir() error
	Chmod(os.FileMode) error
	Chown(uid, gid int) error
	Fd() uintptr
	Name() string
	ReadDir(n int) ([]os.DirEntry, error)
	Readdir(n int) ([]os.FileInfo, error)
	Readdirnames(n int) ([]string, error)
	SetDeadline(time.Time) error
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	Stat() (os.FileInfo, error)
	Sync() error
	SyscallConn() (syscall.RawConn, error)
	Truncate(size int64) error
}

var errWrongWay = errors.New("session: standard input cannot be written, nor standard output read")

// inputFile is standard input; all but reading is the file's.
type inputFile struct {
	*os.File
	r io.Reader
}

func (f inputFile) Read(p []byte) (int, error)        { return f.r.Read(p) }
func (f inputFile) Write([]byte) (int, error)         { return 0, errWrongWay }
func (f inputFile) WriteString(string) (int, error)   { return 0, errWrongWay }
func (f inputFile) ReadFrom(io.Reader) (int64, error) { return 0, errWrongWay }
func (f inputFile) WriteTo(w io.Writer) (int64, error) {
	if isPipe(w) {
		// A program that a cell starts with this as its input: most read
		// nothing, and would not end before the user had answered.
		return 0, nil
	}
	return io.Copy(w, f.r)
}

func isPipe(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// outputFile is standard output or standard error; all but writing is the file's.
type outputFile struct {
	*os.File
	w io.Writer
}

func (f outputFile) Read([]byte) (int, error)            { return 0, errWrongWay }
func (f outputFile) Write(p []byte) (int, error)         { return f.w.Write(p) }
func (f outputFile) WriteString(s string) (int, error)   { return io.WriteString(f.w, s) }
func (f outputFile) ReadFrom(r io.Reader) (int64, error) { return io.Copy(f.w, r) }
func (f outputFile) WriteTo(io.Writer) (int64, error)    { return 0, errWrongWay }
