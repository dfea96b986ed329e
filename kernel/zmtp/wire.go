package zmtp

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// The bits of a frame's flags octet; the others must be zero.
const (
	flagMore    = 1 << 0 // another frame of the same message follows
	flagLong    = 1 << 1 // the length takes eight octets, not one
	flagCommand = 1 << 2
)

const (
	// maxCommand bounds a command's body; READY with all its properties and a
	// long SUBSCRIBE topic fit easily.
	maxCommand = 64 << 10
	// readAhead is what is allocated on the word of a length field. A longer
	// frame's buffer doubles as its octets arrive.
	readAhead = 64 << 10
	// partOverhead is charged for each frame beside its octets, since a message
	// of empty frames takes memory too.
	partOverhead = 32
)

// errMalformed is in the chain of every error that the peer's octets caused.
var errMalformed = errors.New("zmtp: malformed input")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errMalformed, fmt.Sprintf(format, args...))
}

// unit is what a peer sends after its greeting: a message or a command.
type unit struct {
	parts   [][]byte // of a message; nil for a command
	size    int64    // what was charged for the message
	command string   // name of a command
	data    []byte   // body of a command, after the name
}

// decoder reads units from a peer.
type decoder struct {
	r        *bufio.Reader
	maxFrame int64
	maxSize  int64 // of a message, overheads included
	maxParts int
	// charge is called before memory is taken for a message; an error stops
	// the decoder.
	charge func(n int64) error

	parts [][]byte // the message that is arriving
	size  int64    // charged for it so far
}

// next reads one unit. Commands may stand between the frames of a message:
// libzmq sends its heartbeats whenever its timer fires.
func (d *decoder) next() (unit, error) {
	for {
		flags, n, err := d.header()
		if err != nil {
			return unit{}, err
		}
		if flags&flagCommand != 0 {
			return d.command(flags, n)
		}
		if len(d.parts) == d.maxParts {
			return unit{}, malformed("a message of more than %d frames", d.maxParts)
		}
		body, err := d.body(n)
		if err != nil {
			return unit{}, err
		}
		d.parts = append(d.parts, body)
		if flags&flagMore == 0 {
			u := unit{parts: d.parts, size: d.size}
			d.parts, d.size = nil, 0
			return u, nil
		}
	}
}

func (d *decoder) header() (flags byte, n int64, err error) {
	if flags, err = d.r.ReadByte(); err != nil {
		return 0, 0, err
	}
	if flags&^(flagMore|flagLong|flagCommand) != 0 {
		return 0, 0, malformed("frame flags %#02x", flags)
	}
	var length [8]byte
	field := length[7:]
	if flags&flagLong != 0 {
		field = length[:]
	}
	if _, err = io.ReadFull(d.r, field); err != nil {
		return 0, 0, err
	}
	size := binary.BigEndian.Uint64(length[:])
	if size > uint64(d.maxFrame) {
		return 0, 0, malformed("a frame of %d bytes, the limit is %d", size, d.maxFrame)
	}
	return flags, int64(size), nil
}

func (d *decoder) command(flags byte, n int64) (unit, error) {
	if flags&flagMore != 0 {
		return unit{}, malformed("a command with the MORE flag")
	}
	if n > maxCommand {
		return unit{}, malformed("a command of %d bytes, the limit is %d", n, maxCommand)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(d.r, body); err != nil {
		return unit{}, err
	}
	if n == 0 || body[0] == 0 || int(body[0]) >= len(body) {
		return unit{}, malformed("a command without a name")
	}
	name, data := body[1:1+body[0]], body[1+body[0]:]
	return unit{command: string(name), data: data}, nil
}

// body reads a frame of n octets, taking memory only as they arrive.
func (d *decoder) body(n int64) ([]byte, error) {
	if err := d.take(partOverhead); err != nil {
		return nil, err
	}
	var body []byte
	for left := n; left > 0; {
		chunk := min(left, max(readAhead, int64(len(body))))
		if err := d.take(chunk); err != nil {
			return nil, err
		}
		have := len(body)
		body = slices.Grow(body, int(chunk))[:have+int(chunk)]
		if _, err := io.ReadFull(d.r, body[have:]); err != nil {
			return nil, err
		}
		left -= chunk
	}
	return body, nil
}

func (d *decoder) take(n int64) error {
	if d.size+n > d.maxSize {
		return malformed("a message of more than %d bytes", d.maxSize)
	}
	if err := d.charge(n); err != nil {
		return err
	}
	d.size += n
	return nil
}

// encodeMessage gives the frames of a message as they stand on the wire.
func encodeMessage(parts [][]byte) []byte {
	n := 0
	for _, p := range parts {
		n += 9 + len(p)
	}
	wire := make([]byte, 0, n)
	for i, p := range parts {
		var flags byte
		if i < len(parts)-1 {
			flags = flagMore
		}
		wire = appendFrame(wire, flags, p)
	}
	return wire
}

// encodeCommand gives a command as it stands on the wire.
func encodeCommand(name string, data []byte) []byte {
	body := append([]byte{byte(len(name))}, name...)
	return appendFrame(nil, flagCommand, append(body, data...))
}

func appendFrame(wire []byte, flags byte, body []byte) []byte {
	if len(body) > 255 {
		wire = append(wire, flags|flagLong)
		wire = binary.BigEndian.AppendUint64(wire, uint64(len(body)))
	} else {
		wire = append(wire, flags, byte(len(body)))
	}
	return append(wire, body...)
}
