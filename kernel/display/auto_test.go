package display

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

type htmler struct{}

func (htmler) HTML() string { return "<b>me</b>" }

type both struct{}

func (both) Render() Data {
	return Data{Data: MIMEMap{MIMETypeLatex: "$x$"}, Metadata: MIMEMap{"k": 1}}
}
func (both) SVG() string { return "<svg/>" }

type panicky struct{}

func (panicky) HTML() string { panic("no") }

func pngBytes(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAuto(t *testing.T) {
	picture := pngBytes(t, 3, 2)
	for _, c := range []struct {
		name  string
		value any
		mime  string
		want  string // text/plain
	}{
		{"string", "hello", MIMETypeText, "hello"},
		{"nil", nil, MIMETypeText, "<nil>"},
		{"nil pointer with methods", (*htmler)(nil), MIMETypeText, "<nil>"},
		{"HTMLer", htmler{}, MIMETypeHTML, "{}"},
		{"Renderer", both{}, MIMETypeLatex, "{}"},
		{"SVGer", both{}, MIMETypeSVG, "{}"},
		{"Data", HTML("<i>"), MIMETypeHTML, "<i>"},
		{"Data without text", Data{Data: MIMEMap{MIMETypeSVG: "<svg/>"}}, MIMETypeSVG, "(image/svg+xml)"},
		{"image", image.NewGray(image.Rect(0, 0, 3, 2)), MIMETypePNG, "image, 3 x 2"},
		{"PNG bytes", picture, MIMETypePNG, "PNG image, 3 x 2"},
		{"PNG reader", bytes.NewReader(picture), MIMETypePNG, "PNG image, 3 x 2"},
		{"SVG bytes", []byte("  <svg></svg>"), MIMETypeSVG, "  <svg></svg>"},
		{"HTML bytes", []byte("<html></html>"), MIMETypeHTML, "<html></html>"},
		{"text bytes", []byte("plain"), MIMETypeText, "plain"},
		{"map", map[string]int{"a": 1}, MIMETypeText, "map[a:1]"},
		{"no exported field", []named{{"a"}}, MIMETypeText, "[named a]"},
	} {
		d := Auto(c.value)
		if _, ok := d.Data[c.mime]; !ok {
			t.Errorf("%s: no %s in %v", c.name, c.mime, d.Data)
		}
		if d.Data[MIMETypeText] != c.want {
			t.Errorf("%s: text %q, want %q", c.name, d.Data[MIMETypeText], c.want)
		}
	}
	if d := Auto(panicky{}); failureOf(d) == nil {
		t.Error("a panic in a renderer was not reported")
	}
	if Auto(both{}).Metadata["k"] != 1 {
		t.Error("metadata lost")
	}
}

func TestAny(t *testing.T) {
	if d := Any(MIMETypeMarkdown, "*x*"); d.Data[MIMETypeMarkdown] != "*x*" || d.Data[MIMETypeText] != "*x*" {
		t.Errorf("string: %v", d)
	}
	if d := Any(MIMETypeJSON, map[string]int{"a": 1}); d.Data[MIMETypeJSON] == nil || d.Data[MIMETypeText] != "map[a:1]" {
		t.Errorf("JSON: %v", d)
	}
	path := filepath.Join(t.TempDir(), "p.png")
	if err := os.WriteFile(path, pngBytes(t, 4, 5), 0o600); err != nil {
		t.Fatal(err)
	}
	if d := File("", path); d.Data[MIMETypeText] != "PNG image, 4 x 5" {
		t.Errorf("File: %v", d.Data[MIMETypeText])
	}
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		values []any
		want   string
	}{
		{[]any{5, nil}, "5 <nil>"},
		{[]any{1, 2, "a", "b", 3}, "1 2ab3"}, // as fmt.Sprint: no space beside a string
		{[]any{[]int{1}, errors.New("e")}, "[1] e"},
		{[]any{[]byte{1, 2}}, "[1 2]"},
	} {
		if d := Values(c.values, nil); d.Data[MIMETypeText] != c.want || len(d.Data) != 1 {
			t.Errorf("Values(%v) = %v, want %s", c.values, d.Data, c.want)
		}
	}
	if d := Values([]any{nil, nil}, nil); len(d.Data) != 0 {
		t.Errorf("nils show %v", d.Data)
	}
	if d := Values([]any{htmler{}, nil}, nil); d.Data[MIMETypeHTML] != "<b>me</b>" {
		t.Errorf("a renderable value beside a nil error: %v", d.Data)
	}
	r := strings.NewReader("stays")
	if Values([]any{r}, nil); r.Len() != 5 {
		t.Error("a reader was read")
	}
}

