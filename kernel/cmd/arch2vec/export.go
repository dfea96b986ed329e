package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"arch2vec/kernel/notebook"
	"arch2vec/native/aside"
)

type exportCmd struct {
	Notebook string `arg:"" help:"A notebook (.ipynb)."`
	Go       bool   `help:"As a Go program: a main package that prints what the notebook shows as text."`
	HTML     bool   `name:"html" help:"As a web page that needs no other file, with the outputs that the notebook holds."`
	Out      string `short:"o" placeholder:"PATH" help:"The file to write. By default a folder (--go) or a page (--html) beside the notebook, with its name."`
}

func (c exportCmd) Run() error {
	if c.Go == c.HTML {
		return &exitError{2, errors.New("export: say either --go or --html")}
	}
	nb, err := notebook.Open(c.Notebook)
	if err != nil {
		return err
	}
	base := strings.TrimSuffix(c.Notebook, filepath.Ext(c.Notebook))
	if c.HTML {
		out := c.Out
		if out == "" {
			out = base + ".html"
		}
		if err := nb.SaveHTML(out, notebook.HTMLOptions{Dir: filepath.Dir(c.Notebook)}); err != nil {
			return err
		}
		fmt.Println("web page:", out)
		return nil
	}
	src, err := nb.Go(filepath.Base(c.Notebook))
	if err != nil {
		return err
	}
	out := c.Out
	switch {
	case out == "":
		out = filepath.Join(base, "main.go")
	case filepath.Ext(out) != ".go":
		out = filepath.Join(out, "main.go")
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := aside.WriteBytes(out, 0o644, src); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	fmt.Println("main package:", out)
	return nil
}
