package jupyter_test

import (
	"context"
	"fmt"

	"arch2vec/kernel/jupyter"
	"arch2vec/kernel/worker"
)

// engine stands for a worker.Client here: it prints every cell.
type engine struct{ worker.Engine }

func (engine) Execute(_ context.Context, r worker.Request, emit func(worker.Event)) (worker.Reply, error) {
	emit(worker.Event{Kind: worker.EventStream, Stream: "stdout", Text: r.Code})
	return worker.Reply{}, nil
}
func (engine) Background(func(worker.Event)) {}
func (engine) Close() error                  { return nil }

func Example() {
	// Port 0 stands for a free one; a real kernel reads the connection file
	// that Jupyter wrote, with ReadConnection.
	connection := jupyter.Connection{Transport: "tcp", IP: "127.0.0.1", Key: "secret"}
	server, err := jupyter.New(connection, jupyter.Options{Engine: engine{}, Version: "1.0"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("bound:", server.Connection().ShellPort != 0)

	ctx, stop := context.WithCancel(context.Background())
	stop() // as SIGTERM would
	fmt.Println("ended:", server.Run(ctx))
	// Output:
	// bound: true
	// ended: <nil>
}
