package repl_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"arch2vec/kernel/repl"
	"arch2vec/kernel/worker"
)

// upper stands for a Go session: its cells print their code in capitals.
type upper struct{ worker.Engine }

func (upper) Background(func(worker.Event)) {}

func (upper) Execute(_ context.Context, r worker.Request, emit func(worker.Event)) (worker.Reply, error) {
	emit(worker.Event{Kind: worker.EventStream, Stream: "stdout", Text: strings.ToUpper(r.Code) + "\n"})
	return worker.Reply{}, nil
}

// Cells may come through a pipe.
func Example() {
	err := repl.Run(context.Background(), upper{}, repl.Options{
		Stdin:  strings.NewReader("first\nsecond\n"),
		Stdout: os.Stdout,
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// FIRST
	// SECOND
}
