package display_test

import (
	"fmt"

	"arch2vec/kernel/display"
)

// Without a kernel, Display prints the text form.
func Example() {
	type result struct {
		Space    string
		Validity float64
	}
	results := []result{{"nasbench101", 100}, {"nasbench201", 98.25}}
	if err := display.Display(display.Auto(results)); err != nil {
		fmt.Println(err)
	}
	// Output:
	//    Space        Validity
	// -  -----------  --------
	// 0  nasbench101       100
	// 1  nasbench201     98.25
}

func ExampleTable() {
	d := display.Table([]string{"metric", "ours", "paper"}, [][]interface{}{
		{"validity", 74.5, 73.8},
		{"uniqueness", 98.0, 97.4},
	})
	fmt.Println(d.Data["text/plain"])
	// Output:
	// metric      ours  paper
	// ----------  ----  -----
	// validity    74.5   73.8
	// uniqueness    98   97.4
}
