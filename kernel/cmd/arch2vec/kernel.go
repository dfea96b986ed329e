package main

import (
	"fmt"
	"log/slog"
	"os"

	"arch2vec/kernel/jupyter"
	"arch2vec/kernel/jupyter/kernelspec"
	"arch2vec/kernel/require"
	"arch2vec/kernel/session"
	"arch2vec/kernel/worker"
)

type kernelCmd struct {
	Install   kernelInstallCmd   `cmd:"" help:"Make the kernel known to Jupyter."`
	Start     kernelStartCmd     `cmd:"" help:"Start the kernel (Jupyter does this)."`
	Uninstall kernelUninstallCmd `cmd:"" help:"Make Jupyter forget the kernel."`
}

// kernelPlace is where Jupyter looks for kernels; by default this user's
// folder, and the system's for root.
type kernelPlace struct {
	User   bool   `xor:"place" help:"In this user's Jupyter folder."`
	Prefix string `xor:"place" placeholder:"DIR" help:"In DIR/share/jupyter, such as a virtual environment's folder."`
	Name   string `default:"arch2vec" help:"The kernel's name."`
}

type kernelInstallCmd struct{ kernelPlace }

type kernelUninstallCmd struct{ kernelPlace }

type kernelStartCmd struct {
	Connection string `arg:"" name:"connection-file" help:"The file in which Jupyter tells addresses and key."`
	Debug      bool   `env:"ARCH2VEC_DEBUG" help:"Tell on standard error of messages that are ignored."`
}

func (c kernelStartCmd) Run() error {
	connection, err := jupyter.ReadConnection(c.Connection)
	if err != nil {
		return err
	}
	engine, err := require.New(worker.Options{})
	if err != nil {
		return err
	}
	// Jupyter interrupts by message; a Ctrl-C in its terminal is not for us.
	ctx, stop := terminable()
	defer stop()
	options := jupyter.Options{
		Engine:     engine,
		IsComplete: session.IsComplete,
		Banner:     fmt.Sprintf("arch2vec %s, a Go kernel", version),
		Version:    version,
		History:    stateFile("kernel_history.jsonl"),
	}
	if c.Debug {
		options.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if err := jupyter.Serve(ctx, connection, options); err != nil {
		engine.Close()
		return err
	}
	return nil
}

func (p kernelPlace) options() kernelspec.Options {
	return kernelspec.Options{User: p.User, Prefix: p.Prefix, Name: p.Name}
}

func (c kernelInstallCmd) Run() error {
	dir, err := kernelspec.Install(c.options())
	if err != nil {
		return err
	}
	fmt.Printf("installed the kernel %q in %s\n", c.Name, dir)
	return nil
}

func (c kernelUninstallCmd) Run() error {
	dir, err := kernelspec.Uninstall(c.options())
	if err != nil {
		return err
	}
	fmt.Printf("removed the kernel %q from %s\n", c.Name, dir)
	return nil
}
