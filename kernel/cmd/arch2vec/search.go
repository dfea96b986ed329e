package main

type searchCmd struct {
	Args []string `arg:"" optional:""`
}

func (c searchCmd) Run() error { return runRecipe("search", c.Args) }
