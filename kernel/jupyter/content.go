package jupyter

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"arch2vec/kernel/display"
	"arch2vec/kernel/worker"
)

// The contents of messages that more than one place sends. A field that the
// protocol calls an object or a list is never null.

type statusContent struct {
	State string `json:"execution_state"`
}

type streamContent struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type displayContent struct {
	Data      map[string]any `json:"data"`
	Metadata  map[string]any `json:"metadata"`
	Transient map[string]any `json:"transient"`
}

type errorContent struct {
	Status    string   `json:"status,omitempty"` // "error" in replies, absent on iopub
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

func newErrorContent(status string, e *worker.Error) errorContent {
	traceback := e.Traceback
	if traceback == nil {
		traceback = []string{}
	}
	return errorContent{Status: status, Name: e.Name, Value: e.Value, Traceback: traceback}
}

// refusal is the reply to a request that could not be done.
func refusal(name string, err error) errorContent {
	return newErrorContent("error", &worker.Error{Name: name, Value: err.Error()})
}

func newDisplayContent(d *display.Data) displayContent {
	if d == nil {
		d = &display.Data{}
	}
	return displayContent{Data: bundle(d.Data), Metadata: plain(d.Metadata), Transient: plain(d.Transient)}
}

// bundle gives a MIME bundle as the protocol wants it: text and JSON as they
// are, everything else as base64.
func bundle(m display.MIMEMap) map[string]any {
	wire := make(map[string]any, len(m))
	for mime, value := range m {
		switch v := value.(type) {
		case nil:
		case string:
			wire[mime] = v
		case []byte:
			switch {
			case isJSON(mime) && json.Valid(v):
				wire[mime] = json.RawMessage(v)
			case isText(mime) && utf8.Valid(v):
				wire[mime] = string(v)
			default:
				wire[mime] = base64.StdEncoding.EncodeToString(v)
			}
		default:
			if isJSON(mime) {
				wire[mime] = encodable(v)
			} else {
				wire[mime] = fmt.Sprint(v)
			}
		}
	}
	return wire
}

// plain keeps what JSON can hold: a value that a cell put into metadata must not
// cost the message.
func plain(m display.MIMEMap) map[string]any {
	wire := make(map[string]any, len(m))
	for key, value := range m {
		wire[key] = encodable(value)
	}
	return wire
}

func encodable(v any) any {
	text, err := marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return json.RawMessage(text)
}

func isJSON(mime string) bool {
	return mime == display.MIMETypeJSON || strings.HasSuffix(mime, "+json")
}

func isText(mime string) bool {
	return strings.HasPrefix(mime, "text/") || isJSON(mime) || strings.HasSuffix(mime, "+xml") ||
		mime == display.MIMETypeJavaScript || mime == "application/xml"
}

// byteOffset turns an offset in Unicode code points, as the protocol counts,
// into one in bytes, as Go does; what lies outside is moved to the next end.
func byteOffset(code string, points int) int {
	if points <= 0 {
		return 0
	}
	for i := range code {
		if points == 0 {
			return i
		}
		points--
	}
	return len(code)
}

// pointOffset is the inverse of byteOffset.
func pointOffset(code string, bytes int) int {
	return utf8.RuneCountInString(code[:max(0, min(bytes, len(code)))])
}
