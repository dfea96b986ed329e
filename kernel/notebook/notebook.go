package notebook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"regexp"
	"strings"
)

// The version of the format that Upgrade gives.
const (
	major       = 4
	latestMinor = 5 // the first with cell ids
)

// Notebook is a document of cells.
type Notebook struct {
	Cells    []*Cell
	Metadata map[string]any // kernelspec, language_info and whatever tools add
	Minor    int            // the format is 4.Minor

	extra map[string]any // unknown fields, kept
}

// CellType is what a cell holds.
type CellType string

// The types of cells.
const (
	Code     CellType = "code"
	Markdown CellType = "markdown"
	Raw      CellType = "raw"
)

// Cell is one cell.
type Cell struct {
	ID       string // since format 4.5; unique in the notebook
	Type     CellType
	Source   string
	Metadata map[string]any
	// Attachments of a Markdown cell: file name to MIME bundle.
	Attachments map[string]map[string]any

	// Of a code cell:
	Outputs        []*Output
	ExecutionCount int // 0: never run

	extra map[string]any
}

// OutputType is what an output holds.
type OutputType string

// The types of outputs; each has the fields named beside it.
const (
	Stream        OutputType = "stream"         // Name, Text
	DisplayData   OutputType = "display_data"   // Data, Metadata
	ExecuteResult OutputType = "execute_result" // Data, Metadata, ExecutionCount
	ErrorOutput   OutputType = "error"          // EName, EValue, Traceback
)

// Output is one output of a code cell.
type Output struct {
	Type OutputType

	Name string // "stdout" or "stderr"
	Text string

	// Data maps MIME types to strings, binary ones in base64; JSON types to any
	// JSON value.
	Data           map[string]any
	Metadata       map[string]any
	ExecutionCount int

	EName, EValue string
	Traceback     []string

	extra map[string]any
}

// New returns an empty notebook in the latest format, for the arch2vec kernel.
func New() *Notebook {
	return &Notebook{
		Minor: latestMinor,
		Metadata: map[string]any{
			"kernelspec": map[string]any{
				"display_name": "Go (arch2vec)",
				"language":     "go",
				"name":         "arch2vec",
			},
			"language_info": languageInfo(),
		},
	}
}

// languageInfo tells front ends without a kernel how to show the source.
func languageInfo() map[string]any {
	return map[string]any{"file_extension": ".go", "mimetype": "text/x-go", "name": "go"}
}

// Add appends a cell and returns it.
func (n *Notebook) Add(kind CellType, source string) *Cell {
	c := &Cell{Type: kind, Source: source, Metadata: map[string]any{}}
	n.Cells = append(n.Cells, c)
	n.identify()
	return c
}

// Upgrade brings the notebook to the latest minor version, giving ids to cells
// that have none. They are derived from place and source, so that upgrading the
// same file twice gives the same file.
func (n *Notebook) Upgrade() {
	n.Minor = max(n.Minor, latestMinor)
	n.identify()
}

// identify gives an id to every cell that has none of its own.
func (n *Notebook) identify() {
	if n.Minor < latestMinor {
		return
	}
	taken := map[string]bool{}
	for i, c := range n.Cells {
		for salt := 0; !validID(c.ID) || taken[c.ID]; salt++ {
			sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d/%s", i, salt, c.Source))
			c.ID = hex.EncodeToString(sum[:4])
		}
		taken[c.ID] = true
	}
}

// validID is the format's rule: 1 to 64 letters, digits, hyphens, underscores.
func validID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	return strings.IndexFunc(id, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}) < 0
}

// ClearOutputs forgets all outputs and execution counts.
func (n *Notebook) ClearOutputs() {
	for _, c := range n.Cells {
		c.Outputs, c.ExecutionCount = nil, 0
	}
}

// tagged tells whether the cell's metadata lists a tag.
func (c *Cell) tagged(tag string) bool {
	tags, _ := c.Metadata["tags"].([]any)
	for _, t := range tags {
		if t == tag {
			return true
		}
	}
	return false
}

// title is the first Markdown heading, or "".
func (n *Notebook) title() string {
	for _, c := range n.Cells {
		if c.Type != Markdown {
			continue
		}
		if h := heading(c.Source); h != "" {
			return h
		}
	}
	return ""
}

var htmlHeading = regexp.MustCompile(`<h[1-6][^>]*>([^<]+)</h`)

// heading is the first heading in Markdown source, without its marks.
func heading(source string) string {
	fenced := false
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if fenced {
			continue
		}
		if text := strings.TrimLeft(line, "#"); text != line && strings.HasPrefix(text, " ") {
			return strings.TrimSpace(strings.NewReplacer("*", "", "`", "").Replace(text))
		}
		if m := htmlHeading.FindStringSubmatch(line); m != nil {
			return strings.TrimSpace(html.UnescapeString(m[1]))
		}
	}
	return ""
}
