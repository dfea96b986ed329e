package notebook

import (
	_ "embed"
	"fmt"
	"html"
	"strings"
)

//go:embed page.css
var pageCSS string

// HTMLOptions of [Notebook.HTML].
type HTMLOptions struct {
	Title string // of the page; otherwise the notebook's first heading
	Dir   string // the notebook's folder, for pictures that its Markdown links to
}

// HTML returns the notebook as a page that needs no other file and no script:
// formulas are MathML, pictures data URIs or inline SVG, code is highlighted,
// and colours follow the reader's light or dark setting. HTML in the notebook's
// Markdown and outputs goes into the page as it is, as in Jupyter; all other
// text is escaped.
func (n *Notebook) HTML(o HTMLOptions) []byte {
	title := o.Title
	if title == "" {
		title = n.title()
	}
	if title == "" {
		title = "Notebook"
	}
	c := newConverter(o.Dir)
	var b strings.Builder
	fmt.Fprintf(&b, `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="arch2vec">
<title>%s</title>
<style>
%s
%s</style>
</head>
<body>
<main>
`, html.EscapeString(title), strings.TrimSpace(pageCSS), highlightCSS())
	for _, cell := range n.Cells {
		c.cell(&b, cell)
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	return []byte(b.String())
}

// SaveHTML writes [Notebook.HTML] to path, whole or not at all.
func (n *Notebook) SaveHTML(path string, o HTMLOptions) error {
	return writeFile(path, n.HTML(o))
}

// cell writes one cell; the tags remove-cell, remove-input and remove-output
// hide what they name, as in nbconvert.
func (c *converter) cell(b *strings.Builder, cell *Cell) {
	if cell.tagged("remove-cell") || strings.TrimSpace(cell.Source) == "" && len(cell.Outputs) == 0 {
		return
	}
	switch cell.Type {
	case Markdown:
		b.WriteString("<section class=\"cell markdown\">\n" + c.toHTML(cell.Source, cell.Attachments) + "</section>\n")
	case Raw:
		b.WriteString("<section class=\"cell raw\">\n<pre>" + html.EscapeString(cell.Source) + "</pre>\n</section>\n")
	case Code:
		b.WriteString("<section class=\"cell code\">\n")
		if !cell.tagged("remove-input") {
			count := " "
			if cell.ExecutionCount > 0 {
				count = fmt.Sprint(cell.ExecutionCount)
			}
			fmt.Fprintf(b, "<div class=\"input\"><span class=\"count\">[%s]</span>%s</div>\n", count, strings.TrimSpace(highlight(cell.Source, "go")))
		}
		if !cell.tagged("remove-output") {
			for _, o := range cell.Outputs {
				c.output(b, o)
			}
		}
		b.WriteString("</section>\n")
	}
}

func (c *converter) output(b *strings.Builder, o *Output) {
	switch o.Type {
	case Stream:
		fmt.Fprintf(b, "<pre class=\"output stream %s\">%s</pre>\n", html.EscapeString(o.Name), ansiHTML(strings.TrimRight(o.Text, "\n")))
	case ErrorOutput:
		text := strings.Join(o.Traceback, "\n")
		if strings.TrimSpace(text) == "" {
			text = o.EName + ": " + o.EValue
		}
		fmt.Fprintf(b, "<pre class=\"output error\">%s</pre>\n", ansiHTML(strings.TrimRight(text, "\n")))
	default:
		b.WriteString("<div class=\"output\">\n" + c.bundle(o) + "\n</div>\n")
	}
}

// bundle shows the richest form that a page without scripts can.
func (c *converter) bundle(o *Output) string {
	get := func(mime string) (string, bool) {
		s, ok := o.Data[mime].(string)
		return s, ok && s != ""
	}
	if s, ok := get("text/html"); ok {
		return s
	}
	if s, ok := get("image/svg+xml"); ok {
		// Inside HTML an SVG has neither XML declaration nor document type.
		if i := strings.Index(s, "<svg"); i >= 0 {
			return `<div class="picture">` + s[i:] + "</div>"
		}
	}
	for _, mime := range []string{"image/png", "image/jpeg", "image/gif", "image/webp"} {
		if s, ok := get(mime); ok {
			return c.picture(o, mime, s)
		}
	}
	if s, ok := get("text/markdown"); ok {
		return c.toHTML(s, nil)
	}
	if s, ok := get("text/latex"); ok {
		return c.toHTML(s, nil)
	}
	if v, ok := o.Data["application/json"]; ok {
		return `<pre>` + html.EscapeString(string(appendJSON(nil, v, 0))) + "</pre>"
	}
	if s, ok := get("text/plain"); ok {
		return "<pre>" + ansiHTML(s) + "</pre>"
	}
	return ""
}

// picture is base64 data in the size that the metadata gives.
func (c *converter) picture(o *Output, mime, data string) string {
	alt, _ := o.Data["text/plain"].(string)
	size := ""
	if m, ok := o.Metadata[mime].(map[string]any); ok {
		for _, key := range []string{"width", "height"} {
			if v := fmt.Sprint(m[key]); m[key] != nil {
				size += fmt.Sprintf(` %s="%s"`, key, html.EscapeString(v))
			}
		}
	}
	return fmt.Sprintf(`<img alt="%s"%s src="data:%s;base64,%s">`,
		html.EscapeString(alt), size, mime, html.EscapeString(strings.Join(strings.Fields(data), "")))
}
