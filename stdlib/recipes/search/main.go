// Search looks for good cells in a search space: one method, many seeds, one oracle,
// and the mean over seeds of what each run found.
//
// Usage: search SPACE --method M [flags]; search --help lists them. Progress goes to
// standard error, the result to standard output, with --json as one line of JSON.
// With --out every run leaves a trace, one line of JSON a query, from which --resume
// goes on after a kill without asking anything twice. Exit status: 0 done, 1 failed,
// 2 wrong usage, 130 interrupted.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"arch2vec/native/benchmark"
	"arch2vec/native/graphae"
	"arch2vec/native/search"
	"arch2vec/native/space"
	"github.com/schollz/progressbar/v3"
)

// result is the line that --json prints: means and standard deviations over runs of
// the accuracies, in percent, of each run's best cell by validation accuracy;
// optimum_found is the share of runs, 0 to 1, that saw the highest validation
// accuracy there is, left out where that is not known.
type result struct {
	Method       string   `json:"method"`
	Space        string   `json:"space"`
	Dataset      string   `json:"dataset"`
	Reference    bool     `json:"reference"`
	Oracle       string   `json:"oracle"`
	Runs         int      `json:"runs"`
	ValMean      float64  `json:"val_mean"`
	ValStd       float64  `json:"val_std"`
	TestMean     float64  `json:"test_mean"`
	TestStd      float64  `json:"test_std"`
	QueriesMean  float64  `json:"queries_mean"`
	OptimumFound *float64 `json:"optimum_found"`
	Failures     int      `json:"failures,omitempty"` // queries that the oracle did not answer
	Seconds      float64  `json:"seconds"`
}

// options are the recipe's command line.
type options struct {
	cells      string // name of the space, or ID of its cells
	space      string // its name
	method     search.Method
	oracle     string
	dataset    benchmark.Dataset
	experiment search.Experiment
	out        string
	reference  bool
	json       bool
}

func main() {
	opts, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "search:", strings.TrimPrefix(err.Error(), "search: "))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, err := run(ctx, opts)
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "search: interrupted")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "search:", strings.TrimPrefix(err.Error(), "search: "))
		os.Exit(1)
	}
	if !opts.json {
		show(r)
		return
	}
	line, err := json.Marshal(r)
	if err != nil {
		fmt.Fprintln(os.Stderr, "search:", err)
		os.Exit(1)
	}
	fmt.Println(string(line))
}

// parse reads the command line; the space may stand before, between or after the
// flags.
func parse(args []string) (options, error) {
	flags := flag.NewFlagSet("search", flag.ContinueOnError)
	flags.SetOutput(devNull{})
	flags.Usage = func() {}
	method := flags.String("method", "", "how to search, one of the methods below")
	oracle := flags.String("oracle", "", "what cells score: a benchmark's file, or the name of an imported one (default: nasbench101, nasbench201 or, a surrogate for darts, nasbench301); or command:PROGRAM, which trains")
	dataset := flags.String("dataset", "cifar10", "cifar10, cifar100 or imagenet16-120")
	queries := flags.Int("queries", 0, "end a run after so many queries")
	budget := flags.Float64("budget", 0, "end a run after so many seconds of the oracle's cost (default, without --queries: the paper's on nasbench201, 150 queries elsewhere)")
	seeds := flags.String("seeds", "1", "seeds A..B of the runs, or one seed")
	reference := flags.Bool("reference", false, "search as the published code does, defects included")
	out := flags.String("out", "", "folder for the traces, one file a run")
	resume := flags.Bool("resume", false, "go on with the traces in --out")
	batch := flags.Int("batch", 1, "cells of a run that are asked at the same time")
	onError := flags.String("on-error", "stop", "when the oracle does not answer: stop, or skip the cell")
	timeout := flags.Duration("timeout", 0, "longest time for an answer, such as 90m (default: none)")
	retries := flags.Int("retries", 0, "ask again so often when the oracle does not answer")
	threads := flags.Int("threads", 0, "threads; the result does not depend on them (default: all cores)")
	asJSON := flags.Bool("json", false, "print the result as one line of JSON")
	var names []string
	for rest := args; ; rest = flags.Args()[1:] {
		err := flags.Parse(rest)
		if errors.Is(err, flag.ErrHelp) {
			fmt.Printf("usage: search SPACE --method M [flags]\n\nSPACE is one of: %s\n\nmethods:\n", strings.Join(space.Names(), ", "))
			for _, m := range search.Methods() {
				fmt.Printf("  %-14s %s\n", m.Name, m.About)
			}
			fmt.Println("\nflags:")
			flags.SetOutput(os.Stdout)
			flags.PrintDefaults()
		}
		if err != nil {
			return options{}, err
		}
		if flags.NArg() == 0 {
			break
		}
		names = append(names, flags.Arg(0))
	}
	if len(names) != 1 {
		return options{}, fmt.Errorf("want one SPACE (%s), got %q", strings.Join(space.Names(), ", "), names)
	}
	o := options{cells: names[0], oracle: *oracle, out: *out, reference: *reference, json: *asJSON}
	var err error
	if o.space, err = space.NameOf(o.cells); err != nil {
		return options{}, err
	}
	if *method == "" {
		return options{}, errors.New("which --method? (search --help lists them)")
	}
	if o.method, err = search.Lookup(*method); err != nil {
		return options{}, err
	}
	if o.dataset, err = benchmark.ParseDataset(*dataset); err != nil {
		return options{}, err
	}
	if o.dataset != benchmark.CIFAR10 && o.space != "nasbench201" {
		return options{}, fmt.Errorf("--dataset %s is for nasbench201: %s has cifar10", *dataset, o.space)
	}
	e := &o.experiment
	if e.Settings, err = search.SettingsOf(*method, o.space, *reference); err != nil {
		return options{}, err
	}
	if e.First, e.Last, err = seedRange(*seeds); err != nil {
		return options{}, err
	}
	switch *onError {
	case "stop":
	case "skip":
		e.OnError = search.Skip
	default:
		return options{}, fmt.Errorf("--on-error %s: want stop or skip", *onError)
	}
	e.Budget = search.Budget{Queries: *queries, Seconds: *budget, Overrun: *reference && o.method.Overrun}
	if *queries == 0 && *budget == 0 {
		zero := false
		flags.Visit(func(f *flag.Flag) { zero = zero || f.Name == "queries" || f.Name == "budget" })
		if zero {
			return options{}, errors.New("a budget of nothing: --queries or --budget must be above 0")
		}
		e.Budget.Queries = 150
		if o.space == "nasbench201" {
			e.Budget.Queries, e.Budget.Seconds = 0, search.PaperBudget(o.dataset)
		}
	}
	if *resume && *out == "" {
		return options{}, errors.New("--resume needs --out, the folder of the traces")
	}
	if *queries < 0 || !(*budget >= 0) || math.IsInf(*budget, 1) || *batch < 1 || *retries < 0 || *timeout < 0 || *threads < 0 {
		return options{}, errors.New("--queries, --budget, --retries, --timeout and --threads cannot be negative, --batch not below 1")
	}
	e.Batch, e.Timeout, e.Retries, e.Threads, e.Resume = *batch, *timeout, *retries, *threads, *resume
	return o, nil
}

