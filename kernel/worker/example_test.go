package worker_test

import (
	"context"
	"fmt"

	"arch2vec/kernel/worker"
)

// A client runs cells in a worker process; here the test binary, which is a
// worker when its first argument says so.
func Example() {
	c, err := worker.New(worker.Options{})
	if err != nil {
		panic(err)
	}
	defer c.Close()
	for _, code := range []string{"x := 6", `fmt.Println("six is", x)`, "x * 7", "os.Exit(3)", "x"} {
		reply, err := c.Execute(context.Background(), worker.Request{Code: code, Count: 1}, func(e worker.Event) {
			switch e.Kind {
			case worker.EventStream:
				fmt.Print(e.Text)
			case worker.EventResult:
				fmt.Println("result:", e.Data.Data["text/plain"])
			}
		})
		if err != nil {
			panic(err)
		}
		if reply.Error != nil {
			fmt.Println(reply.Error.Name+":", reply.Error.Value)
		}
	}
	// Output:
	// imported fmt
	// six is 6
	// result: 42
	// imported os
	// WorkerDied: the cell's process ended: os.Exit(3) or log.Fatal: exit status 3; variables are lost
	// TypeError: cell[1]:1:1: undefined: x
}
