package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"arch2vec/native/space"
	"arch2vec/native/space/darts"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

type spaceCmd struct {
	Space   string  `arg:"" help:"nasbench101, nasbench201 or darts."`
	Sample  *int    `placeholder:"N" help:"How many cells to draw (darts only; 600,000)."`
	Seed    *uint64 `placeholder:"S" help:"Seed of the sample (darts only; 1)."`
	Threads int     `placeholder:"T" help:"Number of threads; all processors unless given."`
	JSON    bool    `name:"json" help:"Print one line of JSON: space, cells and digest."`
}

// Run lists a space, from its definition or from the cache of an earlier run, and
// says what is in it.
func (c spaceCmd) Run() error {
	if err := c.prepare(); err != nil {
		return &exitError{2, err}
	}
	ctx, stop := interruptible()
	defer stop()
	said := hint(os.Stderr, "listing the cells of "+c.Space)
	s, digest, err := c.open(ctx)
	said()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(struct {
			Space  string `json:"space"`
			Cells  int    `json:"cells"`
			Digest string `json:"digest"`
		}{s.Name(), s.Len(), digest})
	}
	describe(os.Stdout, s)
	_, err = fmt.Printf("digest %s\n", digest)
	return err
}

// prepare fills in what was not given and refuses what makes no sense.
func (c *spaceCmd) prepare() error {
	if !slices.Contains(space.Names(), c.Space) {
		return fmt.Errorf("space: no search space %q (there are: %s)", c.Space, strings.Join(space.Names(), ", "))
	}
	if c.Threads < 0 {
		return fmt.Errorf("space: --threads %d: want 1 or more", c.Threads)
	}
	if c.Threads == 0 {
		c.Threads = runtime.GOMAXPROCS(0)
	}
	if c.Space != darts.Name {
		if c.Sample != nil || c.Seed != nil {
			return fmt.Errorf("space: %s %w: it takes no --sample and no --seed", c.Space, space.ErrNotSampled)
		}
		return nil
	}
	if c.Sample == nil {
		n := darts.PublishedSize
		c.Sample = &n
	}
	if c.Seed == nil {
		seed := uint64(1)
		c.Seed = &seed
	}
	if *c.Sample < 1 || *c.Sample > darts.MaxSize {
		return fmt.Errorf("space: --sample %d: want 1 to %d cells", *c.Sample, darts.MaxSize)
	}
	return nil
}

// open makes the space and its digest. An interruption ends it at once, between
// any two steps of the work: what is unfinished leaves nothing behind.
func (c spaceCmd) open(ctx context.Context) (s space.Space, digest string, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c.Sample != nil {
			s, err = space.Sample(ctx, c.Space, *c.Sample, *c.Seed, c.Threads)
		} else {
			s, err = space.OpenContext(ctx, c.Space, c.Threads)
		}
		if err == nil {
			digest, err = s.Digest(ctx, c.Threads)
		}
	}()
	select {
	case <-done:
		return s, digest, err
	case <-ctx.Done():
		return nil, "", ctx.Err()
	}
}

// hint says on a terminal what is being waited for, when it takes longer than a
// moment; the function that it returns wipes that away.
func hint(w *os.File, text string) (wipe func()) {
	if !term.IsTerminal(int(w.Fd())) {
		return func() {}
	}
	begun := time.Now()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second / 2)
		defer tick.Stop()
		for {
			select {
			case <-done:
				fmt.Fprint(w, "\r\x1b[K")
				return
			case <-tick.C:
				fmt.Fprintf(w, "\r%s, %.0f s", text, time.Since(begun).Seconds())
			}
		}
	}()
	return func() { close(done); <-ended }
}

// describe writes what there is to count in a space.
func describe(w io.Writer, s space.Space) {
	switch s := s.(type) {
	case *nasbench101.Space:
		nodes, edges := make([]int, nasbench101.MaxNodes+1), make([]int, nasbench101.MaxEdges+1)
		for i := range s.Len() {
			c := s.Cell(i)
			nodes[c.Len()]++
			edges[c.NumEdges()]++
		}
		for _, counts := range []struct {
			of string
			by []int
		}{{"vertices", nodes}, {"edges", edges}} {
			t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
			fmt.Fprintf(t, "%s\tcells\tat most\t\n", counts.of)
			sum := 0
			for k, n := range counts.by {
				if sum += n; sum > 0 {
					fmt.Fprintf(t, "%d\t%d\t%d\t\n", k, n, sum)
				}
			}
			t.Flush()
			fmt.Fprintln(w)
		}
	case nasbench201.Space:
		classes := map[string]bool{}
		for i := range s.Len() {
			class, err := s.ClassHash(s.Cell(i))
			if err != nil {
				panic(err) // a cell of the space
			}
			classes[class] = true
		}
		fmt.Fprintf(w, "%d cells, %d different networks\n", s.Len(), len(classes))
	case *darts.Space:
		n := s.Counts()
		fmt.Fprintf(w, "%d draws: %d duplicates, %d too large, %d cells\n", n.Draws, n.Duplicates, n.TooLarge, s.Len())
	}
}
