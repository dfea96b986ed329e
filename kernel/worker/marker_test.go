package worker

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func scanAll(nonce string, chunks ...[]byte) string {
	var b strings.Builder
	m := newMarkerScanner(nonce)
	text := func(p []byte) { b.Write(p) }
	for _, c := range chunks {
		m.scan(c, text, func(seq uint64) { fmt.Fprintf(&b, "<%d>", seq) })
	}
	m.finish(text)
	return b.String()
}

// However a stream is cut into reads, the same text and markers come out.
func TestMarkersInAllCuts(t *testing.T) {
	const nonce = "NONCE"
	var stream []byte
	stream = append(stream, "a\x00b"...)
	stream = appendMarker(stream, nonce, 7)
	stream = appendMarker(stream, nonce, 18446744073709551615)
	stream = append(stream, "\x00NONCE:x\x00\x00NONC"...)
	stream = appendMarker(stream, nonce, 8)
	stream = append(stream, "end\x00"...)
	want := "a\x00b<7><18446744073709551615>\x00NONCE:x\x00\x00NONC<8>end\x00"
	for i := range len(stream) {
		for j := i; j < len(stream); j++ {
			if got := scanAll(nonce, stream[:i], stream[i:j], stream[j:]); got != want {
				t.Fatalf("cut at %d and %d: %q", i, j, got)
			}
		}
	}
}

func FuzzMarkers(f *testing.F) {
	f.Add([]byte("text"), uint(3))
	f.Add(append(appendMarker([]byte("a"), "N", 5), "b\x00N:"...), uint(2))
	f.Add([]byte("\x00N:\x00\x00N:123456789012345678901234567890\x00"), uint(1))
	f.Fuzz(func(t *testing.T, data []byte, size uint) {
		whole := scanAll("N", data)
		var chunks [][]byte
		for rest := data; len(rest) > 0; {
			n := min(int(size%16)+1, len(rest))
			chunks = append(chunks, rest[:n])
			rest = rest[n:]
		}
		if got := scanAll("N", chunks...); got != whole {
			t.Fatalf("in chunks %q, whole %q", got, whole)
		}
	})
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("{\"op\":\"event\",\"seq\":1}\n{}\n"))
	f.Add([]byte("{\"op\":"))
	f.Add([]byte("[1]\nnull\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := newLineReader(bytes.NewReader(data))
		for {
			var m message
			if err := l.next(&m); err != nil {
				return
			}
			if m.Data != nil {
				_, _ = fromWire(m.Data)
			}
		}
	})
}

func TestLinesAreBounded(t *testing.T) {
	l := newLineReader(strings.NewReader(`{"op":"` + strings.Repeat("x", 1<<20) + "\"}\n"))
	l.max = 1 << 19
	var m message
	if err := l.next(&m); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a line beyond the limit: %v", err)
	}
	l = newLineReader(strings.NewReader(`{"op":"` + strings.Repeat("x", 1<<20) + "\"}\n{\"op\":\"y\"}\n{\"op\":\"cut"))
	for _, want := range []int{1 << 20, 1} {
		m = message{}
		if err := l.next(&m); err != nil || len(m.Op) != want {
			t.Errorf("%d bytes, %v", len(m.Op), err)
		}
	}
	if err := l.next(&m); !errors.Is(err, io.EOF) {
		t.Errorf("a line that is cut: %v", err)
	}
}

func TestWholeRunes(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "é": 2, "a\xc3": 1, "漢\xe6\xbc": 3, "\xff": 1, "\xf0\x9f\x98": 0, "x\x80\x80\x80\x80": 5} {
		if got := wholeRunes([]byte(s)); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}
