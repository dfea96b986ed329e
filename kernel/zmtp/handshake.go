package zmtp

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
)

const greetingSize = 64

// greeting is what both sides send first: signature, version 3.0, mechanism NULL,
// as-server 0, filler.
func greeting() []byte {
	g := make([]byte, greetingSize)
	g[0], g[9] = 0xff, 0x7f
	g[10], g[11] = 3, 0
	copy(g[12:32], "NULL")
	return g
}

// readGreeting accepts version 3 and every minor version of it: the peer falls
// back to the 3.0 that our own greeting announces.
func readGreeting(r io.Reader) error {
	// The signature is looked at alone, so that something that is not ZeroMQ at
	// all (a browser, a port scanner) is sent away at once.
	g := make([]byte, greetingSize)
	if _, err := io.ReadFull(r, g[:1]); err != nil {
		return err
	}
	if g[0] != 0xff {
		return malformed("not a ZMTP signature")
	}
	if _, err := io.ReadFull(r, g[1:11]); err != nil {
		return err
	}
	switch {
	case g[9]&1 == 0:
		return malformed("not a ZMTP signature")
	case g[10] < 3:
		return malformed("protocol version %d is too old, 3 is needed", g[10])
	}
	if _, err := io.ReadFull(r, g[11:]); err != nil {
		return err
	}
	if mechanism := bytes.TrimRight(g[12:32], "\x00"); string(mechanism) != "NULL" {
		return malformed("security mechanism %q, only NULL is supported", mechanism)
	}
	return nil
}

// encodeReady is the command that ends our side of the NULL handshake.
func encodeReady(kind string) []byte {
	var data []byte
	for _, property := range [][2]string{{"Socket-Type", kind}, {"Identity", ""}} {
		data = append(data, byte(len(property[0])))
		data = append(data, property[0]...)
		data = binary.BigEndian.AppendUint32(data, uint32(len(property[1])))
		data = append(data, property[1]...)
	}
	return encodeCommand("READY", data)
}

// parseReady reads the peer's properties; their names are case-insensitive.
func parseReady(data []byte) (kind, identity string, err error) {
	for len(data) > 0 {
		n := int(data[0])
		if n == 0 || len(data) < 1+n+4 {
			return "", "", malformed("a READY command with a broken property name")
		}
		name := string(data[1 : 1+n])
		size := binary.BigEndian.Uint32(data[1+n:])
		data = data[1+n+4:]
		if uint64(size) > uint64(len(data)) {
			return "", "", malformed("a READY command with a broken property %q", name)
		}
		value := string(data[:size])
		data = data[size:]
		switch {
		case strings.EqualFold(name, "Socket-Type"):
			kind = value
		case strings.EqualFold(name, "Identity"):
			identity = value
		}
	}
	// A leading zero octet marks the identities that a ROUTER hands out.
	if len(identity) > 255 || strings.HasPrefix(identity, "\x00") {
		return "", "", malformed("identity %.20q is reserved or longer than 255 bytes", identity)
	}
	return kind, identity, nil
}

// compatible says which socket types may talk to one of ours.
func compatible(kind, peer string) bool {
	return slices.Contains(map[string][]string{
		"ROUTER": {"DEALER", "REQ", "ROUTER"},
		"PUB":    {"SUB", "XSUB"},
		"REP":    {"REQ", "DEALER"},
	}[kind], peer)
}
