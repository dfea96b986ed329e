package zmtp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
)

// FuzzDecoder: any input ends in EOF or an error, what is decoded encodes to what
// was read, and memory stays near what arrived.
func FuzzDecoder(f *testing.F) {
	f.Add(encodeMessage(message("", "a", string(make([]byte, 300)))))
	f.Add(append(encodeCommand("PING", []byte("\x00\x00ctx")), encodeMessage(message("x"))...))
	f.Add(binary.BigEndian.AppendUint64([]byte{2}, 1<<45))
	f.Add([]byte{2, 0, 0, 0, 0, 0, 0, 0, 1, 'x'}) // long form of a short frame
	f.Add([]byte("\x01\x01a\x04\x05\x04PING\x00\x01b"))
	f.Add([]byte{5, 0})
	f.Fuzz(func(t *testing.T, input []byte) {
		var charged int64
		d := &decoder{
			r:        bufio.NewReader(bytes.NewReader(input)),
			maxFrame: 1 << 20,
			maxSize:  1 << 21,
			maxParts: 100,
			charge:   func(n int64) error { charged += n; return nil },
		}
		var messages int
		for {
			u, err := d.next()
			if err != nil {
				if !errors.Is(err, errMalformed) && err != io.EOF && err != io.ErrUnexpectedEOF {
					t.Fatalf("unexpected error %v", err)
				}
				break
			}
			if (u.parts == nil) == (u.command == "") {
				t.Fatalf("unit %+v is not one of message and command", u)
			}
			if u.parts == nil {
				if again := decodeOne(t, encodeCommand(u.command, u.data)); again.command != u.command || !bytes.Equal(again.data, u.data) {
					t.Fatalf("command %q %q came back as %q %q", u.command, u.data, again.command, again.data)
				}
				continue
			}
			messages += len(u.parts)
			again := decodeOne(t, encodeMessage(u.parts))
			if len(again.parts) != len(u.parts) || again.size != u.size {
				t.Fatalf("%d parts of %d bytes came back as %d of %d", len(u.parts), u.size, len(again.parts), again.size)
			}
			for i := range u.parts {
				if !bytes.Equal(again.parts[i], u.parts[i]) {
					t.Fatalf("part %d changed", i)
				}
			}
		}
		// Each frame has at least two octets of header; one may be read ahead.
		if limit := int64(2*len(input)+readAhead) + partOverhead*int64(len(input)/2+1); charged > limit {
			t.Fatalf("%d bytes charged for %d of input", charged, len(input))
		}
	})
}

func decodeOne(t *testing.T, wire []byte) unit {
	t.Helper()
	d := &decoder{r: bufio.NewReader(bytes.NewReader(wire)), maxFrame: 1 << 20, maxSize: 1 << 22, maxParts: 100, charge: func(int64) error { return nil }}
	u, err := d.next()
	if err != nil {
		t.Fatalf("decoding what was encoded: %v", err)
	}
	return u
}

// FuzzReady: the properties of a READY command never panic, and what passes keeps
// to the limits.
func FuzzReady(f *testing.F) {
	f.Add([]byte(property("Socket-Type", "DEALER") + property("Identity", "x")))
	f.Add([]byte("\x0bSocket-Type\xff\xff\xff\xff"))
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, data []byte) {
		kind, identity, err := parseReady(data)
		if err == nil && (len(identity) > 255 || len(kind)+len(identity) > len(data)) {
			t.Fatalf("kind %q, identity %q from %q", kind, identity, data)
		}
	})
}
