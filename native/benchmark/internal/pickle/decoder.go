package pickle

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Limits of a Decoder. What a file builds is at most about a hundred times the
// bytes it has.
const (
	maxText  = 1 << 20 // bytes of a string or a line
	maxStack = 1 << 20 // values that are not in a container yet, a long text counting more
)

// Error says where a pickle goes wrong.
type Error struct {
	Offset int64 // bytes from the start, of the instruction
	Reason string
	Err    error // what lies beneath, or nil
}

func (e *Error) Error() string { return fmt.Sprintf("pickle, byte %d: %s", e.Offset, e.Reason) }

// Unwrap returns what lies beneath.
func (e *Error) Unwrap() error { return e.Err }

// Decoder reads pickles one after another. The zero value is not usable; see
// NewDecoder.
type Decoder struct {
	// Filled, where not nil, is called each time that entries were put into a
	// dictionary. It may change it, and keep what it likes.
	Filled func(d *Dict) error
	// MaxHeld is how many values containers and the memory may hold at a time, a long
	// text counting more, less what Drop and Forget let go; 0 for no limit.
	MaxHeld int

	r      *bufio.Reader
	at     int64 // bytes read
	begun  int64 // where the instruction begins
	held   int
	stack  []any
	height int // of the stack, in what its values count
	marks  []int
	memo   memo
	digits []byte
}

// NewDecoder returns a Decoder that reads r.
func NewDecoder(r io.Reader) *Decoder {
	b, ok := r.(*bufio.Reader)
	if !ok {
		b = bufio.NewReaderSize(r, 1<<16)
	}
	return &Decoder{r: b}
}

// End returns an error unless nothing follows what was read. Reading up to there is
// what makes a packed stream check its last checksum.
func (d *Decoder) End() error {
	switch _, err := d.r.ReadByte(); err {
	case io.EOF:
		return nil
	case nil:
		return &Error{d.at, "something follows its end", nil}
	default:
		return &Error{d.at, err.Error(), err}
	}
}

// Offset returns how many bytes were read.
func (d *Decoder) Offset() int64 { return d.at }

// Decode reads one pickle, up to its last instruction. Its errors are of type
// *Error.
func (d *Decoder) Decode() (value any, err error) {
	d.stack, d.height, d.marks, d.memo, d.held = d.stack[:0], 0, d.marks[:0], memo{}, 0
	for {
		d.begun = d.at
		op, err := d.readByte()
		if err == nil && op == '.' {
			var v any
			if v, err = d.pop(); err == nil {
				if len(d.stack) > 0 || len(d.marks) > 0 {
					return nil, d.fail(errors.New("it ends with more than one value"))
				}
				return v, nil
			}
		}
		if err == nil {
			err = d.step(op)
		}
		if err != nil {
			return nil, d.fail(err)
		}
	}
}

// fail adds where.
func (d *Decoder) fail(err error) error {
	var already *Error
	if errors.As(err, &already) {
		return err
	}
	reason := err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		reason = "it breaks off"
		err = io.ErrUnexpectedEOF
	}
	return &Error{d.begun, reason, err}
}

// hold counts values that a container, or the memory, takes in.
func (d *Decoder) hold(values ...any) error {
	for _, v := range values {
		d.held += weight(v)
	}
	if d.MaxHeld > 0 && d.held > d.MaxHeld {
		return fmt.Errorf("it holds more than %d values", d.MaxHeld)
	}
	return nil
}

// weight is what a value counts.
func weight(v any) int {
	switch v := v.(type) {
	case string:
		return 1 + len(v)/64
	case []byte:
		return 1 + len(v)/64
	}
	return 1
}

// Drop empties a dictionary, and the dictionaries and lists in it, down to a few
// levels.
func (d *Decoder) Drop(dict *Dict) { d.drop(dict, 4) }

func (d *Decoder) drop(dict *Dict, levels int) {
	items := dict.Items
	dict.Items = nil
	for _, item := range items {
		d.held -= weight(item.Key) + weight(item.Value)
		switch v := item.Value.(type) {
		case *Dict:
			if levels > 1 {
				d.drop(v, levels-1)
			}
		case *List:
			for _, x := range v.Items {
				d.held -= weight(x)
			}
			v.Items = nil
		}
	}
}

// Mark returns a position for Forget.
func (d *Decoder) Mark() int { return d.memo.len() }

// Forget drops the containers that were remembered since a Mark, so that they can
// be collected. A later reference to one gives Forgotten.
func (d *Decoder) Forget(since int) { d.held -= d.memo.forget(since) }

func (d *Decoder) readByte() (byte, error) {
	b, err := d.r.ReadByte()
	if err == nil {
		d.at++
	}
	return b, err
}

// read returns the next n bytes, which stay valid until the next read. What a
// file declares is not allocated before it is there.
func (d *Decoder) read(n uint64) ([]byte, error) {
	if n > maxText {
		return nil, fmt.Errorf("a text of %d bytes, at most %d", n, maxText)
	}
	d.digits = d.digits[:0]
	for n > 0 {
		some, err := d.r.Peek(int(min(n, 4096)))
		if len(some) == 0 {
			return nil, err
		}
		d.digits = append(d.digits, some...)
		d.at += int64(len(some))
		n -= uint64(len(some))
		_, _ = d.r.Discard(len(some)) // they were there
	}
	return d.digits, nil
}

// line returns what is left of the line, without its end.
func (d *Decoder) line() ([]byte, error) {
	d.digits = d.digits[:0]
	for {
		b, err := d.readByte()
		if err != nil {
			return nil, err
		}
		if b == '\n' {
			return d.digits, nil
		}
		if len(d.digits) == maxText {
			return nil, fmt.Errorf("a line of more than %d bytes", maxText)
		}
		d.digits = append(d.digits, b)
	}
}

// push puts a value on the stack.
func (d *Decoder) push(v any) error {
	if d.height += weight(v); d.height > maxStack {
		return fmt.Errorf("more than %d values on the stack", maxStack)
	}
	d.stack = append(d.stack, v)
	return nil
}

// floor is the height of the stack that the last mark protects.
func (d *Decoder) floor() int {
	if len(d.marks) == 0 {
		return 0
	}
	return d.marks[len(d.marks)-1]
}

var errEmpty = errors.New("the stack is empty")

func (d *Decoder) top() (any, error) {
	if len(d.stack) <= d.floor() {
		return nil, errEmpty
	}
	return d.stack[len(d.stack)-1], nil
}

func (d *Decoder) pop() (any, error) {
	v, err := d.top()
	if err == nil {
		d.stack = d.stack[:len(d.stack)-1]
		d.height -= weight(v)
	}
	return v, err
}

// popMark returns the values above the last mark, valid until the next push.
func (d *Decoder) popMark() ([]any, error) {
	if len(d.marks) == 0 {
		return nil, errors.New("no mark on the stack")
	}
	from := d.floor()
	d.marks = d.marks[:len(d.marks)-1]
	values := d.stack[from:]
	d.stack = d.stack[:from]
	for _, v := range values {
		d.height -= weight(v)
	}
	return values, nil
}
