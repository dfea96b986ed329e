package notebook

import (
	"strings"
	"testing"
)

func parametrised() *Notebook {
	n := New()
	n.Add(Code, "import \"time\"\nbase := 2")
	n.Add(Code, "not Go at all")
	c := n.Add(Code, "epochs, rate := 5*base, 0.5\nname := \"a\"\nwait := time.Second\nvar seeds []int")
	c.Metadata["tags"] = []any{"parameters"}
	n.Add(Code, "epochs")
	return n
}

func TestSetParams(t *testing.T) {
	n := parametrised()
	err := n.SetParams([]Param{{"epochs", "20"}, {"rate", "1"}, {"name", `it's "b"`}, {"wait", "1m30s"}, {"seeds", "[]int{1, 2}"}})
	if err != nil {
		t.Fatal(err)
	}
	want := "// Parameters\nepochs = 20\nrate = 1\nname = \"it's \\\"b\\\"\"\nwait = 90 * time.Second\nseeds = []int{1, 2}"
	if len(n.Cells) != 5 || n.Cells[3].Source != want || !n.Cells[3].tagged("injected-parameters") || n.Cells[3].ID == "" {
		t.Errorf("the injected cell is %+v", n.Cells[3])
	}
	// A second time it takes the place of the first.
	if err := n.SetParams([]Param{{"epochs", "base"}}); err != nil {
		t.Fatal(err)
	}
	if len(n.Cells) != 5 || n.Cells[3].Source != "// Parameters\nepochs = base" {
		t.Errorf("the cell that took its place is %+v", n.Cells[3])
	}
}

func TestSetParamsErrors(t *testing.T) {
	for p, says := range map[Param]string{
		{"epoch", "1"}:       "the notebook does not declare it; its parameters are epochs, rate, name, wait, seeds",
		{"base", "1"}:        "the notebook does not declare it",
		{"epochs", "1.5"}:    `"1.5" is no value for a int: `,
		{"epochs", "many"}:   "undefined: many",
		{"rate", "\"x\""}:    "is no value for a float64",
		{"epochs", "1; f()"}: "is not one expression",
		{"wait", "soon"}:     "undefined: soon",
	} {
		n := parametrised()
		if err := n.SetParams([]Param{p}); err == nil || !strings.Contains(err.Error(), says) || len(n.Cells) != 4 {
			t.Errorf("%v gave %v, want %q", p, err, says)
		}
	}
	n := New()
	n.Add(Code, "epochs := 1")
	if err := n.SetParams([]Param{{"epochs", "2"}}); err == nil || !strings.Contains(err.Error(), `no code cell has the tag "parameters"`) {
		t.Errorf("a notebook without parameters gave %v", err)
	}
	for _, s := range []string{"", "x", "=1", " =1"} {
		if _, err := ParseParam(s); err == nil {
			t.Errorf("%q was read as a parameter", s)
		}
	}
	if p, err := ParseParam("a=b=c"); err != nil || p != (Param{"a", "b=c"}) {
		t.Errorf("a=b=c was read as %v, %v", p, err)
	}
}
