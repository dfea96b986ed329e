package display

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
)

// recorder is a Publisher that keeps what it was given.
type recorder struct {
	shown   []Data
	updates []bool
	clears  []bool
	err     error
}

func (r *recorder) Publish(d Data, update bool) error {
	r.shown, r.updates = append(r.shown, d), append(r.updates, update)
	return r.err
}

func (r *recorder) Clear(wait bool) error {
	r.clears = append(r.clears, wait)
	return r.err
}

func connect(t *testing.T) *recorder {
	t.Helper()
	r := &recorder{}
	Connect(r)
	t.Cleanup(func() { Connect(nil) })
	return r
}

func TestDisplayAndUpdate(t *testing.T) {
	r := connect(t)
	original := HTML("<b>1</b>")
	h, err := NewHandle(original)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Update(HTML("<b>2</b>")); err != nil {
		t.Fatal(err)
	}
	if err := Display(Markdown("x")); err != nil {
		t.Fatal(err)
	}
	if err := Clear(true); err != nil {
		t.Fatal(err)
	}
	if len(r.shown) != 3 || r.updates[0] || !r.updates[1] || r.updates[2] {
		t.Fatalf("updates = %v", r.updates)
	}
	for i := range 2 {
		if id := r.shown[i].Transient["display_id"]; id != h.ID() || id == "" {
			t.Errorf("display_id of %d = %v, want %v", i, id, h.ID())
		}
	}
	if original.Transient != nil || r.shown[2].Transient != nil {
		t.Error("a display_id leaked into a Data that has none")
	}
	if len(r.clears) != 1 || !r.clears[0] {
		t.Errorf("clears = %v", r.clears)
	}
}

func TestDisplayErrors(t *testing.T) {
	r := connect(t)
	if err := Display(File("", "no-such-file.png")); err == nil || !strings.Contains(err.Error(), "no-such-file.png") {
		t.Errorf("missing file: %v", err)
	}
	if err := Display(Data{}); err == nil {
		t.Error("empty Data: no error")
	}
	if err := Update("", HTML("x")); err == nil {
		t.Error("Update without an id: no error")
	}
	if len(r.shown) != 0 {
		t.Errorf("published %v", r.shown)
	}
	r.err = errors.New("gone")
	if err := Display(HTML("x")); !errors.Is(err, r.err) {
		t.Errorf("publisher's error: %v", err)
	}
}

func TestPrintText(t *testing.T) {
	for _, c := range []struct {
		d    Data
		want string
	}{
		{Latex("x^2"), "x^2\n"},
		{Data{Data: MIMEMap{MIMETypeText: "two\nlines\n"}}, "two\nlines\n"},
		{MIME(MIMEMap{MIMETypeSVG: "<svg/>", MIMETypePNG: "…"}, nil), "(image/png, image/svg+xml)\n"},
	} {
		var b bytes.Buffer
		if err := printText(&b, c.d); err != nil || b.String() != c.want {
			t.Errorf("printed %q, %v, want %q", b.String(), err, c.want)
		}
	}
}

func TestContext(t *testing.T) {
	if Context() != context.Background() {
		t.Error("without a kernel: not the background context")
	}
	ctx, cancel := context.WithCancel(context.Background())
	SetContext(ctx)
	defer SetContext(context.Background())
	got := Context()
	cancel()
	if got.Err() == nil {
		t.Error("interrupting the cell did not cancel its context")
	}
}