// devNull drops what package flag would print: errors are ours to print.
type devNull struct{}

func (devNull) Write(p []byte) (int, error) { return len(p), nil }

// seedRange reads "A..B" or "A".
func seedRange(text string) (first, last uint64, err error) {
	a, b, isRange := strings.Cut(text, "..")
	if first, err = strconv.ParseUint(a, 10, 32); err != nil {
		return 0, 0, fmt.Errorf("--seeds %s: want A..B, two numbers", text)
	}
	last = first
	if isRange {
		if last, err = strconv.ParseUint(b, 10, 32); err != nil || last < first {
			return 0, 0, fmt.Errorf("--seeds %s: want A..B, two numbers, the second not below the first", text)
		}
	}
	return first, last, nil
}

// run opens what the search needs, and searches.
func run(ctx context.Context, o options) (result, error) {
	start := time.Now()
	e := o.experiment
	best, describe, err := open(ctx, o, &e)
	if err != nil {
		return result{}, err
	}
	if o.method.Pool != search.NoPool {
		if e.Pool, err = embeddings(ctx, e.Space, o); err != nil {
			return result{}, err
		}
	}
	if o.out != "" {
		kind := o.space + "-" + o.dataset.String() + "-" + o.method.Name
		if o.reference {
			kind += "-reference"
		}
		e.Dir = filepath.Join(o.out, kind)
	}
	bar := progressbar.NewOptions(int(e.Last-e.First+1),
		progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetVisibility(terminal(os.Stderr)),
		progressbar.OptionSetDescription(o.method.Name+", runs"), progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	e.Progress = func(done, runs int) { _ = bar.Set(done) }
	traces, err := e.Run(ctx)
	if err != nil {
		return result{}, err
	}
	s, err := search.Summarize(traces, best)
	if err != nil {
		return result{}, err
	}
	r := result{
		Method: o.method.Name, Space: o.space, Dataset: o.dataset.String(), Reference: o.reference, Oracle: describe, Runs: s.Runs,
		ValMean: s.Validation.Mean, ValStd: s.Validation.Std, TestMean: s.Test.Mean, TestStd: s.Test.Std,
		QueriesMean: s.Queries, Seconds: time.Since(start).Seconds(),
	}
	if !math.IsNaN(s.Found) {
		r.OptimumFound = &s.Found
	}
	for _, t := range traces {
		r.Failures += t.Failures()
	}
	return r, nil
}

// open opens space and oracle; best is the highest validation accuracy there is, NaN
// when that is not known.
func open(ctx context.Context, o options, e *search.Experiment) (best float64, describe string, err error) {
	name := o.oracle
	if name == "" {
		name = o.space
		if o.space == "darts" {
			name = "nasbench301"
		}
	}
	program, isCommand := strings.CutPrefix(name, "command:")
	if isCommand || o.space == "darts" {
		if e.Space, err = space.OpenContext(ctx, o.cells, threads(o)); err != nil {
			return 0, "", err
		}
	}
	switch {
	case isCommand:
		e.Oracle, describe, err = openCommand(program, o, e)
		return math.NaN(), describe, err
	case o.space == "darts":
		s, err := openSurrogate(ctx, name)
		if err != nil {
			return 0, "", err
		}
		e.Oracle = s
		e.Space, err = search.Without(e.Space, "none") // NAS-Bench-301 has no such cells
		return math.NaN(), s.Describe(), err
	}
	table, err := benchmark.OpenRuns(ctx, name, benchmark.Runs{Dataset: o.dataset})
	if err != nil {
		return 0, "", err
	}
	if table.Space().Name() != o.space {
		return 0, "", fmt.Errorf("%s is a benchmark of %s, not of %s", name, table.Space().Name(), o.space)
	}
	if e.Budget.Seconds > 0 && !table.HasCost() {
		return 0, "", fmt.Errorf("%s does not say what a query costs: give the budget in --queries", name)
	}
	e.Oracle, e.Space = table, table.Space()
	best, _ = table.Best()
	return best, table.Describe(), nil
}

// openCommand makes an oracle of a program that trains. With --out its results are
// kept, for all runs and methods.
func openCommand(program string, o options, e *search.Experiment) (benchmark.Oracle, string, error) {
	opts := benchmark.CommandOptions{
		Space: e.Space, Program: strings.Fields(program), Dataset: o.dataset,
		Timeout: e.Timeout, Retries: e.Retries, Parallel: e.Batch,
	}
	if len(opts.Program) == 0 {
		return nil, "", errors.New("--oracle command: which program?")
	}
	e.Timeout, e.Retries = 0, 0 // the oracle's own, which kill the program
	if o.experiment.Threads == 0 {
		e.Threads = 1 // the seeds wait for the same programs
	}
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			return nil, "", err
		}
		opts.Store = filepath.Join(o.out, "trained-"+o.space+"-"+o.dataset.String()+".jsonl")
		opts.Logs = filepath.Join(o.out, "logs")
	}
	c, err := benchmark.NewCommand(opts)
	if err != nil {
		return nil, "", err
	}
	return c, c.Name(), nil
}

