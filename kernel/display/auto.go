package display

import (
	"bytes"
	"errors"
	"fmt"
	"go/types"
	"image"
	"io"
	"maps"
	"net/http"
	"reflect"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"

	"arch2vec/native/cell"
)

// A type that has one of these methods shows itself; it need not import this
// package for it, as they are aliases. One type may have several.
type (
	Renderer       = interface{ Render() Data }
	SimpleRenderer = interface{ SimpleRender() MIMEMap }
	HTMLer         = interface{ HTML() string }
	JavaScripter   = interface{ JavaScript() string }
	JPEGer         = interface{ JPEG() []byte }
	JSONer         = interface{ JSON() map[string]interface{} }
	Latexer        = interface{ Latex() string }
	Markdowner     = interface{ Markdown() string }
	PNGer          = interface{ PNG() []byte }
	PDFer          = interface{ PDF() []byte }
	SVGer          = interface{ SVG() string }
)

// Auto shows any value in the best way known:
//   - Data as it is, and values with a method of a [Renderer] or its siblings
//     as that method says;
//   - image.Image, *plot.Plot and cells of a search space drawn;
//   - mat.Matrix and slices of structs as tables;
//   - []byte, io.Reader and io.WriterTo by their content, such as a picture;
//   - everything else as [Text].
//
// The text/plain form is always there, and bounded.
func Auto(data interface{}) Data { return Any("", data) }

// Any is [Auto], with the MIME type of strings and bytes given; an empty
// mimeType is detected.
func Any(mimeType string, data interface{}) Data {
	if d, ok := rich(data, nil); ok {
		return d
	}
	switch x := data.(type) {
	case string:
		if mimeType == "" || mimeType == MIMETypeText {
			return Data{Data: MIMEMap{MIMETypeText: x}}
		}
		return MakeData(mimeType, x)
	case []byte:
		return content(mimeType, x)
	case io.Reader:
		b, err := io.ReadAll(x)
		if err != nil {
			return failure(fmt.Errorf("display: read %T: %w", x, err))
		}
		return content(mimeType, b)
	case io.WriterTo:
		var buf bytes.Buffer
		if _, err := x.WriteTo(&buf); err != nil {
			return failure(fmt.Errorf("display: write %T: %w", x, err))
		}
		return content(mimeType, buf.Bytes())
	}
	text := Text(data)
	if mimeType == "" || mimeType == MIMETypeText {
		return Data{Data: MIMEMap{MIMETypeText: text}}
	}
	return MakeData3(mimeType, text, data)
}

// Values shows what a cell's last line evaluates to. One value that can show
// itself does, even beside nils such as a nil error; other values print side by
// side as fmt.Sprint would; nils only are the empty Data, which shows nothing.
// Where types is not nil it holds the Go type of each value, as in [TextAs].
// Readers are not read.
func Values(values []interface{}, kinds []types.Type) Data {
	kind := func(i int) types.Type {
		if i < len(kinds) {
			return kinds[i]
		}
		return nil
	}
	nils, last := 0, -1
	for i, v := range values {
		if v == nil {
			nils++
		} else {
			last = i
		}
	}
	if last < 0 {
		return Data{}
	}
	if nils == len(values)-1 {
		if d, ok := rich(values[last], kind(last)); ok {
			return d
		}
	}
	var text strings.Builder
	for i, v := range values {
		if i > 0 && !isString(v) && !isString(values[i-1]) {
			text.WriteByte(' ')
		}
		text.WriteString(TextAs(v, kind(i)))
	}
	return Data{Data: MIMEMap{MIMETypeText: text.String()}}
}

func isString(v any) bool {
	return v != nil && reflect.TypeOf(v).Kind() == reflect.String
}

