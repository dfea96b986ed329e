package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// Open reads the notebook at path.
func Open(path string) (*Notebook, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	n, err := Read(b)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	return n, nil
}

// Read decodes a notebook of format 4. The error names the place of what is
// wrong: line and column where the JSON is broken, otherwise the field, such as
// cells[3].outputs[0].text. Cells of a 4.5 notebook that lack the id which it
// requires get one.
func Read(b []byte) (*Notebook, error) {
	raw, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	var d decoder
	n := d.notebook(raw)
	if d.err != nil {
		return nil, fmt.Errorf("notebook: %w", d.err)
	}
	n.identify()
	return n, nil
}

func parse(b []byte) (map[string]any, error) {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, errors.New("the file is empty")
	}
	if !utf8.Valid(b) {
		return nil, errors.New("the file is not UTF-8 text")
	}
	in := json.NewDecoder(bytes.NewReader(b))
	in.UseNumber()
	var v any
	if err := in.Decode(&v); err != nil {
		return nil, syntaxError(b, err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		line, column := position(b, in.InputOffset())
		return nil, fmt.Errorf("line %d, column %d: text after the end of the notebook", line, column)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("not a notebook: want a JSON object, got %s", kindOf(v))
	}
	return m, nil
}

// syntaxError adds to a JSON error where it is.
func syntaxError(b []byte, err error) error {
	offset := int64(len(b))
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || offset >= int64(len(b)) {
		line, _ := position(b, int64(len(b)))
		return fmt.Errorf("line %d: the file ends in the middle of the notebook; it is truncated", line)
	}
	line, column := position(b, max(offset-1, 0))
	return fmt.Errorf("line %d, column %d: not valid JSON: %s", line, column, strings.TrimPrefix(err.Error(), "json: "))
}

// position turns a byte offset into line and column, from 1.
func position(b []byte, offset int64) (line, column int) {
	before := b[:min(offset, int64(len(b)))]
	line = 1 + bytes.Count(before, []byte("\n"))
	column = len(before) - (bytes.LastIndexByte(before, '\n') + 1) + 1
	return line, column
}

// decoder turns JSON values into the types of this package. It keeps the first
// error, and yields zero values after it.
type decoder struct {
	err error
}

func (d *decoder) fail(path, format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...))
	}
}

func (d *decoder) notebook(raw map[string]any) *Notebook {
	version := d.integer(raw, "", "nbformat")
	switch {
	case d.err != nil:
		return nil
	case version < major:
		d.fail("nbformat", "version %d is too old; convert it with: jupyter nbconvert --to notebook FILE", version)
		return nil
	case version > major:
		d.fail("nbformat", "version %d is newer than the %d that this program reads", version, major)
		return nil
	}
	n := &Notebook{
		Minor:    d.integer(raw, "", "nbformat_minor"),
		Metadata: d.object(raw, "", "metadata"),
	}
	for _, key := range []string{"orig_nbformat", "orig_nbformat_minor", "signature"} {
		delete(n.Metadata, key) // transient, as nbformat has it
	}
	list, ok := raw["cells"].([]any)
	if !ok {
		d.fail("cells", "want a list, got %s", kindOf(raw["cells"]))
		return nil
	}
	for i, v := range list {
		n.Cells = append(n.Cells, d.cell(v, fmt.Sprintf("cells[%d]", i)))
	}
	n.extra = rest(raw, "nbformat", "nbformat_minor", "metadata", "cells")
	return n
}

func (d *decoder) cell(v any, path string) *Cell {
	raw, ok := v.(map[string]any)
	if !ok {
		d.fail(path, "want an object, got %s", kindOf(v))
		return nil
	}
	c := &Cell{
		Type:     CellType(d.text(raw, path, "cell_type")),
		Source:   d.text(raw, path, "source"),
		Metadata: d.object(raw, path, "metadata"),
	}
	delete(c.Metadata, "trusted")
	if raw["id"] != nil {
		c.ID = d.text(raw, path, "id")
	}
	switch c.Type {
	case Code:
		c.ExecutionCount = d.count(raw, path)
		list, ok := raw["outputs"].([]any)
		if !ok && raw["outputs"] != nil {
			d.fail(path+".outputs", "want a list, got %s", kindOf(raw["outputs"]))
		}
		for i, v := range list {
			c.Outputs = append(c.Outputs, d.output(v, fmt.Sprintf("%s.outputs[%d]", path, i)))
		}
	case Markdown, Raw:
	default:
		d.fail(path+".cell_type", "want code, markdown or raw, got %q", c.Type)
	}
	if raw["attachments"] != nil {
		c.Attachments = map[string]map[string]any{}
		for name := range d.object(raw, path, "attachments") {
			c.Attachments[name] = d.bundle(raw["attachments"].(map[string]any), path+".attachments", name)
		}
	}
	known := []string{"id", "cell_type", "source", "metadata", "attachments"}
	if c.Type == Code {
		known = append(known, "execution_count", "outputs")
	}
	c.extra = rest(raw, known...)
	return c
}

