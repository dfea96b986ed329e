package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"arch2vec/kernel/magic"
	"arch2vec/kernel/repl"
	"arch2vec/kernel/require"
	"arch2vec/kernel/worker"
)

type replCmd struct{}

func (replCmd) Run() error {
	engine, err := require.New(worker.Options{})
	if err != nil {
		return err
	}
	defer engine.Close()
	// Ctrl-C belongs to the prompt: it interrupts the cell, not the program.
	ctx, stop := terminable()
	defer stop()
	err = repl.Run(ctx, engine, repl.Options{
		IsComplete: magic.IsComplete,
		History:    stateFile("repl_history"),
		Banner:     fmt.Sprintf("arch2vec %s, a Go prompt. Ctrl-D ends it.", version),
	})
	if errors.Is(err, repl.ErrFailed) {
		return &exitError{code: 1} // the error was printed
	}
	return err
}

// stateFile names a file in which arch2vec remembers something between runs;
// empty when there is no place for it.
func stateFile(name string) string {
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "arch2vec", name)
}
