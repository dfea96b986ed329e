package display

// MIMEMap maps a MIME type to its representation: a string for textual types,
// []byte for binary ones (base64 on the wire), any JSON value for JSON types.
type MIMEMap = map[string]interface{}

// Data is one rich value: the same content in one or more MIME types, with the
// metadata and transient fields that Jupyter's display_data message carries.
// Its layout is that of gophernotes' display.Data, which notebooks rely on.
type Data struct {
	Data      MIMEMap
	Metadata  MIMEMap
	Transient MIMEMap
}

// The MIME types that front ends draw.
const (
	MIMETypeHTML       = "text/html"
	MIMETypeJavaScript = "application/javascript"
	MIMETypeJPEG       = "image/jpeg"
	MIMETypeJSON       = "application/json"
	MIMETypeLatex      = "text/latex"
	MIMETypeMarkdown   = "text/markdown"
	MIMETypePNG        = "image/png"
	MIMETypePDF        = "application/pdf"
	MIMETypeSVG        = "image/svg+xml"
	MIMETypeText       = "text/plain"
)

// Publisher receives what a program displays while it runs. The kernel's
// worker connects one that forwards to the front end; without one, Display
// prints the text/plain form to standard output, so that the same source also
// runs as a script or a compiled program.
type Publisher interface {
	// Publish shows d as new output; when update is true it replaces the
	// output whose Transient["display_id"] is the same.
	Publish(d Data, update bool) error
	// Clear erases the output of the running cell; with wait, only when the
	// next output arrives.
	Clear(wait bool) error
}
