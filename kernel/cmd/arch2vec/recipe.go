package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"arch2vec/kernel/session"
	"arch2vec/stdlib/recipes"
)

type pretrainCmd struct {
	Args []string `arg:"" optional:""`
}

func (c pretrainCmd) Run() error { return runRecipe("pretrain", c.Args) }

type embedCmd struct {
	Args []string `arg:"" optional:""`
}

func (c embedCmd) Run() error { return runRecipe("embed", c.Args) }

// runRecipe interprets a recipe's source, as `arch2vec run FILE.go` would: the
// recipes are scripts, and a user's changed copy of one runs the same way.
func runRecipe(name string, args []string) error {
	src, err := recipes.Source(name)
	if err != nil {
		return err
	}
	return script(session.RunSource(context.Background(), "arch2vec "+name, src, args, session.Options{}))
}

// script turns the end of an interpreted program into the end of ours: it prints
// what there is to say, with the program's own lines, and keeps its exit status.
func script(err error) error {
	var program *session.ProgramError
	if errors.As(err, &program) {
		fmt.Fprintln(os.Stderr, program)
		return &exitError{code: program.Status}
	}
	return err
}
