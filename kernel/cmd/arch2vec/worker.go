package main

import (
	"context"
	"os"
	"os/signal"

	"arch2vec/kernel/worker"
)

type workerCmd struct{}

// Run serves cells until the front closes its end. A Ctrl-C at the terminal
// goes to every process of the group: the front decides what it means.
func (workerCmd) Run() error {
	signal.Ignore(os.Interrupt)
	return worker.Serve(context.Background())
}