// openSurrogate opens predictions of NAS-Bench-301: an imported surrogate, a table to
// fit, or the files of a network.
func openSurrogate(ctx context.Context, name string) (*benchmark.Surrogate, error) {
	if manifest, weights, ok := strings.Cut(name, ","); ok {
		return benchmark.OpenNeuralSurrogate(manifest, weights)
	}
	oracle, err := benchmark.OpenOracle(ctx, name, benchmark.Runs{Dataset: benchmark.CIFAR10})
	var not *benchmark.NotImportedError
	if errors.As(err, &not) {
		return nil, fmt.Errorf("no table has all cells of DARTS, and no surrogate is imported as %s: give --oracle the name of another, its file, MANIFEST.json,WEIGHTS.bin or a CSV file of genotypes and accuracies, or command:PROGRAM", name)
	}
	if err != nil {
		return nil, err
	}
	s, ok := oracle.(*benchmark.Surrogate)
	if !ok {
		return nil, fmt.Errorf("%s is a table, and no table has all cells of DARTS", name)
	}
	return s, nil
}

func threads(o options) int {
	if o.experiment.Threads > 0 {
		return o.experiment.Threads
	}
	return runtime.GOMAXPROCS(0)
}

// embeddings returns those of the model that the method searches with, trained now
// or earlier.
func embeddings(ctx context.Context, s space.Space, o options) (*search.Pool, error) {
	told := false
	return search.Pretrained(ctx, s, o.method.Pool, search.Pretraining(o.space, o.reference), o.experiment.Threads, func(p graphae.Progress) {
		if !told {
			fmt.Fprintf(os.Stderr, "search: pretraining on %s, once; its embeddings are kept\n", s.ID())
			told = true
		}
		if p.EpochEnd {
			fmt.Fprintf(os.Stderr, "search: epoch %d/%d, loss %.4f, %v left\n", p.Epoch, p.Epochs, p.Loss, p.Remaining.Round(time.Second))
		}
	})
}

// terminal reports whether f is one, and not a file or a pipe.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func show(r result) {
	settings := "default settings"
	if r.Reference {
		settings = "reference settings"
	}
	fmt.Printf("%s on %s, %s, %d runs with %s\n", r.Method, r.Space, r.Dataset, r.Runs, settings)
	fmt.Printf("  oracle               %s\n", r.Oracle)
	fmt.Printf("  validation accuracy  %6.2f ± %.2f %%\n", r.ValMean, r.ValStd)
	fmt.Printf("  test accuracy        %6.2f ± %.2f %%\n", r.TestMean, r.TestStd)
	fmt.Printf("  queries a run        %6.1f\n", r.QueriesMean)
	if r.OptimumFound != nil {
		fmt.Printf("  optimum found in     %6.1f %% of runs\n", 100**r.OptimumFound)
	}
	if r.Failures > 0 {
		fmt.Printf("  failed queries       %6d\n", r.Failures)
	}
	fmt.Printf("  %.1f s\n", r.Seconds)
}