func (d *decoder) output(v any, path string) *Output {
	raw, ok := v.(map[string]any)
	if !ok {
		d.fail(path, "want an object, got %s", kindOf(v))
		return nil
	}
	o := &Output{Type: OutputType(d.text(raw, path, "output_type"))}
	known := []string{"output_type"}
	switch o.Type {
	case Stream:
		o.Name, o.Text = d.text(raw, path, "name"), d.text(raw, path, "text")
		known = append(known, "name", "text")
	case DisplayData, ExecuteResult:
		o.Data, o.Metadata = d.bundle(raw, path, "data"), d.object(raw, path, "metadata")
		known = append(known, "data", "metadata")
		if o.Type == ExecuteResult {
			o.ExecutionCount = d.count(raw, path)
			known = append(known, "execution_count")
		}
	case ErrorOutput:
		o.EName, o.EValue = d.text(raw, path, "ename"), d.text(raw, path, "evalue")
		lines, ok := raw["traceback"].([]any)
		if !ok && raw["traceback"] != nil {
			d.fail(path+".traceback", "want a list, got %s", kindOf(raw["traceback"]))
		}
		for i, line := range lines {
			s, ok := line.(string)
			if !ok {
				d.fail(fmt.Sprintf("%s.traceback[%d]", path, i), "want a string, got %s", kindOf(line))
			}
			o.Traceback = append(o.Traceback, s)
		}
		known = append(known, "ename", "evalue", "traceback")
	default:
		d.fail(path+".output_type", "want stream, display_data, execute_result or error, got %q", o.Type)
	}
	o.extra = rest(raw, known...)
	return o
}

// bundle is a MIME bundle, with multi-line strings joined.
func (d *decoder) bundle(raw map[string]any, path, key string) map[string]any {
	data := d.object(raw, path, key)
	for mime, v := range data {
		if isJSON(mime) {
			continue
		}
		s, ok := joined(v)
		if !ok {
			d.fail(join(path, key)+"."+mime, "want a string or a list of strings, got %s", kindOf(v))
		}
		data[mime] = s
	}
	return data
}

func (d *decoder) text(raw map[string]any, path, key string) string {
	s, ok := joined(raw[key])
	if !ok {
		d.fail(join(path, key), "want a string or a list of strings, got %s", kindOf(raw[key]))
	}
	return s
}

// object is a field that is an object; a missing one is empty.
func (d *decoder) object(raw map[string]any, path, key string) map[string]any {
	switch v := raw[key].(type) {
	case map[string]any:
		return v
	case nil:
		return map[string]any{}
	default:
		d.fail(join(path, key), "want an object, got %s", kindOf(v))
		return nil
	}
}

func (d *decoder) integer(raw map[string]any, path, key string) int {
	if v, ok := raw[key].(json.Number); ok {
		if i, err := v.Int64(); err == nil && i >= 0 && i < 1<<31 {
			return int(i)
		}
	}
	d.fail(join(path, key), "want a number from 0, got %s", kindOf(raw[key]))
	return 0
}

// count is an execution count, 0 for null.
func (d *decoder) count(raw map[string]any, path string) int {
	if raw["execution_count"] == nil {
		return 0
	}
	return d.integer(raw, path, "execution_count")
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// rest returns the fields that are not known, or nil.
func rest(raw map[string]any, known ...string) map[string]any {
	var extra map[string]any
next:
	for key, v := range raw {
		for _, k := range known {
			if key == k {
				continue next
			}
		}
		if extra == nil {
			extra = map[string]any{}
		}
		extra[key] = v
	}
	return extra
}

func kindOf(v any) string {
	switch x := v.(type) {
	case nil:
		return "nothing"
	case bool:
		return "a truth value"
	case json.Number:
		return "the number " + x.String()
	case string:
		return "a string"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("%T", v)
}

// decodeAny decodes JSON, keeping numbers as they are written.
func decodeAny(b []byte) (any, error) {
	in := json.NewDecoder(bytes.NewReader(b))
	in.UseNumber()
	var v any
	err := in.Decode(&v)
	return v, err
}
