package notebook

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

var pictureTypes = []struct{ mime, extension string }{
	{"image/png", ".png"},
	{"image/jpeg", ".jpg"},
	{"image/gif", ".gif"},
	{"image/webp", ".webp"},
	{"image/svg+xml", ".svg"},
	{"application/pdf", ".pdf"},
}

// ExtractImages writes every picture among the outputs into dir, which is made
// when it is not there, and returns the files' paths. They are named by number
// and the heading above the cell, such as 03-training-loss.png; where an output
// has both a PNG and an SVG, both are written.
func (n *Notebook) ExtractImages(dir string) ([]string, error) {
	var files []string
	number, above := 0, ""
	for _, c := range n.Cells {
		if h := heading(c.Source); c.Type == Markdown && h != "" {
			above = slug(h)
		}
		for _, o := range c.Outputs {
			first := true
			for _, t := range pictureTypes {
				s, ok := o.Data[t.mime].(string)
				if !ok {
					continue
				}
				content, err := pictureBytes(t.mime, s)
				if err != nil {
					return files, fmt.Errorf("notebook: picture of code cell [%d]: %w", c.ExecutionCount, err)
				}
				if first {
					number++
					first = false
				}
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return files, fmt.Errorf("notebook: extract pictures: %w", err)
				}
				name := fmt.Sprintf("%02d", number)
				if above != "" {
					name += "-" + above
				}
				path := filepath.Join(dir, name+t.extension)
				if err := writeFile(path, content); err != nil {
					return files, err
				}
				files = append(files, path)
			}
		}
	}
	return files, nil
}

func pictureBytes(mime, s string) ([]byte, error) {
	if mime == "image/svg+xml" {
		return []byte(s), nil
	}
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		return nil, fmt.Errorf("%s is not base64: %w", mime, err)
	}
	return b, nil
}

// slug makes a file name of a heading: lower-case words and hyphens.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	words := strings.Trim(b.String(), "-")
	if r := []rune(words); len(r) > 40 {
		words = strings.Trim(string(r[:40]), "-")
	}
	return words
}