// content shows b in the type given, or in the one its first bytes tell.
func content(mimeType string, b []byte) Data {
	if mimeType == "" {
		mimeType, _, _ = strings.Cut(http.DetectContentType(b), ";")
		if mimeType == "text/xml" && bytes.Contains(b[:min(len(b), 1024)], []byte("<svg")) {
			mimeType = MIMETypeSVG
		}
		if start := bytes.TrimSpace(b); bytes.HasPrefix(start, []byte("<svg")) {
			mimeType = MIMETypeSVG
		}
	}
	switch {
	case mimeType == MIMETypeText:
		return Data{Data: MIMEMap{MIMETypeText: string(b)}}
	case strings.HasPrefix(mimeType, "text/"), mimeType == MIMETypeSVG, mimeType == MIMETypeJavaScript:
		return MakeData(mimeType, string(b))
	}
	return MakeData(mimeType, b)
}

// rich returns how v shows itself or is drawn; false when it has only text. A
// panic in one of v's methods becomes a failure: the code is the user's.
func rich(v any, t types.Type) (d Data, ok bool) {
	if v == nil {
		return Data{}, false
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
		return Data{}, false
	}
	defer func() {
		if r := recover(); r != nil {
			d, ok = failure(fmt.Errorf("display: showing a %T panicked: %v", v, r)), true
		}
	}()
	d, ok = rendered(v)
	if !ok {
		switch x := v.(type) {
		case image.Image:
			return Image(x), true
		case *plot.Plot:
			return Plot(x, 0, 0), true
		case mat.Matrix:
			return matrix(x), true
		case cell.Cell:
			return cells([]cell.Cell{x}), true
		case []cell.Cell:
			if len(x) > 0 {
				return cells(x), true
			}
		}
		return structs(v, t)
	}
	if _, has := d.Data[MIMETypeText]; !has && failureOf(d) == nil {
		d.Data = maps.Clone(d.Data)
		if d.Data == nil {
			return failure(errors.New("display: nothing to show: the Data is empty")), true
		}
		d.Data[MIMETypeText] = TextAs(v, t)
	}
	return d, true
}

// rendered collects what v's own methods give.
func rendered(v any) (Data, bool) {
	switch x := v.(type) {
	case Data:
		if len(x.Data) == 0 {
			return x, true
		}
		if _, has := x.Data[MIMETypeText]; !has {
			x.Data = maps.Clone(x.Data)
			x.Data[MIMETypeText] = describe(x.Data)
		}
		return x, true
	case *Data:
		return rendered(*x)
	}
	var d Data
	found := false
	add := func(mime string, value any) {
		found = true
		if d.Data == nil {
			d.Data = MIMEMap{}
		}
		d.Data[mime] = value
	}
	if x, ok := v.(Renderer); ok {
		r := x.Render()
		d = Data{Data: maps.Clone(r.Data), Metadata: maps.Clone(r.Metadata), Transient: maps.Clone(r.Transient)}
		found = true
	}
	if x, ok := v.(SimpleRenderer); ok {
		for mime, value := range x.SimpleRender() {
			add(mime, value)
		}
	}
	if x, ok := v.(HTMLer); ok {
		add(MIMETypeHTML, x.HTML())
	}
	if x, ok := v.(JavaScripter); ok {
		add(MIMETypeJavaScript, x.JavaScript())
	}
	if x, ok := v.(JPEGer); ok {
		add(MIMETypeJPEG, x.JPEG())
	}
	if x, ok := v.(JSONer); ok {
		add(MIMETypeJSON, x.JSON())
	}
	if x, ok := v.(Latexer); ok {
		add(MIMETypeLatex, x.Latex())
	}
	if x, ok := v.(Markdowner); ok {
		add(MIMETypeMarkdown, x.Markdown())
	}
	if x, ok := v.(PNGer); ok {
		add(MIMETypePNG, x.PNG())
	}
	if x, ok := v.(PDFer); ok {
		add(MIMETypePDF, x.PDF())
	}
	if x, ok := v.(SVGer); ok {
		add(MIMETypeSVG, x.SVG())
	}
	return d, found
}
