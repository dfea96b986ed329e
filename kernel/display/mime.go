package display

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"os"
	"slices"
	"strings"
)

// MakeData returns data under mimeType, with a text/plain form beside it: data
// as fmt prints it, or a description where data is binary.
func MakeData(mimeType string, data interface{}) Data {
	d := Data{Data: MIMEMap{mimeType: data}}
	if mimeType != MIMETypeText {
		if b, ok := data.([]byte); ok {
			d.Data[MIMETypeText] = describeBytes(mimeType, b)
		} else {
			d.Data[MIMETypeText] = fmt.Sprint(data)
		}
	}
	return d
}

// MakeData3 returns data under mimeType with plaintext beside it.
func MakeData3(mimeType string, plaintext string, data interface{}) Data {
	return Data{Data: MIMEMap{MIMETypeText: plaintext, mimeType: data}}
}

// MIME returns a bundle of the given representations, and the metadata that a
// front end expects for them.
func MIME(data, metadata MIMEMap) Data {
	return Data{Data: data, Metadata: metadata}
}

// File returns the contents of a file; an empty mimeType is detected. Where the
// file cannot be read, the Data says so, and Display of it fails.
func File(mimeType string, path string) Data {
	b, err := os.ReadFile(path)
	if err != nil {
		return failure(fmt.Errorf("display: %w", err))
	}
	return Any(mimeType, b)
}

// HTML shows a piece of HTML.
func HTML(html string) Data { return MakeData(MIMETypeHTML, html) }

// JavaScript runs a program in the browser.
func JavaScript(javascript string) Data { return MakeData(MIMETypeJavaScript, javascript) }

// JPEG shows an encoded JPEG picture.
func JPEG(jpeg []byte) Data { return MakeData(MIMETypeJPEG, jpeg) }

// JSON shows a value that the browser unfolds.
func JSON(json map[string]interface{}) Data { return MakeData(MIMETypeJSON, json) }

// Latex shows an inline formula, given with or without its dollar signs.
func Latex(latex string) Data {
	return MakeData3(MIMETypeLatex, latex, "$"+strings.Trim(latex, "$")+"$")
}

// Math shows a formula on a line of its own.
func Math(latex string) Data {
	return MakeData3(MIMETypeLatex, latex, "$$"+strings.Trim(latex, "$")+"$$")
}

// Markdown shows formatted text, formulas included.
func Markdown(markdown string) Data { return MakeData(MIMETypeMarkdown, markdown) }

// PDF offers a PDF document.
func PDF(pdf []byte) Data { return MakeData(MIMETypePDF, pdf) }

// PNG shows an encoded PNG picture.
func PNG(png []byte) Data { return MakeData(MIMETypePNG, png) }

// SVG shows a drawing.
func SVG(svg string) Data { return MakeData(MIMETypeSVG, svg) }

// Image shows img as a PNG picture in its own size.
func Image(img image.Image) Data {
	if img == nil {
		return failure(errors.New("display: Image: the image is nil"))
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		return failure(fmt.Errorf("display: Image: %w", err))
	}
	size := img.Bounds()
	return Data{
		Data: MIMEMap{
			MIMETypePNG:  buf.Bytes(),
			MIMETypeText: fmt.Sprintf("image, %d x %d", size.Dx(), size.Dy()),
		},
		Metadata: MIMEMap{
			MIMETypePNG: MIMEMap{"width": size.Dx(), "height": size.Dy()},
		},
	}
}

// errorKey marks in a Data's metadata that making it failed: the functions
// above return no error, so that Display can.
const errorKey = "error"

func failure(err error) Data {
	return Data{
		Data:     MIMEMap{MIMETypeText: err.Error()},
		Metadata: MIMEMap{errorKey: err.Error()},
	}
}

func failureOf(d Data) error {
	if text, ok := d.Metadata[errorKey].(string); ok {
		return errors.New(text)
	}
	return nil
}

// describe names the representations of a bundle without text.
func describe(data MIMEMap) string {
	return "(" + strings.Join(slices.Sorted(maps.Keys(data)), ", ") + ")"
}

func describeBytes(mimeType string, b []byte) string {
	kind := map[string]string{
		MIMETypePNG:  "PNG image",
		MIMETypeJPEG: "JPEG image",
		MIMETypePDF:  "PDF document",
	}[mimeType]
	if kind == "" {
		kind = mimeType
	}
	if c, _, err := image.DecodeConfig(bytes.NewReader(b)); err == nil {
		return fmt.Sprintf("%s, %d x %d", kind, c.Width, c.Height)
	}
	return fmt.Sprintf("%s, %d bytes", kind, len(b))
}
