// Command arch2vec is the whole product in one binary: a Go kernel for Jupyter,
// a prompt, a runner for notebooks and scripts, and the recipes by name.
//
//	arch2vec kernel install --user        # Jupyter now offers "Go (arch2vec)"
//	arch2vec repl                         # a Go prompt
//	arch2vec run notebook.ipynb --html page.html
//	arch2vec run script.go ARG...
//	arch2vec data import nasbench_only108.tfrecord
//	arch2vec space nasbench101 --json
//	arch2vec pretrain nasbench201 --epochs 10 --seed 3 --json
//	arch2vec search nasbench201 --method gp --seeds 1..500 --json
//
// Exit status: 0 done, 1 the work failed, 2 the command line is wrong, 130
// interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the Makefile: -ldflags "-X main.version=...".
var version = "unknown"

// commands is the command line; each command is a type with a Run method, in
// the file that bears its name.
type commands struct {
	Kernel   kernelCmd   `cmd:"" help:"Install, start or remove the Jupyter kernel."`
	Repl     replCmd     `cmd:"" help:"A Go prompt."`
	Run      runCmd      `cmd:"" help:"Run a script (.go) or execute a notebook (.ipynb)."`
	Pretrain pretrainCmd `cmd:"" passthrough:"" help:"Learn embeddings of a search space without labels (pretrain --help tells its flags)."`
	Embed    embedCmd    `cmd:"" passthrough:"" help:"Embed every cell of a space with a trained model (embed --help tells its flags)."`
	Search   searchCmd   `cmd:"" passthrough:"" help:"Search for good cells with one method, many seeds (search --help tells its flags)."`
	Data     dataCmd     `cmd:"" help:"Import, list and check benchmarks: what cells score."`
	Bench    benchCmd    `cmd:"" help:"Measure how fast this machine trains."`
	Space    spaceCmd    `cmd:"" help:"List a search space and say what is in it."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
	Worker   workerCmd   `cmd:"" hidden:"" help:"Run cells for a front process (started by arch2vec itself)."`
}

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	var c commands
	parser, err := kong.New(&c,
		kong.Name("arch2vec"),
		kong.Description("Learn embeddings of neural architectures, look into them, and search in them, in Go."),
		kong.UsageOnError())
	if err != nil {
		panic(err) // the struct tags above are wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(separate(args))
	if err != nil {
		fmt.Fprintf(os.Stderr, "arch2vec: %v (arch2vec --help tells the commands)\n", err)
		return 2
	}
	return status(parsed.Run())
}

// interruptible returns a context that Ctrl-C and SIGTERM end. Scripts do
// without: a signal ends them as it would a compiled program, unless they catch
// it themselves.
func interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// terminable is like interruptible, for commands to which Ctrl-C means something
// else.
func terminable() (context.Context, context.CancelFunc) {
	signal.Ignore(os.Interrupt)
	return signal.NotifyContext(context.Background(), syscall.SIGTERM)
}

// status prints err on one line, unless it was said already, and gives the
// process's exit status.
func status(err error) int {
	var exit *exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		if exit.err != nil {
			fmt.Fprintf(os.Stderr, "arch2vec: %v\n", exit.err)
		}
		return exit.code
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "arch2vec: interrupted")
		return 130
	default:
		fmt.Fprintf(os.Stderr, "arch2vec: %v\n", err)
		return 1
	}
}

// exitError asks for an exit status; a nil err was printed already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return fmt.Sprintf("exit status %d: %v", e.code, e.err) }
func (e *exitError) Unwrap() error { return e.err }
