package main

import (
	"encoding/json"
	"fmt"
	"os"

	"arch2vec/native/graphae"
)

type benchCmd struct {
	Train benchTrainCmd `cmd:"" help:"Time training steps, and compare them with the processor's peak."`
}

type benchTrainCmd struct {
	Space   string `required:"" placeholder:"SPACE" help:"Random graphs of the size of this space's cells: nasbench101, nasbench201 or darts."`
	Threads int    `default:"0" help:"Threads (default: all cores, at most 4)."`
	Steps   int    `default:"400" help:"Steps to time."`
	Batch   int    `default:"32" help:"Graphs a step."`
	Model   string `default:"arch2vec" help:"What to train."`
	JSON    bool   `name:"json" help:"Print the result as one line of JSON."`
}

// Help says how the two numbers that are compared come about.
func (benchTrainCmd) Help() string {
	return `Steps are timed one by one: forward, backward, clipping and update. Between
them, after every tenth, bursts of multiply-adds in registers measure what one
core could do in the same seconds. Both are given by their medians: gflops counts
the matrix products of a step, peak_gflops is one core's, and efficiency is gflops
over peak_gflops times threads. Where other work shares the core's caches and
instruction slots (a hardware thread of the host), products lose more than the
bursts do: the share of the peak is then lower, and says so.`
}

func (c benchTrainCmd) options() graphae.BenchOptions {
	return graphae.BenchOptions{Space: c.Space, Model: c.Model, Threads: c.Threads, Steps: c.Steps, Batch: c.Batch}
}

func (c benchTrainCmd) Run() error {
	if c.Steps == 0 || c.Batch == 0 { // which stand for the defaults in a program
		return &exitError{2, fmt.Errorf("bench train: --steps is %d and --batch %d, both must be at least 1", c.Steps, c.Batch)}
	}
	if err := c.options().Validate(); err != nil {
		return &exitError{2, fmt.Errorf("bench train: %w", err)}
	}
	ctx, stop := interruptible()
	defer stop()
	r, err := graphae.BenchTrain(ctx, c.options())
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	fmt.Printf("%s on graphs of %s, batch %d, %d steps, threads %d, %s\n", r.Model, r.Space, r.Batch, r.Steps, r.ThreadsUsed, r.Instruction)
	for _, row := range []struct {
		name, value string
	}{
		{"parameters", fmt.Sprint(r.Params)},
		{"ms a step, median (5th percentile)", fmt.Sprintf("%.3f (%.3f)", r.Median, r.P5)},
		{"graphs a second", fmt.Sprintf("%.0f", r.GraphsPerS)},
		{"GFLOP/s in matrix products", fmt.Sprintf("%.1f", r.GFlops)},
		{"GFLOP/s a core at most, median (best)", fmt.Sprintf("%.1f (%.1f)", r.PeakGFlops, r.PeakBest)},
		{"share of the peak", fmt.Sprintf("%.1f %%", 100*r.Efficiency)},
		{"allocations a step", fmt.Sprintf("%.2f", r.AllocsPer)},
	} {
		fmt.Printf("  %-40s %s\n", row.name, row.value)
	}
	return nil
}
