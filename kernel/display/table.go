package display

import (
	"fmt"
	"go/token"
	"go/types"
	"html"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/gonum/mat"
)

// Table shows rows under headers: as HTML, and as aligned text. Numbers stand
// right, floats with six significant digits; a short row is filled with empty
// cells. The whole table is shown, however long.
func Table(headers []string, rows [][]interface{}) Data {
	t := table{headers: headers}
	for _, row := range rows {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = cellText(v, nil)
			if isNumber(v) {
				t.number(i)
			}
		}
		t.rows = append(t.rows, line)
	}
	return t.data()
}

// table is a table whose cells are already text.
type table struct {
	headers []string
	rows    [][]string
	numeric []bool // columns that stand right
	index   bool   // the first column names the rows
	caption string // below, e.g. the full size
}

func (t *table) number(column int) {
	for len(t.numeric) <= column {
		t.numeric = append(t.numeric, false)
	}
	t.numeric[column] = true
}

func (t *table) isNumber(column int) bool {
	return column < len(t.numeric) && t.numeric[column]
}

func (t *table) columns() int {
	n := len(t.headers)
	for _, row := range t.rows {
		n = max(n, len(row))
	}
	return n
}

func (t *table) data() Data {
	return MakeData3(MIMETypeHTML, t.text(), t.html())
}

