package benchmark

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"arch2vec/native/cell"
	"arch2vec/native/space/darts"
)

// Surrogate is an Oracle for DARTS cells in the place of NAS-Bench-301 (Siems et
// al., 2020), which itself is a model, fitted to 60,000 trainings. It predicts an
// accuracy on CIFAR-10 after 100 epochs and the time of the training. There is no
// test accuracy: Score.Test repeats the validation accuracy. It is read-only and
// safe for several goroutines.
type Surrogate struct {
	name  string
	about string
	model func(normal, reduction *genotype) Score
	parts surrogateParts
}

// Name returns the benchmark and the data set, as in "nasbench301/cifar10".
func (s *Surrogate) Name() string { return s.name }

// Describe says in one line what the model is, and how good.
func (s *Surrogate) Describe() string { return s.name + ": " + s.about }

// Score predicts the score of the network whose normal and reduction cells are
// both this cell, as arch2vec's are. NAS-Bench-301 knows no operation none: a cell
// that has one is an error that wraps ErrNoScore.
func (s *Surrogate) Score(ctx context.Context, c cell.Cell) (Score, error) {
	return s.Pair(ctx, c, c)
}

// Pair is Score for a network of two different cells.
func (s *Surrogate) Pair(ctx context.Context, normal, reduction cell.Cell) (Score, error) {
	if err := ctx.Err(); err != nil {
		return Score{}, err
	}
	var genes [2]genotype
	for i, c := range []cell.Cell{normal, reduction} {
		text, err := (*darts.Space)(nil).Format(c)
		if err == nil {
			genes[i], err = parseGenotype(text)
		}
		if err != nil {
			return Score{}, fmt.Errorf("benchmark: %s: %w: %w", s.name, ErrNoScore, err)
		}
	}
	return s.model(&genes[0], &genes[1]), nil
}

// name301 is what a surrogate is imported under.
const name301 = "nasbench301"

// The sizes of NAS-Bench-301's cells: nodes 2 to 5 have two inputs each out of the
// nodes before them, so that 14 edges are possible.
const (
	nodes301   = 4
	edges301   = 2 + 3 + 4 + 5
	sources301 = 2 + nodes301 - 1
)

// operations301 are those of NAS-Bench-301.
var operations301 = []string{"max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"}

// genotype is a cell: picks 2n and 2n+1 are the operations of node 2+n, and their
// inputs.
type genotype [2 * nodes301]struct{ op, in int }

// edge301 numbers the edge of pick k, of an input.
func edge301(k, in int) int { return []int{0, 2, 5, 9}[k/2] + in }

// parseGenotype reads "op~in|op~in|...", in which the two inputs of a node differ.
func parseGenotype(text string) (g genotype, err error) {
	picks := strings.Split(text, "|")
	if len(picks) != len(g) {
		return g, fmt.Errorf("%.200q has %d operations, want %d", text, len(picks), len(g))
	}
	for k, pick := range picks {
		op, in, _ := strings.Cut(pick, "~")
		if g[k].op = slices.Index(operations301, op); g[k].op < 0 {
			return g, fmt.Errorf("NAS-Bench-301 has no operation %.40q", op)
		}
		g[k].in, err = strconv.Atoi(in)
		if err != nil || g[k].in < 0 || g[k].in > k/2+1 {
			return g, fmt.Errorf("operation %d of %.200q: want an input from 0 to %d", k+1, text, k/2+1)
		}
		if k%2 == 1 && g[k].in == g[k-1].in {
			return g, fmt.Errorf("operation %d of %.200q has the same input as the one before", k+1, text)
		}
	}
	return g, nil
}

// row301 is a network and what NAS-Bench-301 says of it.
type row301 struct {
	normal, reduction genotype
	accuracy, seconds float64 // percent; NaN where it has no time
}

// FitSurrogate fits a model to a table of NAS-Bench-301's predictions, a CSV file,
// plain or gzipped, with the columns normal and reduce (cells as the DARTS space
// formats them), acc (percent) and, where known, runtime_s. The model is ridge
// regression on operations, depths, and pairs of them; what it is worth is measured
// on a tenth of the rows that a first fit leaves out, and told by Describe.
func FitSurrogate(ctx context.Context, path string) (*Surrogate, error) {
	s, err := newSource(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	f, err := s.file("")
	if err != nil {
		return nil, s.fail("", err)
	}
	defer f.Close()
	plain, err := gunzip(f)
	if err != nil {
		return nil, s.fail("", err)
	}
	rows, err := read301(plain)
	if err != nil {
		return nil, s.fail("", err)
	}
	accuracies := func(r row301) float64 { return r.accuracy }
	fit, held, timed := split301(rows)
	first, err := fitRidge(fit, accuracies)
	if err != nil {
		return nil, s.fail("", err)
	}
	whole, err := fitRidge(rows, accuracies)
	if err != nil {
		return nil, s.fail("", err)
	}
	p := surrogateParts{Accuracy: whole, About: fmt.Sprintf(
		"ridge regression on %d networks, Spearman's rank correlation %.3f on %d that a fit left out; no test accuracy: it repeats validation",
		len(rows), first.spearman(held), len(held))}
	if len(timed) < least301 {
		p.About += "; no cost"
	} else if p.Seconds, err = fitRidge(timed, func(r row301) float64 { return math.Log(max(r.seconds, 1)) }); err != nil {
		return nil, s.fail("", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return p.surrogate(name301)
}

// split301 leaves out every tenth row, and tells those with a time.
func split301(rows []row301) (fit, held, timed []row301) {
	for i, r := range rows {
		if i%10 == 9 {
			held = append(held, r)
		} else {
			fit = append(fit, r)
		}
		if !math.IsNaN(r.seconds) {
			timed = append(timed, r)
		}
	}
	return fit, held, timed
}

// read301 reads the table.
func read301(r io.Reader) ([]row301, error) {
	bound := &limited{r, maxLineCSV}
	c := csv.NewReader(bound)
	c.ReuseRecord = true
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("its head: %w", err)
	}
	head = slices.Clone(head)
	var at [4]int
	for i, name := range []string{"normal", "reduce", "acc", "runtime_s"} {
		if at[i] = slices.Index(head, name); at[i] < 0 && i < 3 {
			return nil, fmt.Errorf("no column %s in its head %.200q", name, head)
		}
	}
	var rows []row301
	for len(rows) <= most301 {
		bound.left = maxLineCSV
		fields, err := c.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, located(c, err)
		}
		line, _ := c.FieldPos(0)
		row := row301{seconds: missing}
		if row.normal, err = parseGenotype(fields[at[0]]); err == nil {
			row.reduction, err = parseGenotype(fields[at[1]])
		}
		if err == nil {
			row.accuracy, err = (&csvField{quantity: accuracy(Validation), scale: asIs}).number(fields[at[2]])
		}
		if err == nil && at[3] >= 0 {
			row.seconds, err = (&csvField{quantity: seconds, scale: asIs}).number(fields[at[3]])
		}
		if err == nil && math.IsNaN(row.accuracy) {
			err = errors.New("no accuracy")
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		rows = append(rows, row)
	}
	if len(rows) < least301 || len(rows) > most301 {
		return nil, fmt.Errorf("%d networks, want %d to %d to fit a model", len(rows), least301, most301)
	}
	return rows, nil
}

// least301 is fewer than there are features, but ridge regression copes; most301 is
// as many as NAS-Bench-301 itself is fitted to.
const (
	least301 = 100
	most301  = 60_000
)
