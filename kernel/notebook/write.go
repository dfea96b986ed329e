package notebook

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"arch2vec/native/aside"
)

// Save writes the notebook to path: into a new file beside it that then takes
// its place, so that no failure leaves half a notebook.
func (n *Notebook) Save(path string) error {
	return writeFile(path, n.Write())
}

// Write encodes the notebook exactly as Jupyter does (keys sorted, indented by
// one space, text as lists of lines, a final newline), so that a notebook read
// and written again differs in nothing.
func (n *Notebook) Write() []byte {
	raw := maps.Clone(n.extra)
	if raw == nil {
		raw = map[string]any{}
	}
	cells := make([]any, len(n.Cells))
	for i, c := range n.Cells {
		cells[i] = c.raw(n.Minor)
	}
	raw["cells"] = cells
	raw["metadata"] = orEmpty(n.Metadata)
	raw["nbformat"] = major
	raw["nbformat_minor"] = n.Minor
	return append(appendJSON(nil, raw, 0), '\n')
}

func (c *Cell) raw(minor int) map[string]any {
	raw := maps.Clone(c.extra)
	if raw == nil {
		raw = map[string]any{}
	}
	raw["cell_type"] = string(c.Type)
	raw["metadata"] = orEmpty(c.Metadata)
	raw["source"] = splitLines(c.Source)
	if c.ID != "" && minor >= latestMinor {
		raw["id"] = c.ID
	}
	if c.Attachments != nil {
		attachments := map[string]any{}
		for name, data := range c.Attachments {
			attachments[name] = split(data)
		}
		raw["attachments"] = attachments
	}
	if c.Type == Code {
		outputs := make([]any, len(c.Outputs))
		for i, o := range c.Outputs {
			outputs[i] = o.raw()
		}
		raw["outputs"] = outputs
		raw["execution_count"] = orNull(c.ExecutionCount)
	}
	return raw
}

func (o *Output) raw() map[string]any {
	raw := maps.Clone(o.extra)
	if raw == nil {
		raw = map[string]any{}
	}
	raw["output_type"] = string(o.Type)
	switch o.Type {
	case Stream:
		raw["name"], raw["text"] = o.Name, splitLines(o.Text)
	case DisplayData, ExecuteResult:
		raw["data"], raw["metadata"] = split(o.Data), orEmpty(o.Metadata)
		if o.Type == ExecuteResult {
			raw["execution_count"] = orNull(o.ExecutionCount)
		}
	case ErrorOutput:
		traceback := make([]any, len(o.Traceback))
		for i, line := range o.Traceback {
			traceback[i] = line
		}
		raw["ename"], raw["evalue"], raw["traceback"] = o.EName, o.EValue, traceback
	}
	return raw
}

// split turns the text of a MIME bundle into lists of lines.
func split(data map[string]any) map[string]any {
	out := make(map[string]any, len(data))
	for mime, v := range data {
		if s, ok := v.(string); ok && isText(mime) {
			v = splitLines(s)
		}
		out[mime] = v
	}
	return out
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func orNull(count int) any {
	if count == 0 {
		return nil
	}
	return count
}

// appendJSON encodes v as Python's json.dumps(v, indent=1, sort_keys=True,
// ensure_ascii=False) does; encoding/json escapes and indents otherwise.
func appendJSON(b []byte, v any, depth int) []byte {
	newline := func(b []byte, depth int) []byte {
		b = append(b, '\n')
		for range depth {
			b = append(b, ' ')
		}
		return b
	}
	switch x := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, x)
	case string:
		return appendString(b, x)
	case int:
		return strconv.AppendInt(b, int64(x), 10)
	case json.Number:
		return append(b, x...)
	case []any:
		if len(x) == 0 {
			return append(b, "[]"...)
		}
		b = append(b, '[')
		for i, item := range x {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(newline(b, depth+1), item, depth+1)
		}
		return append(newline(b, depth), ']')
	case map[string]any:
		if len(x) == 0 {
			return append(b, "{}"...)
		}
		b = append(b, '{')
		for i, key := range slices.Sorted(maps.Keys(x)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(newline(b, depth+1), key)
			b = append(b, ": "...)
			b = appendJSON(b, x[key], depth+1)
		}
		return append(newline(b, depth), '}')
	default:
		// Metadata that a program set with its own Go types.
		return appendJSON(b, plain(x), depth)
	}
}

// plain turns any Go value into the types that JSON decodes to; what JSON
// cannot hold becomes its text.
func plain(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	out, err := decodeAny(b)
	if err != nil {
		return fmt.Sprint(v)
	}
	return out
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '\b':
			b = append(b, `\b`...)
		case c == '\f':
			b = append(b, `\f`...)
		case c < 0x20:
			b = fmt.Appendf(b, `\u%04x`, c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// writeFile replaces the file at path by one with the given content.
func writeFile(path string, content []byte) error {
	if err := aside.WriteBytes(path, 0o644, content); err != nil {
		return fmt.Errorf("notebook: %w", err)
	}
	return nil
}
