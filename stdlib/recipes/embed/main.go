// Embed computes the embedding of every cell of a search space with a model
// that pretrain has saved: the mean over a cell's nodes of the encoder's mu.
//
// Usage: embed CHECKPOINT [flags]; embed --help lists them. The rows of the
// result are in the order of the space. Exit status: 0 done, 1 failed, 2 wrong
// usage, 130 interrupted.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"arch2vec/native/graphae"
	"arch2vec/native/space"
)

// result is the line that --json prints.
type result struct {
	Space   string  `json:"space"`
	Model   string  `json:"model"`
	Rows    int     `json:"rows"`
	Dim     int     `json:"dim"`
	Out     string  `json:"out"`
	Seconds float64 `json:"seconds"`
}

// options are the recipe's command line.
type options struct {
	checkpoint, out string
	threads         int
	json            bool
}

func main() {
	opts, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, err := embed(ctx, opts)
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "embed: interrupted")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
	if !opts.json {
		fmt.Printf("%s: %d cells of %s, %d numbers each, in %.1f s\n", r.Out, r.Rows, r.Space, r.Dim, r.Seconds)
		return
	}
	line, err := json.Marshal(r)
	if err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
	fmt.Println(string(line))
}

// parse reads the command line; the checkpoint may stand before, between or
// after the flags.
func parse(args []string) (options, error) {
	flags := flag.NewFlagSet("embed", flag.ContinueOnError)
	flags.SetOutput(devNull{})
	flags.Usage = func() {}
	out := flags.String("out", "", "file to write, .npy (float32, rows x dim) or .csv (default: CHECKPOINT with .npy)")
	threads := flags.Int("threads", 0, "threads; the result does not depend on them (default: all cores)")
	asJSON := flags.Bool("json", false, "print the result as one line of JSON")
	var files []string
	for rest := args; ; rest = flags.Args()[1:] {
		err := flags.Parse(rest)
		if errors.Is(err, flag.ErrHelp) {
			fmt.Println("usage: embed CHECKPOINT [flags]\n\nflags:")
			flags.SetOutput(os.Stdout)
			flags.PrintDefaults()
		}
		if err != nil {
			return options{}, err
		}
		if flags.NArg() == 0 {
			break
		}
		files = append(files, flags.Arg(0))
	}
	if len(files) != 1 {
		return options{}, fmt.Errorf("want one CHECKPOINT, got %q", files)
	}
	if *out == "" {
		*out = strings.TrimSuffix(files[0], filepath.Ext(files[0])) + ".npy"
	}
	if ext := filepath.Ext(*out); ext != ".npy" && ext != ".csv" {
		return options{}, fmt.Errorf("--out %s: want a name that ends with .npy or .csv", *out)
	}
	return options{files[0], *out, *threads, *asJSON}, nil
}

// devNull drops what package flag would print: errors are ours to print.
type devNull struct{}

func (devNull) Write(p []byte) (int, error) { return len(p), nil }

func embed(ctx context.Context, o options) (result, error) {
	model, err := graphae.Load(o.checkpoint)
	if err != nil {
		return result{}, err
	}
	config := model.Config()
	s, err := space.Open(config.Cells)
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", o.checkpoint, err)
	}
	start := time.Now()
	e, err := model.Embed(ctx, s, o.threads)
	if err != nil {
		return result{}, err
	}
	if filepath.Ext(o.out) == ".csv" {
		err = e.SaveCSV(o.out)
	} else {
		err = e.SaveNPY(o.out)
	}
	if err != nil {
		return result{}, err
	}
	return result{config.Space, config.Model, e.Rows, e.Dim, o.out, time.Since(start).Seconds()}, nil
}
