// Conformance runs the Go distribution's own test programs through arch2vec.
//
//	go run ./kernel/session/conformance -bin bin/arch2vec
//
// The programs are the files of $(go env GOROOT)/test and its direct subfolders
// whose first line is "// run" and nothing more: those that are one file and
// need no flags. One passes when it exits with status 0 and prints, on both
// streams together, what the .out file beside it holds, or nothing where there
// is none: the rule of the distribution's own runner.
//
// What does not pass, and why, is kept in failing.txt. A program that is not
// listed there and fails is a regression, and the exit status is then 1. Programs
// that need nearly all of their time limit may fail on a machine that is busy;
// they are listed as slow.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() {
	bin := flag.String("bin", "bin/arch2vec", "the binary that runs the programs")
	known := flag.String("known", "kernel/session/conformance/failing.txt", "the kept list of what fails")
	jobs := flag.Int("j", 2, "programs at a time")
	limit := flag.Duration("timeout", 60*time.Second, "per program")
	match := flag.String("run", "", "only the programs whose path matches this regular expression")
	report := flag.String("report", "", "write what each failing program printed to this file")
	update := flag.Bool("update", false, "bring the kept list up to date")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	status, err := conformance(ctx, settings{*bin, *known, *match, *report, *jobs, *limit, *update})
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
	os.Exit(status)
}

type settings struct {
	bin, known, match, report string
	jobs                      int
	limit                     time.Duration
	update                    bool
}

func conformance(ctx context.Context, s settings) (status int, err error) {
	root, err := testFolder(ctx)
	if err != nil {
		fmt.Println("conformance: skipped:", err)
		return 0, nil
	}
	bin, err := filepath.Abs(s.bin)
	if err != nil {
		return 1, err
	}
	if _, err := os.Stat(bin); err != nil {
		return 1, fmt.Errorf("%w (make build makes it)", err)
	}
	kept, err := readList(s.known)
	if err != nil {
		return 1, err
	}
	re, err := regexp.Compile(s.match)
	if err != nil {
		return 1, err
	}
	all, err := programs(root)
	if err != nil {
		return 1, err
	}
	all = slices.DeleteFunc(all, func(p string) bool { return !re.MatchString(p) })
	results := runAll(ctx, bin, root, all, s)
	if ctx.Err() != nil {
		return 1, ctx.Err()
	}
	if s.report != "" {
		if err := os.MkdirAll(filepath.Dir(s.report), 0o755); err != nil {
			return 1, err
		}
		if err := os.WriteFile(s.report, []byte(details(results)), 0o644); err != nil {
			return 1, err
		}
	}
	if s.update {
		kept.update(results)
		if err := kept.write(s.known); err != nil {
			return 1, err
		}
	}
	return summary(os.Stdout, results, kept), nil
}

// testFolder finds the distribution's test programs; some packagings leave them out.
func testFolder(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "test")
	if _, err := os.Stat(filepath.Join(root, "helloworld.go")); err != nil {
		return "", fmt.Errorf("this Go distribution has no test folder (%s)", root)
	}
	return root, nil
}

// programs lists the single-file programs by their path under root.
func programs(root string) ([]string, error) {
	var all []string
	for _, pattern := range []string{"*.go", "*/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			src, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			first, _, _ := strings.Cut(string(src), "\n")
			if strings.TrimRight(first, "\r") != "// run" {
				continue
			}
			rel, _ := filepath.Rel(root, f)
			all = append(all, filepath.ToSlash(rel))
		}
	}
	slices.Sort(all)
	return all, nil
}

// result is how a program went.
type result struct {
	path   string
	reason string // "" when it passed
	output string
	took   time.Duration
}

func runAll(ctx context.Context, bin, root string, all []string, s settings) []result {
	results := make([]result, len(all))
	next := make(chan int)
	var done sync.WaitGroup
	for range s.jobs {
		done.Go(func() {
			for i := range next {
				results[i] = runOne(ctx, bin, root, all[i], s.limit)
			}
		})
	}
	start := time.Now()
	for i := range all {
		next <- i
		if i > 0 && i%100 == 0 {
			fmt.Printf("%5d of %d programs, %s\n", i, len(all), time.Since(start).Round(time.Second))
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(next)
	done.Wait()
	return results
}

func runOne(ctx context.Context, bin, root, path string, limit time.Duration) result {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, "run", path)
	cmd.Dir = root
	cmd.WaitDelay = time.Second
	out := &capped{most: 1 << 20}
	cmd.Stdout, cmd.Stderr = out, out
	start := time.Now()
	err := cmd.Run()
	r := result{path: path, output: out.b.String(), took: time.Since(start)}
	want, _ := os.ReadFile(filepath.Join(root, strings.TrimSuffix(path, ".go")+".out"))
	switch {
	case ctx.Err() == context.DeadlineExceeded:
		r.reason = "ran longer than " + limit.String()
	case err != nil:
		r.reason = firstLine(r.output)
		if r.reason == "" {
			r.reason = err.Error()
		}
	case r.output != string(want):
		r.reason = "other output: " + firstDifference(r.output, string(want))
	}
	return r
}

// capped keeps the beginning of what is written to it.
type capped struct {
	b    strings.Builder
	most int
}

func (c *capped) Write(p []byte) (int, error) {
	c.b.Write(p[:min(len(p), max(0, c.most-c.b.Len()))])
	return len(p), nil
}
