package benchmark

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"arch2vec/native/space"
)

// Data is all that a benchmark's file holds, by cell of its space. It is
// read-only and safe for several goroutines.
type Data struct {
	space   space.Space
	name    string
	columns []column
}

// quantity is what a column holds: an accuracy on a split, in percent, or the
// seconds of training.
type quantity uint8

const seconds quantity = 255

func accuracy(s Split) quantity { return quantity(s) }

// missing marks a cell that has no number in a column.
var missing = math.NaN()

func (q quantity) String() string {
	if q == seconds {
		return "training time"
	}
	return Split(q).String() + " accuracy"
}

// check refuses what is no number of this quantity.
func (q quantity) check(v float64) error {
	if q == seconds && !(v >= 0 && v < 1e9) {
		return fmt.Errorf("%v is not a number of seconds", v)
	}
	if q != seconds && !(v >= 0 && v <= 100+1e-4) { // published means are rounded
		return fmt.Errorf("%v %% is not an accuracy", v)
	}
	return nil
}

// key says what a column of Data is about. Seed 0 is the mean over seeds, of files
// that have no more than that.
type key struct {
	dataset  Dataset
	quantity quantity
	epochs   int // length of the run
	at       int // after which epoch
	seed     int
}

func (k key) String() string {
	return k.quantity.String() + " on " + Runs{Dataset: k.dataset, Epochs: k.epochs, At: k.at, Seed: k.seed}.String()
}

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.dataset, b.dataset), cmp.Compare(a.quantity, b.quantity),
		cmp.Compare(a.epochs, b.epochs), cmp.Compare(a.at, b.at), cmp.Compare(a.seed, b.seed))
}

// column has one number for every cell of the space, NaN where there is none.
type column struct {
	key
	values []float64
}

// Name returns the name of the benchmark, such as "nasbench201".
func (d *Data) Name() string { return d.name }

// Space returns the space whose cells the benchmark has scores for.
func (d *Data) Space() space.Space { return d.space }

// Contents lists what the file has, one line for each kind of measurement:
// "validation accuracy on cifar10, 200 epochs, seeds 777, 888, 999".
func (d *Data) Contents() []string {
	var lines []string
	for i := 0; i < len(d.columns); {
		first := d.columns[i].key
		line := first.String()
		var seeds []string
		for ; i < len(d.columns); i++ {
			k := d.columns[i].key
			seed := k.seed
			k.seed = first.seed
			if k != first {
				break
			}
			if seed != 0 {
				seeds = append(seeds, fmt.Sprint(seed))
			}
		}
		if first.seed != 0 {
			line = strings.TrimSuffix(line, fmt.Sprint("seed ", first.seed)) + "seeds " + strings.Join(seeds, ", ")
		} else if len(seeds) > 0 {
			line += ", and seeds " + strings.Join(seeds, ", ")
		}
		lines = append(lines, line)
	}
	return lines
}

// Datasets lists the data sets that the file has an accuracy for.
func (d *Data) Datasets() []Dataset {
	var list []Dataset
	for _, k := range Datasets() {
		if slices.ContainsFunc(d.columns, func(c column) bool { return c.dataset == k && c.quantity != seconds }) {
			list = append(list, k)
		}
	}
	return list
}

// find returns the values of a column: as it is in the file or, for seed 0, the
// mean over the seeds that a cell has. No such column is no values.
func (d *Data) find(k key) []float64 {
	var all [][]float64
	for i := range d.columns {
		c := &d.columns[i]
		if c.key == k {
			return c.values
		}
		if same := c.key; k.seed == 0 {
			same.seed = 0
			if same == k {
				all = append(all, c.values)
			}
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return means(all)
}

// means averages columns, leaving out what is missing.
func means(all [][]float64) []float64 {
	mean := make([]float64, len(all[0]))
	for i := range mean {
		sum, n := 0.0, 0
		for _, values := range all {
			if v := values[i]; !math.IsNaN(v) {
				sum += v
				n++
			}
		}
		mean[i] = sum / float64(n) // none: NaN
	}
	return mean
}

// Table returns the scores of these runs. What the file does not have is an error
// that says what it has, but that a file with no validation accuracy at all for
// the data set has its test accuracy taken, as Table.Describe then says.
func (d *Data) Table(r Runs) (*Table, error) {
	asked := r
	r = r.withDefaults(d.space.Name())
	if err := r.validate(); err != nil {
		return nil, err
	}
	if r.SearchOn == Validation && asked.Epochs == 0 && asked.At == 0 && !d.has(r.Dataset, accuracy(Validation)) {
		r.SearchOn = Test
	}
	t := &Table{space: d.space, name: d.name + "/" + r.Dataset.String(), runs: r}
	at := func(q quantity) key { return key{r.Dataset, q, r.Epochs, r.At, r.Seed} }
	if t.validation = d.find(at(accuracy(r.SearchOn))); t.validation == nil {
		return nil, d.lacks(at(accuracy(r.SearchOn)))
	}
	if t.test = d.find(at(accuracy(Test))); t.test == nil {
		return nil, d.lacks(at(accuracy(Test)))
	}
	whole := key{r.Dataset, seconds, r.Epochs, r.Epochs, r.Seed}
	times := d.find(whole)
	if times == nil && r.Seed != 0 { // a file with one time for all seeds
		whole.seed = 0
		times = d.find(whole)
	}
	t.setCost(times, float64(r.CostEpochs)/float64(r.Epochs))
	return t, nil
}

func (d *Data) has(set Dataset, q quantity) bool {
	return slices.ContainsFunc(d.columns, func(c column) bool { return c.dataset == set && c.quantity == q })
}

// lacks says what is not in the file, and what is.
func (d *Data) lacks(k key) error {
	return fmt.Errorf("benchmark: %s has no %v; it has: %s", d.name, k, strings.Join(d.Contents(), "; "))
}
