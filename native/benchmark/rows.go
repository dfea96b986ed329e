package benchmark

import (
	"fmt"
	"slices"

	"arch2vec/native/space"
)

// rows gathers the columns of Data, cell by cell in any order.
type rows struct {
	space   space.Space
	columns map[key][]float64
	order   []key
}

func newRows(s space.Space) *rows { return &rows{space: s, columns: map[key][]float64{}} }

// The most that a benchmark may have. The largest, NAS-Bench-101 with all lengths of
// training, has 96 columns, and 40 million numbers.
const (
	maxColumns = 512
	maxNumbers = 64 << 20
)

// add returns a column; a new one is all missing.
func (r *rows) add(k key) ([]float64, error) {
	values, ok := r.columns[k]
	if ok {
		return values, nil
	}
	if most := min(maxColumns, maxNumbers/r.space.Len()); len(r.order) >= most {
		return nil, fmt.Errorf("more than %d kinds of measurements", most)
	}
	values = make([]float64, r.space.Len())
	for i := range values {
		values[i] = missing
	}
	r.columns[k] = values
	r.order = append(r.order, k)
	return values, nil
}

// data returns what was gathered.
func (r *rows) data(name string) *Data {
	d := &Data{space: r.space, name: name}
	slices.SortFunc(r.order, compareKeys)
	for _, k := range r.order {
		d.columns = append(d.columns, column{key: k, values: r.columns[k]})
	}
	return d
}