func TestPlot(t *testing.T) {
	p := plot.New()
	p.Title.Text = "Loss"
	line, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 1}, {X: 1, Y: 0}})
	if err != nil {
		t.Fatal(err)
	}
	p.Add(line)
	d := Auto(p)
	c, err := png.DecodeConfig(bytes.NewReader(d.Data[MIMETypePNG].([]byte)))
	if err != nil || c.Width != 1152 || c.Height != 768 {
		t.Errorf("PNG is %d x %d, %v", c.Width, c.Height, err)
	}
	size := d.Metadata[MIMETypePNG].(MIMEMap)
	if size["width"] != 576 || size["height"] != 384 {
		t.Errorf("shown as %v", size)
	}
	if svg, _ := d.Data[MIMETypeSVG].(string); !strings.Contains(svg, "Times New Roman") {
		t.Error("a small plot has no SVG with fonts that browsers have")
	}
	if d.Data[MIMETypeText] != "plot: Loss" {
		t.Errorf("text %q", d.Data[MIMETypeText])
	}

	points := make(plotter.XYs, 1000)
	scatter, err := plotter.NewScatter(points)
	if err != nil {
		t.Fatal(err)
	}
	p.Add(scatter)
	if _, ok := Auto(p).Data[MIMETypeSVG]; ok {
		t.Error("a large plot has an SVG")
	}

	p.Y.Scale = plot.LogScale{} // panics at 0
	if err := failureOf(Auto(p)); err == nil {
		t.Error("a plot that cannot be drawn is not reported")
	}
}

func TestMatrix(t *testing.T) {
	d := Auto(mat.NewDense(2, 2, []float64{1, 0.1 + 0.2, -3, 4e10}))
	want := strings.Join([]string{
		"    0      1",
		"-  --  -----",
		"0   1    0.3",
		"1  -3  4e+10",
		"2 x 2",
	}, "\n")
	if d.Data[MIMETypeText] != want {
		t.Errorf("text\n%s\nwant\n%s", d.Data[MIMETypeText], want)
	}
	if h := d.Data[MIMETypeHTML].(string); !strings.Contains(h, `<td style="text-align:right">0.3</td>`) {
		t.Errorf("HTML %s", h)
	}
	bound(t, Auto(mat.NewDense(1000, 1000, nil)))
	bound(t, Auto(mat.NewVecDense(1e6, nil)))
}

func TestStructs(t *testing.T) {
	type run struct {
		Name   string
		Loss   float64
		hidden int
		Tags   []string
	}
	d := Auto([]run{{"a<b", 1.0 / 3, 1, []string{"x"}}, {"long\nname", 12, 2, nil}})
	want := strings.Join([]string{
		"   Name           Loss  Tags",
		"-  ---------  --------  ----",
		"0  a<b        0.333333  [x]",
		"1  long name        12  []",
	}, "\n")
	if d.Data[MIMETypeText] != want {
		t.Errorf("text\n%s\nwant\n%s", d.Data[MIMETypeText], want)
	}
	if h := d.Data[MIMETypeHTML].(string); !strings.Contains(h, "a&lt;b") || strings.Contains(h, "hidden") {
		t.Errorf("HTML %s", h)
	}
	if d := Auto([]*point{{1, 2}, nil}); d.Data[MIMETypeHTML] == nil {
		t.Error("pointers to structs are no table")
	}
	many := make([]run, 1e6)
	for i := range many {
		many[i].Name = strings.Repeat("é", 100)
	}
	d = Auto(many)
	bound(t, d)
	if text := d.Data[MIMETypeText].(string); !strings.Contains(text, "1000000 rows") || !strings.Contains(text, "999999") {
		t.Errorf("elided table does not show its end:\n%s", text)
	}
}

// bound checks that a value nobody promised to be small stays under 10 KB.
func bound(t *testing.T, d Data) {
	t.Helper()
	size := 0
	for _, v := range d.Data {
		size += len(v.(string))
	}
	if size > 10_000 {
		t.Errorf("takes %d bytes", size)
	}
}

func TestTable(t *testing.T) {
	d := Table([]string{"space", "validity"}, [][]any{{"nasbench201", 98.25}, {"darts"}, {"<x>", 7, "extra"}})
	want := strings.Join([]string{
		"space        validity",
		"-----------  --------  -----",
		"nasbench201     98.25",
		"darts",
		"<x>                 7  extra",
	}, "\n")
	if d.Data[MIMETypeText] != want {
		t.Errorf("text\n%s\nwant\n%s", d.Data[MIMETypeText], want)
	}
	if h := d.Data[MIMETypeHTML].(string); strings.Contains(h, "<x>") || strings.Count(h, "<tr>") != 4 {
		t.Errorf("HTML %s", h)
	}
	if Table(nil, nil).Data[MIMETypeHTML] == nil {
		t.Error("empty table")
	}
}
