package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// step does one instruction, up to protocol 4 (names and meanings as in Python's
// pickletools).
func (d *Decoder) step(op byte) error {
	switch op {
	// Framing.
	case 0x80: // PROTO
		v, err := d.readByte()
		if err == nil && v > 5 {
			err = fmt.Errorf("protocol %d, at most 5", v)
		}
		return err
	case 0x95: // FRAME: only a hint for reading ahead
		_, err := d.read(8)
		return err

	// Stack.
	case '(': // MARK
		if len(d.marks) >= maxStack {
			return fmt.Errorf("more than %d marks on the stack", maxStack)
		}
		d.marks = append(d.marks, len(d.stack))
		return nil
	case '0': // POP
		if len(d.marks) > 0 && len(d.stack) == d.floor() {
			d.marks = d.marks[:len(d.marks)-1]
			return nil
		}
		_, err := d.pop()
		return err
	case '1': // POP_MARK
		_, err := d.popMark()
		return err
	case '2': // DUP
		v, err := d.top()
		if err != nil {
			return err
		}
		return d.push(v)

	// Memory.
	case 'p', 'q', 'r', 0x94: // PUT, BINPUT, LONG_BINPUT, MEMOIZE
		at, err := d.memoIndex(op)
		if err != nil {
			return err
		}
		v, err := d.top()
		if err != nil {
			return err
		}
		return d.memo.put(at, v)
	case 'g', 'h', 'j': // GET, BINGET, LONG_BINGET
		at, err := d.memoIndex(op)
		if err != nil {
			return err
		}
		v, err := d.memo.get(at)
		if err != nil {
			return err
		}
		return d.push(v)

	// Classes.
	case 'c', 0x93, 'R', 0x81, 'b':
		return d.object(op)
	case 'P', 'Q':
		return errors.New("it holds tensors, which are the weights of trained networks: want the file without them")
	case 'i', 'o', 0x92, 0x82, 0x83, 0x84, 0x96, 0x97, 0x98:
		return fmt.Errorf("instruction 0x%02x is refused: it makes objects of classes, or refers outside of the file", op)
	}
	if v, ok, err := d.scalar(op); ok || err != nil {
		if err != nil {
			return err
		}
		return d.make(v)
	}
	return d.container(op)
}

// memoIndex is the operand of the instructions of memory.
func (d *Decoder) memoIndex(op byte) (uint64, error) {
	switch op {
	case 0x94:
		return uint64(d.memo.len()), nil
	case 'q', 'h':
		return d.uint(1)
	case 'r', 'j':
		return d.uint(4)
	}
	text, err := d.line()
	if err != nil {
		return 0, err
	}
	return strconv.ParseUint(string(text), 10, 32)
}

// uint reads a little-endian number.
func (d *Decoder) uint(bytes uint64) (uint64, error) {
	b, err := d.read(bytes)
	if err != nil {
		return 0, err
	}
	var n uint64
	for i, v := range b {
		n |= uint64(v) << (8 * i)
	}
	return n, nil
}

// scalar reads what an instruction that makes a number or a text makes; false for
// every other.
func (d *Decoder) scalar(op byte) (v any, ok bool, err error) {
	var n uint64
	switch op {
	case 'N':
		return nil, true, nil
	case 0x88:
		return true, true, nil
	case 0x89:
		return false, true, nil
	case 'G': // BINFLOAT, the one number that is big-endian
		b, err := d.read(8)
		if err != nil {
			return nil, false, err
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), true, nil
	case 'K':
		n, err = d.uint(1)
		return int64(n), true, err
	case 'M':
		n, err = d.uint(2)
		return int64(n), true, err
	case 'J':
		n, err = d.uint(4)
		return int64(int32(n)), true, err
	case 0x8a, 0x8b: // LONG1, LONG4
		n, err = d.uint(map[byte]uint64{0x8a: 1, 0x8b: 4}[op])
		if err != nil {
			return nil, false, err
		}
		b, err := d.read(n)
		return long(b), true, err
	case 'F', 'I', 'L', 'S', 'V':
		v, err := d.readLine(op)
		return v, true, err
	case 'X', 'T': // BINUNICODE, BINSTRING
		return d.text(4)
	case 0x8c, 'U': // SHORT_BINUNICODE, SHORT_BINSTRING
		return d.text(1)
	case 0x8d: // BINUNICODE8
		return d.text(8)
	case 'B', 'C', 0x8e: // BINBYTES, SHORT_BINBYTES, BINBYTES8
		n, err = d.uint(map[byte]uint64{'B': 4, 'C': 1, 0x8e: 8}[op])
		if err != nil {
			return nil, false, err
		}
		b, err := d.read(n)
		return append([]byte(nil), b...), true, err
	}
	return nil, false, nil
}

// text reads a text after its length.
func (d *Decoder) text(bytes uint64) (any, bool, error) {
	n, err := d.uint(bytes)
	if err != nil {
		return nil, false, err
	}
	b, err := d.read(n)
	if err != nil {
		return nil, false, err
	}
	return d.memo.text(b), true, nil
}

// long is a little-endian two's complement number.
func long(b []byte) any {
	if len(b) > 8 {
		return tooLong{}
	}
	var n int64
	for i, v := range b {
		n |= int64(v) << (8 * i)
	}
	if k := len(b); k > 0 && k < 8 && b[k-1]&0x80 != 0 {
		n |= -1 << (8 * k)
	}
	return n
}

// tooLong is an integer of more than 64 bits.
type tooLong struct{}

// readLine reads the numbers and texts of protocol 0.
func (d *Decoder) readLine(op byte) (any, error) {
	line, err := d.line()
	if err != nil {
		return nil, err
	}
	text := string(line)
	switch op {
	case 'F':
		return strconv.ParseFloat(text, 64)
	case 'I':
		if text == "00" || text == "01" {
			return text == "01", nil
		}
		return strconv.ParseInt(text, 10, 64)
	case 'L':
		if n := len(text); n > 0 && text[n-1] == 'L' {
			text = text[:n-1]
		}
		return strconv.ParseInt(text, 10, 64)
	case 'S':
		if n := len(text); n < 2 || text[0] != text[n-1] || text[0] != '\'' && text[0] != '"' {
			return nil, errors.New("a text without its quotes")
		}
		return d.memo.text(line[1 : len(line)-1]), nil
	}
	return d.memo.text(line), nil
}
