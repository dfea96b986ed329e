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
	source  Source
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
	if q == seconds && !(v >= 0 && v < mostCost) {
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

// column has one number for every cell of the space, NaN where there is none. It
// is in memory, or in a file that is read when it is asked for.
type column struct {
	key
	values []float64
	file   *cacheFile
	place  cachePlace
}

func (c *column) load() ([]float64, error) {
	if c.file == nil {
		return c.values, nil
	}
	return c.file.read(c.place)
}

// Name returns the name of the benchmark, such as "nasbench201".
func (d *Data) Name() string { return d.name }

// Source says what the benchmark was imported from; nothing for one that was only
// read.
func (d *Data) Source() Source { return d.source }

// Space returns the space whose cells the benchmark has scores for.
func (d *Data) Space() space.Space { return d.space }

// Contents lists what the file has, one line for each kind of measurement:
// "validation accuracy on cifar10, 200 epochs, seed 777, 888, 999".
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
			line = strings.TrimSuffix(line, fmt.Sprint("seed ", first.seed)) + "seed " + strings.Join(seeds, ", ")
		} else if len(seeds) > 0 {
			line += ", and seed " + strings.Join(seeds, ", ")
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
func (d *Data) find(k key) ([]float64, error) {
	var seeds []*column
	for i := range d.columns {
		c := &d.columns[i]
		if c.key == k {
			return c.load()
		}
		same := c.key
		same.seed = 0
		if k.seed == 0 && same == k {
			seeds = append(seeds, c)
		}
	}
	all := make([][]float64, len(seeds))
	for i, c := range seeds {
		var err error
		if all[i], err = c.load(); err != nil {
			return nil, err
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	return means(all), nil
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

// addMeans adds the means over seeds, of finished runs, that the file does not have
// itself, so that they need not be made each time that a table is opened.
func (d *Data) addMeans() error {
	var more []column
	for i := range d.columns {
		k := d.columns[i].key
		seeds := k.seed != 0 && k.at == k.epochs
		k.seed = 0
		if !seeds || slices.ContainsFunc(append(d.columns[:i:i], more...), func(c column) bool { same := c.key; same.seed = 0; return same == k }) {
			continue // or not the first of its seeds
		}
		values, err := d.find(k)
		if err != nil {
			return err
		}
		more = append(more, column{key: k, values: values})
	}
	d.columns = append(d.columns, more...)
	slices.SortFunc(d.columns, func(a, b column) int { return compareKeys(a.key, b.key) })
	return nil
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
	for _, want := range []struct {
		values *[]float64
		q      quantity
	}{{&t.validation, accuracy(r.SearchOn)}, {&t.test, accuracy(Test)}} {
		k := key{r.Dataset, want.q, r.Epochs, r.At, r.Seed}
		var err error
		if *want.values, err = d.find(k); err != nil {
			return nil, err
		}
		if *want.values == nil {
			return nil, d.lacks(k)
		}
	}
	var err error
	t.cost, err = d.costs(r)
	return t, err
}

// costs returns what queries cost: a part of the time of the whole runs or, where
// the file has not got that, the time of whole runs of so many epochs. The time
// need not be there for every seed. A file without times is no costs.
func (d *Data) costs(r Runs) ([]float64, error) {
	part := float64(r.CostEpochs) / float64(r.Epochs)
	for _, c := range []struct {
		epochs, seed int
		scale        float64
	}{{r.Epochs, r.Seed, part}, {r.Epochs, 0, part}, {r.CostEpochs, r.Seed, 1}, {r.CostEpochs, 0, 1}} {
		times, err := d.find(key{r.Dataset, seconds, c.epochs, c.epochs, c.seed})
		if err != nil {
			return nil, err
		}
		if times == nil {
			continue
		}
		costs := make([]float64, len(times))
		for i, s := range times {
			costs[i] = s * c.scale
		}
		return costs, nil
	}
	return nil, nil
}

func (d *Data) has(set Dataset, q quantity) bool {
	return slices.ContainsFunc(d.columns, func(c column) bool { return c.dataset == set && c.quantity == q })
}

// lacks says what is not in the file, and what is.
func (d *Data) lacks(k key) error {
	return fmt.Errorf("benchmark: %s has no %v; it has: %s", d.name, k, strings.Join(d.Contents(), "; "))
}
