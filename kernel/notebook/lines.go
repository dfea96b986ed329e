package notebook

import "strings"

// isJSON tells MIME types whose value is any JSON value instead of a string.
func isJSON(mime string) bool {
	return mime == "application/json" || strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json")
}

// isText tells MIME types that are written as a list of lines.
func isText(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == "application/javascript" || mime == "image/svg+xml"
}

// joined is a string, or the concatenation of a list of them.
func joined(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case []any:
		var b strings.Builder
		for _, line := range x {
			s, ok := line.(string)
			if !ok {
				return "", false
			}
			b.WriteString(s)
		}
		return b.String(), true
	}
	return "", false
}

// splitLines cuts s after its line ends, exactly where Python's
// str.splitlines(True) does, for files to differ only where notebooks do.
func splitLines(s string) []any {
	lines := []any{}
	start := 0
	for i, r := range s {
		end := i + len(string(r))
		switch r {
		case '\r':
			if strings.HasPrefix(s[end:], "\n") {
				continue
			}
		case '\n', '\v', '\f', '\x1c', '\x1d', '\x1e', '\u0085', '\u2028', '\u2029':
		default:
			continue
		}
		lines = append(lines, s[start:end])
		start = end
	}
	if start < len(s) {
		lines = append(lines, s[start:])
	}
	return lines
}
