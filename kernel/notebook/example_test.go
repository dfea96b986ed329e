package notebook_test

import (
	"fmt"

	"arch2vec/kernel/notebook"
)

func Example() {
	n := notebook.New()
	n.Add(notebook.Markdown, "# Hello")
	n.Add(notebook.Code, `fmt.Println("hello")`)

	again, err := notebook.Read(n.Write())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range again.Cells {
		fmt.Printf("%s: %s\n", c.Type, c.Source)
	}

	_, err = notebook.Read([]byte(`{"cells": [`))
	fmt.Println(err)
	// Output:
	// markdown: # Hello
	// code: fmt.Println("hello")
	// notebook: line 1: the file ends in the middle of the notebook; it is truncated
}
