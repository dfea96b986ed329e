package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"arch2vec/kernel/jupyter"
	"arch2vec/kernel/jupyter/kernelspec"
	"arch2vec/kernel/magic"
	"arch2vec/kernel/require"
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

type kernelInstallCmd struct {
	kernelPlace
	Memory size `name:"memory-limit" placeholder:"SIZE" help:"End cells that need more memory, such as 4GB (the environment's ARCH2VEC_MEMORY_LIMIT)."`
}

type kernelUninstallCmd struct{ kernelPlace }

type kernelStartCmd struct {
	Connection string `arg:"" name:"connection-file" help:"The file in which Jupyter tells addresses and key."`
	Debug      bool   `env:"ARCH2VEC_DEBUG" help:"Tell on standard error of messages that are ignored."`
	Memory     size   `name:"memory-limit" env:"ARCH2VEC_MEMORY_LIMIT" placeholder:"SIZE" help:"End cells that need more memory, such as 4GB; by default they may take all."`
}

func (c kernelStartCmd) Run() error {
	connection, err := jupyter.ReadConnection(c.Connection)
	if err != nil {
		return err
	}
	engine, err := require.New(worker.Options{MemoryLimit: int64(c.Memory), Later: true})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	defer interruptBySignal(engine)()
	options := jupyter.Options{
		Engine:     engine,
		IsComplete: magic.IsComplete,
		Banner:     fmt.Sprintf("arch2vec %s, a Go kernel", version),
		Version:    version,
		History:    stateFile("kernel_history.jsonl"),
	}
	if c.Debug {
		options.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	// The sockets come first: a front end that finds none tries again a tenth
	// of a second later. An error of the worker's start is the first cell's.
	server, err := jupyter.New(connection, options)
	if err != nil {
		return err
	}
	go func() {
		_ = engine.Start()
		worker.Trim()
	}()
	return server.Run(ctx)
}

// interruptBySignal interrupts the running cell at SIGINT, for front ends that
// send no interrupt_request. The function that it returns ends this.
func interruptBySignal(engine worker.Engine) (end func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, os.Interrupt)
	go func() {
		for {
			select {
			case <-signals:
				_ = engine.Interrupt() // the cell says what came of it
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

func (p kernelPlace) options() kernelspec.Options {
	return kernelspec.Options{User: p.User, Prefix: p.Prefix, Name: p.Name}
}

func (c kernelInstallCmd) Run() error {
	options := c.options()
	if c.Memory > 0 {
		options.Env = map[string]string{"ARCH2VEC_MEMORY_LIMIT": c.Memory.String()}
	}
	dir, err := kernelspec.Install(options)
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
