package notebook

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
)

// escape sequences: SGR (colours) captured, all others dropped.
var escapes = regexp.MustCompile(`\x1b(?:\[([0-9;]*)m|\[[0-9;?]*[A-Za-ln-z]|\][^\x07\x1b]*(?:\x07|\x1b\\))`)

// ansiHTML turns a terminal's text into HTML: escaped, with colours, bold,
// italics and underlines as spans, and lines overwritten after a carriage
// return.
func ansiHTML(s string) string {
	s = overwrite(s)
	var out strings.Builder
	var style sgr
	last := 0
	write := func(text string) {
		if text == "" {
			return
		}
		if class := style.class(); class != "" {
			fmt.Fprintf(&out, `<span class="%s">%s</span>`, class, html.EscapeString(text))
		} else {
			out.WriteString(html.EscapeString(text))
		}
	}
	for _, m := range escapes.FindAllStringSubmatchIndex(s, -1) {
		write(s[last:m[0]])
		last = m[1]
		if m[2] >= 0 {
			style.apply(s[m[2]:m[3]])
		}
	}
	write(s[last:])
	return out.String()
}

// stripANSI removes escape sequences.
func stripANSI(s string) string { return escapes.ReplaceAllString(s, "") }

// sgr is the state of Select Graphic Rendition (ECMA-48) in the 16 colours.
type sgr struct {
	bold, italic, underline bool
	fore, back              int // 1 + colour 0..15, 0 for none
}

func (s *sgr) apply(codes string) {
	list := strings.Split(codes, ";")
	for i := 0; i < len(list); i++ {
		n, _ := strconv.Atoi(list[i])
		switch {
		case n == 0:
			*s = sgr{}
		case n == 1:
			s.bold = true
		case n == 3:
			s.italic = true
		case n == 4:
			s.underline = true
		case n == 22:
			s.bold = false
		case n == 23:
			s.italic = false
		case n == 24:
			s.underline = false
		case n >= 30 && n <= 37:
			s.fore = 1 + n - 30
		case n >= 90 && n <= 97:
			s.fore = 1 + n - 90 + 8
		case n == 39:
			s.fore = 0
		case n >= 40 && n <= 47:
			s.back = 1 + n - 40
		case n >= 100 && n <= 107:
			s.back = 1 + n - 100 + 8
		case n == 49:
			s.back = 0
		case n == 38 || n == 48: // 256 colours or RGB: only the first 16 are kept
			if i+2 < len(list) && list[i+1] == "5" {
				if c, _ := strconv.Atoi(list[i+2]); c < 16 {
					if n == 38 {
						s.fore = 1 + c
					} else {
						s.back = 1 + c
					}
				}
				i += 2
			} else {
				i += 4
			}
		}
	}
}

func (s *sgr) class() string {
	var classes []string
	if s.bold {
		classes = append(classes, "ansi-bold")
	}
	if s.italic {
		classes = append(classes, "ansi-italic")
	}
	if s.underline {
		classes = append(classes, "ansi-underline")
	}
	if s.fore > 0 {
		classes = append(classes, fmt.Sprintf("ansi-%d", s.fore-1))
	}
	if s.back > 0 {
		classes = append(classes, fmt.Sprintf("ansi-bg-%d", s.back-1))
	}
	return strings.Join(classes, " ")
}
