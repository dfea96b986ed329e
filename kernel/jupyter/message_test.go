package jupyter

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
)

// The signature of known frames, computed with Python's hmac module.
func TestSignature(t *testing.T) {
	c := newCodec("key")
	got := string(c.sign([][]byte{[]byte(`{"a":1}`), []byte("{}"), []byte("{}"), []byte("{}")}))
	if want := "f1128388193e4dd1aa760827bd756a1b40b627676b5efe22c0e8297919bfa218"; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func TestOffsets(t *testing.T) {
	const code = "aö😀b"
	for points, bytes := range map[int]int{-1: 0, 0: 0, 1: 1, 2: 3, 3: 7, 4: 8, 99: 8} {
		if got := byteOffset(code, points); got != bytes {
			t.Errorf("byte offset of %d: %d, want %d", points, got, bytes)
		}
	}
	for bytes, points := range map[int]int{-1: 0, 0: 0, 1: 1, 3: 2, 7: 3, 8: 4, 99: 4} {
		if got := pointOffset(code, bytes); got != points {
			t.Errorf("code point offset of %d: %d, want %d", bytes, got, points)
		}
	}
}

// FuzzDecode: frames that come from anywhere, cut at a separator octet, never
// panic; with a key none passes that was not signed with it; what passes without a
// key can be answered with valid JSON throughout.
func FuzzDecode(f *testing.F) {
	const cut = "\xff"
	signed, _, err := newCodec("key").encode("execute_request", nil, nil, map[string]any{"code": "1"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.Join(append([][]byte{[]byte("peer")}, signed...), []byte(cut)))
	f.Add([]byte("peer" + cut + delimiter + cut + cut + `{"msg_id":"1","msg_type":"x"}` + cut + cut + cut))
	f.Add([]byte(delimiter + cut + delimiter))
	f.Add([]byte("p" + cut + delimiter + cut + "s" + cut + "[[[[" + cut + "{" + cut + "null" + cut + `"`))
	keyed, open := newCodec("a secret that no input knows"), newCodec("")
	f.Fuzz(func(t *testing.T, input []byte) {
		parts := bytes.Split(input, []byte(cut))
		if m, err := keyed.decode(parts); err == nil {
			t.Fatalf("accepted without the key: %+v", m)
		} else if len(parts) > 7 && string(parts[1]) == delimiter && !errors.Is(err, errSignature) {
			t.Fatalf("parsed before the signature was compared: %v", err)
		}
		m, err := open.decode(parts)
		if err != nil {
			return
		}
		if m.header.ID == "" || m.header.Type == "" || len(m.identities) == 0 {
			t.Fatalf("decoded %+v", m)
		}
		reply, _, err := open.encode(replyType(m.header.Type), m.raw, nil, struct{}{})
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range reply[2:] {
			if !json.Valid(part) {
				t.Fatalf("part %q of the reply is not JSON", part)
			}
		}
		var r executeRequest
		_ = unmarshalObject(m.content, &r)
	})
}
