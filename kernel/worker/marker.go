package worker

import (
	"bytes"
	"crypto/rand"
	"strconv"
)

// A marker in a stream is NUL, the nonce, a colon, a number, NUL. Nobody who
// does not know the nonce can write one.

// maxMarkerNumber is the length of the longest number and the NUL after it.
const maxMarkerNumber = 21

func newNonce() string { return rand.Text() }

func appendMarker(b []byte, nonce string, seq uint64) []byte {
	b = append(b, 0)
	b = append(b, nonce...)
	b = append(b, ':')
	b = strconv.AppendUint(b, seq, 10)
	return append(b, 0)
}

// markerScanner takes a stream apart into text and markers.
type markerScanner struct {
	prefix []byte
	rest   []byte // what may be the beginning of a marker
}

func newMarkerScanner(nonce string) *markerScanner {
	return &markerScanner{prefix: append(append([]byte{0}, nonce...), ':')}
}

// scan calls text and marker for the parts of the next chunk, in order. The
// slices given to text are valid until it returns.
func (m *markerScanner) scan(chunk []byte, text func([]byte), marker func(seq uint64)) {
	data := chunk
	if len(m.rest) > 0 {
		data = append(m.rest, chunk...)
		m.rest = nil
	}
	for {
		i := bytes.Index(data, m.prefix)
		if i < 0 {
			break
		}
		number := data[i+len(m.prefix):]
		end := bytes.IndexByte(number[:min(len(number), maxMarkerNumber)], 0)
		if end < 0 && len(number) < maxMarkerNumber {
			m.emit(data[:i], text)
			m.rest = bytes.Clone(data[i:])
			return
		}
		seq, err := strconv.ParseUint(string(number[:max(end, 0)]), 10, 64)
		if err != nil {
			// Not ours after all.
			m.emit(data[:i+len(m.prefix)], text)
			data = number
			continue
		}
		m.emit(data[:i], text)
		marker(seq)
		data = number[end+1:]
	}
	keep := m.partial(data)
	m.emit(data[:len(data)-keep], text)
	if keep > 0 {
		m.rest = bytes.Clone(data[len(data)-keep:])
	}
}

// finish gives back what was held because it looked like a marker.
func (m *markerScanner) finish(text func([]byte)) {
	m.emit(m.rest, text)
	m.rest = nil
}

func (m *markerScanner) emit(b []byte, text func([]byte)) {
	if len(b) > 0 {
		text(b)
	}
}

// partial returns the length of the longest suffix of b that begins a marker.
func (m *markerScanner) partial(b []byte) int {
	tail := b[max(0, len(b)-len(m.prefix)+1):]
	for {
		i := bytes.IndexByte(tail, 0)
		if i < 0 {
			return 0
		}
		tail = tail[i:]
		if bytes.HasPrefix(m.prefix, tail) {
			return len(tail)
		}
		tail = tail[1:]
	}
}