func (t *table) html() string {
	var b strings.Builder
	cell := func(tag string, column int, text string) {
		b.WriteString("<" + tag)
		if t.isNumber(column) {
			b.WriteString(` style="text-align:right"`)
		}
		b.WriteString(">" + html.EscapeString(text) + "</" + tag + ">")
	}
	n := t.columns()
	b.WriteString(`<table class="dataframe">`)
	if len(t.headers) > 0 {
		b.WriteString("\n<thead><tr>")
		for i := range n {
			cell("th", i, at(t.headers, i))
		}
		b.WriteString("</tr></thead>")
	}
	b.WriteString("\n<tbody>\n")
	for _, row := range t.rows {
		b.WriteString("<tr>")
		for i := range n {
			tag := "td"
			if t.index && i == 0 {
				tag = "th"
			}
			cell(tag, i, at(row, i))
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table>")
	if t.caption != "" {
		b.WriteString("\n<p>" + html.EscapeString(t.caption) + "</p>")
	}
	return b.String()
}

func (t *table) text() string {
	n := t.columns()
	widths := make([]int, n)
	lines := t.rows
	if len(t.headers) > 0 {
		lines = append([][]string{t.headers}, lines...)
	}
	for _, line := range lines {
		for i, text := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(oneLine(text)))
		}
	}
	var b strings.Builder
	for k, line := range lines {
		var row strings.Builder
		for i, width := range widths {
			if i > 0 {
				row.WriteString("  ")
			}
			text := oneLine(at(line, i))
			pad := strings.Repeat(" ", width-utf8.RuneCountInString(text))
			if t.isNumber(i) {
				row.WriteString(pad + text)
			} else {
				row.WriteString(text + pad)
			}
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
		if k == 0 && len(t.headers) > 0 {
			for i, width := range widths {
				if i > 0 {
					b.WriteString("  ")
				}
				b.WriteString(strings.Repeat("-", width))
			}
			b.WriteByte('\n')
		}
	}
	if t.caption != "" {
		b.WriteString(t.caption + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func at(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", " ") }

func isNumber(v any) bool {
	switch reflect.ValueOf(v).Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		_, stringer := v.(fmt.Stringer)
		return !stringer
	}
	return false
}

// cellText is Text with floats shortened: a table is read, not computed with.
func cellText(v any, t types.Type) string {
	switch x := v.(type) {
	case float64:
		return fmt.Sprintf("%.6g", x)
	case float32:
		return fmt.Sprintf("%.6g", x)
	case nil:
		return ""
	}
	return TextAs(v, t)
}

// Bounds of a table made of a value nobody promised to be small.
const (
	autoLimit   = 8 << 10 // bytes of HTML and text together
	autoColumns = 20
	autoCell    = 60 // bytes of one cell
)

// bounded builds a table with as many rows from the start and end of n as fit
// the limit; build gets the indices of the rows and columns to show, where -1
// stands for those left out.
func bounded(rows, columns int, build func(rows, columns []int) *table) Data {
	for _, most := range []int{40, 20, 10, 6, 2} {
		d := build(window(rows, most), window(columns, min(autoColumns, most*2))).data()
		if len(d.Data[MIMETypeHTML].(string))+len(d.Data[MIMETypeText].(string)) <= autoLimit || most == 2 {
			return d
		}
	}
	panic("unreachable")
}

// window lists 0..n-1, or when they are more than most the first and last of
// them around a -1.
func window(n, most int) []int {
	var w []int
	for i := 0; i < n; i++ {
		if n > most && i == most/2 {
			w = append(w, -1)
			i = n - most/2
		}
		w = append(w, i)
	}
	return w
}

// matrix shows m with row and column numbers.
func matrix(m mat.Matrix) Data {
	rows, columns := m.Dims()
	return bounded(rows, columns, func(rs, cs []int) *table {
		t := &table{index: true, headers: []string{""}, caption: fmt.Sprintf("%d x %d", rows, columns)}
		for i, c := range cs {
			t.headers = append(t.headers, number(c))
			t.number(i + 1)
		}
		for _, r := range rs {
			line := []string{number(r)}
			for _, c := range cs {
				if r < 0 || c < 0 {
					line = append(line, "…")
				} else {
					line = append(line, cellText(m.At(r, c), nil))
				}
			}
			t.rows = append(t.rows, line)
		}
		return t
	})
}

func number(i int) string {
	if i < 0 {
		return "…"
	}
	return fmt.Sprint(i)
}

// structs shows a slice or array of structs, or of pointers to them, with a row
// for each; false for other values and for structs that print themselves or
// have no field to see.
func structs(v any, t types.Type) (Data, bool) {
	list := unwrap(reflect.ValueOf(v))
	if k := list.Kind(); k != reflect.Slice && k != reflect.Array || list.Len() == 0 {
		return Data{}, false
	}
	record, known := list.Type().Elem(), elem(t)
	if selfPrinting(record) {
		return Data{}, false
	}
	if record.Kind() == reflect.Pointer {
		record, known = record.Elem(), elem(known)
	}
	if record.Kind() != reflect.Struct || selfPrinting(record) || selfPrinting(reflect.PointerTo(record)) {
		return Data{}, false
	}
	names, kinds := fields(record, known)
	var shown []int
	for i := range names {
		// By name: an interpreted struct's fields are all exported at run time.
		if token.IsExported(names[i]) {
			shown = append(shown, i)
		}
	}
	if len(shown) == 0 {
		return Data{}, false
	}
	n := list.Len()
	return bounded(n, len(shown), func(rs, cs []int) *table {
		t := &table{index: true, headers: []string{""}}
		if slices.Contains(rs, -1) {
			t.caption = fmt.Sprintf("%d rows", n)
		}
		for k, c := range cs {
			if c < 0 {
				t.headers = append(t.headers, "…")
				continue
			}
			t.headers = append(t.headers, names[shown[c]])
			if isNumber(reflect.Zero(record.Field(shown[c]).Type).Interface()) {
				t.number(k + 1)
			}
		}
		for _, r := range rs {
			line := []string{number(r)}
			for _, c := range cs {
				text := "…"
				if r >= 0 && c >= 0 {
					text = fieldText(list.Index(r), shown, c, kinds)
				}
				line = append(line, text)
			}
			t.rows = append(t.rows, line)
		}
		return t
	}), true
}

// fieldText is the text of one field of one record.
func fieldText(record reflect.Value, shown []int, c int, kinds []types.Type) string {
	record = unwrap(record)
	if record.Kind() == reflect.Pointer {
		if record.IsNil() {
			return ""
		}
		record = record.Elem()
	}
	v := record.Field(shown[c])
	if !v.CanInterface() {
		return ""
	}
	return clip(cellText(v.Interface(), kinds[shown[c]]), autoCell)
}

func selfPrinting(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[fmt.Stringer]()) || t.Implements(reflect.TypeFor[error]()) ||
		t.Implements(reflect.TypeFor[fmt.Formatter]())
}
