package magic_test

import (
	"context"
	"fmt"
	"os"

	"arch2vec/kernel/magic"
	"arch2vec/kernel/session"
)

func Example() {
	s, err := magic.New(magic.Options{Options: session.Options{Stdout: os.Stdout}})
	if err != nil {
		panic(err)
	}
	code := "import \"os\"\nos.Setenv(\"WHO\", \"shell\")\n$ echo hello from the $WHO\n6 * 7"
	r, failed := s.Execute(context.Background(), session.Cell{Number: 1, Code: code})
	if failed != nil {
		panic(failed)
	}
	fmt.Println(r.Values[0])
	// Output:
	// hello from the shell
	// 42
}
