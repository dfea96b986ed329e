package display

import (
	"io"
	"strings"
	"testing"
)

type asker struct{ Publisher }

func (asker) Ask(prompt string, password bool) (string, error) {
	if password {
		return "secret", nil
	}
	return "answer to " + prompt, nil
}

func TestInput(t *testing.T) {
	defer Connect(nil)
	Connect(asker{})
	if text, err := Input("name?"); text != "answer to name?" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if text, err := Password("key?"); text != "secret" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	Connect(struct{ Publisher }{})
	if _, err := Input("name?"); err == nil {
		t.Error("an answer from nobody")
	}
}

func TestReadLine(t *testing.T) {
	in, out := strings.NewReader("one\r\ntwo"), &strings.Builder{}
	for _, want := range []string{"one", "two"} {
		if line, err := readLine(in, out, "? "); line != want || err != nil {
			t.Errorf("%q, %v, want %q", line, err, want)
		}
	}
	if _, err := readLine(in, out, ""); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	if out.String() != "? ? " {
		t.Errorf("prompts %q", out)
	}
}
