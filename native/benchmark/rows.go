package benchmark

import (
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

// add makes a column, all of it missing.
func (r *rows) add(k key) []float64 {
	values, ok := r.columns[k]
	if !ok {
		values = make([]float64, r.space.Len())
		for i := range values {
			values[i] = missing
		}
		r.columns[k] = values
		r.order = append(r.order, k)
	}
	return values
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
