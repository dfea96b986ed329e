package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"arch2vec/kernel/session"
)

type runCmd struct {
	File   string   `arg:"" help:"A Go program (.go) or a notebook (.ipynb)."`
	Args   []string `arg:"" optional:"" passthrough:"" help:"Arguments of the program."`
	Out    string   `placeholder:"FILE" help:"Write the executed notebook here."`
	HTML   string   `name:"html" placeholder:"FILE" help:"Write the executed notebook as a web page here."`
	Images string   `placeholder:"DIR" help:"Write the notebook's pictures into this folder."`

	Timeout     time.Duration `placeholder:"TIME" help:"Interrupt a cell that takes longer, such as 90s or 10m, and stop."`
	AllowErrors bool          `help:"Go on after a cell that fails; the exit status is then 0."`
	Param       []string      `sep:"none" placeholder:"NAME=VALUE" help:"Set a variable that the notebook's cell with the tag parameters declares; may be repeated."`
}

// separate puts "--" behind a program's name: whatever follows is the program's
// own, even where it looks like a flag of ours.
func separate(args []string) []string {
	if len(args) > 2 && args[0] == "run" && filepath.Ext(args[1]) == ".go" && args[2] != "--" {
		return slices.Concat(args[:2], []string{"--"}, args[2:])
	}
	return args
}

func (c runCmd) Run() error {
	if len(c.Args) > 0 && c.Args[0] == "--" {
		c.Args = c.Args[1:]
	}
	switch ext := filepath.Ext(c.File); ext {
	case ".go":
		if c.Out != "" || c.HTML != "" || c.Images != "" || c.Timeout != 0 || c.AllowErrors || len(c.Param) > 0 {
			return &exitError{2, errors.New("run: the flags are for notebooks; what a program takes stands behind its name")}
		}
		return script(session.RunFile(context.Background(), c.File, c.Args, session.Options{}))
	case ".ipynb":
		if len(c.Args) > 0 {
			return &exitError{2, fmt.Errorf("run: a notebook takes no arguments: %q", c.Args)}
		}
		return c.notebook()
	default:
		if _, err := os.Stat(c.File); err != nil {
			return err
		}
		return &exitError{2, fmt.Errorf("run: %s is neither a Go program (.go) nor a notebook (.ipynb)", c.File)}
	}
}
