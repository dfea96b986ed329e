package jupyter

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// protocolVersion of the messaging specification.
const protocolVersion = "5.4"

// delimiter stands between the routing identities and the signed message.
const delimiter = "<IDS|MSG>"

const (
	maxIdentities = 16       // before the delimiter; one, unless something relays
	maxHeader     = 64 << 10 // bytes; it is echoed in everything a request causes
)

type header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
}

// message is one that was received, with a right signature.
type message struct {
	identities [][]byte
	header     header
	raw        json.RawMessage // the header as it came: the parent_header of replies
	parent     header
	content    json.RawMessage
	metadata   json.RawMessage
	buffers    [][]byte
}

// errSignature says that a message was not signed with the connection's key.
var errSignature = errors.New("jupyter: wrong signature")

// codec signs and numbers messages. Its methods may be called concurrently.
type codec struct {
	key     []byte // empty: messages are not signed
	session string
	count   atomic.Int64
}

func newCodec(key string) *codec {
	return &codec{key: []byte(key), session: uuid.NewString()}
}

// sign gives the hex HMAC-SHA256 of the header, parent header, metadata and
// content; buffers are not signed.
func (c *codec) sign(parts [][]byte) []byte {
	if len(c.key) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, c.key)
	for _, p := range parts {
		mac.Write(p)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// decode reads
//
//	identities... <IDS|MSG> signature header parent_header metadata content buffers...
//
// The signature is compared, in constant time, before anything is parsed.
func (c *codec) decode(parts [][]byte) (*message, error) {
	at := 1 // after the identity that the socket put there
	for at < len(parts) && at <= maxIdentities && string(parts[at]) != delimiter {
		at++
	}
	if at >= len(parts) || at > maxIdentities {
		return nil, fmt.Errorf("jupyter: no %s after at most %d identities", delimiter, maxIdentities)
	}
	identities, body := parts[:at], parts[at+1:]
	if len(body) < 5 {
		return nil, fmt.Errorf("jupyter: %d frames after %s, a message has at least 5", len(body), delimiter)
	}
	signed := body[1:5]
	if !hmac.Equal(body[0], c.sign(signed)) && len(c.key) > 0 {
		return nil, errSignature
	}
	if len(signed[0]) > maxHeader {
		return nil, fmt.Errorf("jupyter: a header of %d bytes, the limit is %d", len(signed[0]), maxHeader)
	}
	m := &message{identities: identities, content: signed[3], metadata: signed[2], buffers: body[5:]}
	if err := unmarshalObject(signed[0], &m.header); err != nil {
		return nil, fmt.Errorf("jupyter: header: %w", err)
	}
	if m.header.Type == "" || m.header.ID == "" {
		return nil, errors.New("jupyter: header without msg_type or msg_id")
	}
	m.raw = signed[0]
	if len(bytes.TrimSpace(signed[1])) > 0 && len(signed[1]) <= maxHeader {
		// Front ends may leave it out; only input replies are told apart by it.
		_ = json.Unmarshal(signed[1], &m.parent)
	}
	if len(bytes.TrimSpace(m.content)) == 0 {
		m.content = json.RawMessage("{}")
	}
	return m, nil
}

func unmarshalObject(text []byte, v any) error {
	if t := bytes.TrimSpace(text); len(t) == 0 || t[0] != '{' {
		return errors.New("not a JSON object")
	}
	return json.Unmarshal(text, v)
}

// encode builds the frames after the identities, and gives the message's id.
// parent is the raw header of the message that caused this one, or nil.
func (c *codec) encode(kind string, parent json.RawMessage, metadata, content any, buffers ...[]byte) (parts [][]byte, id string, err error) {
	id = fmt.Sprintf("%s_%d", c.session, c.count.Add(1))
	h, err := marshal(header{
		ID:       id,
		Session:  c.session,
		Username: "kernel",
		Date:     time.Now().UTC().Format(time.RFC3339Nano),
		Type:     kind,
		Version:  protocolVersion,
	})
	if err != nil {
		return nil, "", fmt.Errorf("jupyter: header of %s: %w", kind, err)
	}
	if len(parent) == 0 {
		parent = json.RawMessage("{}")
	}
	if metadata == nil {
		metadata = struct{}{}
	}
	m, err := marshal(metadata)
	if err != nil {
		return nil, "", fmt.Errorf("jupyter: metadata of %s: %w", kind, err)
	}
	body, err := marshal(content)
	if err != nil {
		return nil, "", fmt.Errorf("jupyter: content of %s: %w", kind, err)
	}
	signed := [][]byte{h, parent, m, body}
	parts = append([][]byte{[]byte(delimiter), c.sign(signed)}, signed...)
	return append(parts, buffers...), id, nil
}

// marshal is json.Marshal without \u003c for <: HTML and code stay as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
