package notebook

import (
	"bytes"
	"encoding/base64"
	"html"
	"mime"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	markdownhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// converter turns a notebook's Markdown and code into HTML.
type converter struct {
	markdown goldmark.Markdown
	dir      string // where pictures that Markdown links to are, or ""
}

func newConverter(dir string) *converter {
	return &converter{dir: dir, markdown: goldmark.New(
		goldmark.WithExtensions(extension.GFM, mathExtension{}, codeExtension{}),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		// A notebook's Markdown may hold HTML, which Jupyter shows as such.
		goldmark.WithRendererOptions(markdownhtml.WithUnsafe()),
	)}
}

// toHTML converts source; attachments are the cell's.
func (c *converter) toHTML(source string, attachments map[string]map[string]any) string {
	b := []byte(source)
	doc := c.markdown.Parser().Parse(text.NewReader(b))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if picture, ok := n.(*ast.Image); ok && entering {
			if uri := c.dataURI(string(picture.Destination), attachments); uri != "" {
				picture.Destination = []byte(uri)
			}
		}
		return ast.WalkContinue, nil
	})
	var out bytes.Buffer
	if err := c.markdown.Renderer().Render(&out, b, doc); err != nil {
		return "<pre>" + html.EscapeString(source) + "</pre>"
	}
	return out.String()
}

// dataURI embeds a picture that is attached to the cell or lies beside the
// notebook, for the page to need no other file; "" leaves the link as it is.
func (c *converter) dataURI(link string, attachments map[string]map[string]any) string {
	if name, ok := strings.CutPrefix(link, "attachment:"); ok {
		if decoded, err := url.PathUnescape(name); err == nil {
			name = decoded
		}
		for kind, data := range attachments[name] {
			if s, ok := data.(string); ok {
				return "data:" + kind + ";base64," + strings.Join(strings.Fields(s), "")
			}
		}
		return ""
	}
	u, err := url.Parse(link)
	kind := mime.TypeByExtension(filepath.Ext(link))
	if c.dir == "" || err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(kind, "image/") || !filepath.IsLocal(u.Path) {
		return ""
	}
	b, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(u.Path)))
	if err != nil {
		return ""
	}
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(b)
}

// codeExtension highlights fenced code.
type codeExtension struct{}

func (codeExtension) Extend(m goldmark.Markdown) {
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(codeExtension{}, 90)))
}

func (codeExtension) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			block := n.(*ast.FencedCodeBlock)
			_, _ = w.WriteString(highlight(string(block.Lines().Value(source)), string(block.Language(source))))
		}
		return ast.WalkSkipChildren, nil
	})
}
