package main

import (
	"context"

	"arch2vec/kernel/worker"
)

type workerCmd struct{}

// Run serves cells until the front closes its end.
func (workerCmd) Run() error {
	return worker.Serve(context.Background())
}
