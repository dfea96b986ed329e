package magic

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"math"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gonum.org/v1/gonum/stat"

	"arch2vec/kernel/session"
)

// timeOnce runs the code and tells how long it took; its value is shown.
func timeOnce(ctx context.Context, s *Session, c call) error {
	if strings.TrimSpace(c.code) == "" {
		return errors.New("%time needs a statement, or code in the lines below it")
	}
	user, system := processorTime()
	start := time.Now()
	r, e := s.run(ctx, session.Cell{Number: c.number, Code: c.code}, c.last)
	*c.result = r
	wall := time.Since(start)
	if e != nil && e.Line > 0 && (e.Name == "TypeError" || e.Name == "SyntaxError") {
		return e // nothing ran
	}
	user2, system2 := processorTime()
	user, system = user2-user, system2-system
	fmt.Fprintf(s.stdout(), "CPU times: user %s, sys %s, total %s\nWall time: %s\n",
		short(user), short(system), short(user+system), short(wall))
	return asError(e)
}

// processorTime is what this process has used.
func processorTime() (user, system time.Duration) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	return time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano())
}

// As in IPython: loops until a run takes this long, and that many runs.
const (
	timeitRun  = 200 * time.Millisecond
	timeitRuns = 7
)

// timeMany runs the code again and again, as IPython's %timeit does.
func timeMany(ctx context.Context, s *Session, c call) error {
	loops, runs, err := timeitOptions(c.args)
	if err != nil {
		return err
	}
	if strings.TrimSpace(c.code) == "" {
		return errors.New("%timeit needs a statement, or code in the lines below it")
	}
	var took []time.Duration // of each run
	measure := func(values []any, _ []types.Type) {
		f, ok := values[0].(func(int))
		if !ok {
			err = fmt.Errorf("%%timeit cannot call a %T", values[0])
			return
		}
		run := func(n int) time.Duration {
			start := time.Now()
			f(n)
			return time.Since(start)
		}
		first := 0
		if loops == 0 {
			for loops = 1; ; loops = more(loops) {
				if d := run(loops); d >= timeitRun || loops >= 1e9 {
					took, first = append(took, d), 1
					break
				}
			}
		}
		for range runs - first {
			if ctx.Err() != nil {
				return
			}
			took = append(took, run(loops))
		}
	}
	if e := s.loop(ctx, c, measure); e != nil {
		return e
	}
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	fmt.Fprintln(s.stdout(), report(took, loops))
	return nil
}

// more is the next of 1, 2, 5, 10, 20, 50, ...
func more(n int) int {
	if strconv.Itoa(n)[0] == '2' {
		return n * 5 / 2
	}
	return n * 2
}

// loop runs the code as the body of a loop, in a function to which show is
// given. A single expression need not be one that Go takes as a statement.
func (s *Session) loop(ctx context.Context, c call, show func([]any, []types.Type)) error {
	body := strings.TrimRight(c.code, " \t\n")
	before := len(body) - len(strings.TrimLeft(body, " \t\n"))
	line, column := 1+strings.Count(body[:before], "\n"), before-strings.LastIndexByte(body[:before], '\n')
	wrap := func(open, end string) session.Cell {
		// The directive puts errors at the code's own place.
		code := fmt.Sprintf("func(n__ int) { for i__ := 0; i__ < n__; i__++ { %s/*line :%d:%d*/%s\n%s}}", open, line, column, body[before:], end)
		return session.Cell{Number: c.number, Code: code}
	}
	cell := wrap("", "")
	if !strings.Contains(body[before:], "\n") {
		if e := s.current().Check(cell); e != nil && strings.Contains(e.Value, "is not used") {
			cell = wrap("_ = ", "")
		}
	}
	_, e := s.runWith(ctx, cell, show)
	if e != nil && len(e.Traceback) > 1 && (e.Name == "TypeError" || e.Name == "SyntaxError") {
		e.Traceback = []string{e.Value, "    " + strings.TrimSpace(strings.SplitN(body[before:], "\n", 2)[0])}
	}
	return asError(e)
}

func timeitOptions(args string) (loops, runs int, err error) {
	runs = timeitRuns
	given, _ := options(args)
	for _, o := range given {
		n, bad := strconv.Atoi(o[2:])
		if bad != nil || n < 1 {
			return 0, 0, fmt.Errorf("%%timeit %s: %q is not a number of at least 1", o[:2], o[2:])
		}
		switch o[:2] {
		case "-n":
			loops = n
		case "-r":
			runs = n
		default:
			return 0, 0, fmt.Errorf("%%timeit has no option %s; it has -n LOOPS and -r RUNS", o[:2])
		}
	}
	return loops, runs, nil
}

// report is IPython's line, with the best run too.
func report(took []time.Duration, loops int) string {
	each := make([]float64, len(took)) // nanoseconds a loop
	best := math.Inf(1)
	for i, d := range took {
		each[i] = float64(d) / float64(loops)
		best = min(best, each[i])
	}
	mean, deviation := stat.PopMeanStdDev(each, nil)
	plural := func(n int, word string) string {
		if n != 1 {
			word += "s"
		}
		return thousands(n) + " " + word
	}
	return fmt.Sprintf("%s ± %s per loop (mean ± std. dev. of %s, %s each), best %s",
		nanoseconds(mean), nanoseconds(deviation), plural(len(took), "run"), plural(loops, "loop"), nanoseconds(best))
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func short(d time.Duration) string { return nanoseconds(float64(d)) }

// nanoseconds formats a time with three digits and the unit that suits it.
func nanoseconds(ns float64) string {
	switch {
	case ns >= 100e9:
		d := time.Duration(ns).Round(time.Second)
		return fmt.Sprintf("%dmin %ds", int(d.Minutes()), int(d.Seconds())%60)
	case ns >= 1e9:
		return fmt.Sprintf("%.3g s", ns/1e9)
	case ns >= 1e6:
		return fmt.Sprintf("%.3g ms", ns/1e6)
	case ns >= 1e3:
		return fmt.Sprintf("%.3g µs", ns/1e3)
	}
	return fmt.Sprintf("%.3g ns", ns)
}
