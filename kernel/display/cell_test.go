package display

import (
	"math/rand/v2"
	"strings"
	"testing"

	"arch2vec/native/cell"
	"arch2vec/native/space/nasbench201"
)

// A cell is drawn with the names of its space's operations, cells of none with
// numbers, and many cells not all.
func TestCells(t *testing.T) {
	c := nasbench201.New().Random(rand.New(rand.NewPCG(1, 2)))
	small, err := cell.New([]int{0, 3, 1}, [][2]int{{0, 1}, {1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		value any
		svg   []string
		text  string
	}{
		{c, []string{"<svg", ">input<", ">output<"}, c.String()},
		{[]cell.Cell{c, c}, []string{">input<", ">0<", ">1<"}, c.String() + "\n" + c.String()},
		{small, []string{">op 0<", ">op 3<", ">op 1<"}, "ops [0 3 1] edges 0->1 1->2"},
		{make([]cell.Cell, 1000), []string{">7 of 0 to 999<"}, strings.Repeat("ops [] edges\n", 8) + "… (1000 cells)"},
	} {
		d := Values([]any{x.value}, nil)
		svg, _ := d.Data[MIMETypeSVG].(string)
		for _, want := range x.svg {
			if !strings.Contains(svg, want) {
				t.Errorf("%v: the drawing has no %q:\n%s", x.value, want, svg)
			}
		}
		if d.Data[MIMETypeText] != x.text {
			t.Errorf("text %q, want %q", d.Data[MIMETypeText], x.text)
		}
	}
}
