package session_test

import (
	"context"
	"fmt"

	"arch2vec/kernel/session"
)

func Example() {
	s, err := session.New(session.Options{})
	if err != nil {
		panic(err)
	}
	for i, code := range []string{
		"depth := 3\nfunc cells(ops int) int { return ops * depth }",
		"depth++\ncells(5)",
		"cells(\"five\")",
	} {
		res, e := s.Execute(context.Background(), session.Cell{Number: i + 1, Code: code})
		if e != nil {
			fmt.Println(e.Value)
			continue
		}
		fmt.Println(res.Values...)
	}
	// Output:
	//
	// 20
	// cell[3]:1:7: cannot use "five" (untyped string constant) as int value in argument to cells
}

func ExampleRunSource() {
	src := `package main

import "fmt"

func main() { fmt.Println("from a script") }
`
	if err := session.RunSource(context.Background(), "hello.go", []byte(src), nil, session.Options{}); err != nil {
		fmt.Println(err)
	}
	// Output: from a script
}
