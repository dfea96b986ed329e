package display

import (
	"fmt"
	"strings"

	"arch2vec/native/cell"
	"arch2vec/native/figure"
	"arch2vec/native/space/darts"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// cellsDrawn is how many cells of a slice are drawn.
const cellsDrawn = 8

// cells draws cells of a search space. A cell does not say of which space it
// is, but belongs to one of them only: their cells differ in size.
func cells(list []cell.Cell) Data {
	drawn := list[:min(len(list), cellsDrawn)]
	ops := vocabulary(drawn)
	var titles, lines []string
	for i, c := range drawn {
		if len(list) > 1 {
			titles = append(titles, fmt.Sprint(i))
		}
		lines = append(lines, c.String())
	}
	if len(list) > len(drawn) {
		lines = append(lines, fmt.Sprintf("… (%d cells)", len(list)))
		titles[len(titles)-1] += fmt.Sprintf(" of 0 to %d", len(list)-1)
	}
	return Data{Data: MIMEMap{
		MIMETypeSVG:  figure.CellsSVG(drawn, ops, titles),
		MIMETypeText: strings.Join(lines, "\n"),
	}}
}

// vocabulary names the operations of cells: those of the space to which they
// belong, and numbers where that is none.
func vocabulary(list []cell.Cell) []string {
	for _, s := range []interface {
		Check(cell.Cell) error
		Ops() []string
	}{nasbench201.New(), &nasbench101.Space{}, &darts.Space{}} {
		belong := true
		for _, c := range list {
			belong = belong && s.Check(c) == nil
		}
		if belong {
			return s.Ops()
		}
	}
	var ops []string
	for _, c := range list {
		for i := range c.Len() {
			for len(ops) <= c.Op(i) {
				ops = append(ops, fmt.Sprintf("op %d", len(ops)))
			}
		}
	}
	return ops
}
