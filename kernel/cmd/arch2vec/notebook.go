package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"arch2vec/kernel/notebook"
	"arch2vec/kernel/require"
	"arch2vec/kernel/worker"
)

// notebook executes a notebook in a worker of its own, as Jupyter would, and
// writes what was asked for, also when a cell fails or the run is interrupted:
// the outputs up to there are what a person needs to see.
func (c runCmd) notebook() error {
	ctx, stop := interruptible()
	defer stop()
	nb, err := notebook.Open(c.File)
	if err != nil {
		return err
	}
	if c.Timeout < 0 {
		return &exitError{2, fmt.Errorf("run: --timeout %v is negative", c.Timeout)}
	}
	var params []notebook.Param
	for _, text := range c.Param {
		p, err := notebook.ParseParam(text)
		if err != nil {
			return &exitError{2, err}
		}
		params = append(params, p)
	}
	if err := nb.SetParams(params); err != nil {
		return &exitError{2, err}
	}
	if err := c.prepare(); err != nil {
		return err
	}
	dir := filepath.Dir(c.File)
	engine, err := require.New(worker.Options{Dir: dir}) // Jupyter's kernels start beside their notebook
	if err != nil {
		return err
	}
	width := 0
	if fd := int(os.Stdout.Fd()); term.IsTerminal(fd) {
		width, _, _ = term.GetSize(fd)
	}
	failed := notebook.Execute(ctx, nb, engine, notebook.Options{
		Timeout: c.Timeout, AllowErrors: c.AllowErrors, Observe: notebook.Live(os.Stdout, width),
	})
	if err := engine.Close(); err != nil && failed == nil {
		failed = err
	}
	if ctx.Err() != nil {
		return context.Canceled
	}
	if err := c.write(nb, dir); err != nil {
		return err
	}
	return failed
}

// prepare finds out before the run whether its results can be written.
func (c runCmd) prepare() error {
	for _, file := range []string{c.Out, c.HTML} {
		if file == "" {
			continue
		}
		probe, err := os.CreateTemp(filepath.Dir(file), ".arch2vec-*")
		if err != nil {
			return fmt.Errorf("run: cannot write %s: %w", file, err)
		}
		probe.Close()
		os.Remove(probe.Name())
	}
	if c.Images != "" {
		if err := os.MkdirAll(c.Images, 0o755); err != nil {
			return fmt.Errorf("run: cannot write pictures: %w", err)
		}
	}
	return nil
}

func (c runCmd) write(nb *notebook.Notebook, dir string) error {
	if c.Out != "" {
		if err := nb.Save(c.Out); err != nil {
			return err
		}
		fmt.Println("executed notebook:", c.Out)
	}
	if c.HTML != "" {
		if err := nb.SaveHTML(c.HTML, notebook.HTMLOptions{Dir: dir}); err != nil {
			return err
		}
		fmt.Println("web page:         ", c.HTML)
	}
	if c.Images != "" {
		files, err := nb.ExtractImages(c.Images)
		if err != nil {
			return err
		}
		for _, f := range files {
			fmt.Println("picture:          ", f)
		}
	}
	return nil
}
