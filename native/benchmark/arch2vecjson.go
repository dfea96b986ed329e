package benchmark

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"arch2vec/native/cell"
	"arch2vec/native/space"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// jsonFiles are the data files of arch2vec's published code, which makes them of
// the benchmarks' own. There is one for each data set of NAS-Bench-201.
var jsonFiles = []struct {
	name string
	set  Dataset
}{
	{"cifar10_valid_converged.json", CIFAR10},
	{"cifar100.json", CIFAR100},
	{"ImageNet16_120.json", ImageNet16120},
}

// jsonCell is an entry of them. On NAS-Bench-101 accuracies are fractions, means
// of three trainings. On NAS-Bench-201 they are in percent, those with "avg" the
// means after 200 epochs; the others are of one training, on CIFAR-10 the validation
// accuracy that after 12 epochs, as is the time.
type jsonCell struct {
	Adjacency   [][]int  `json:"module_adjacency"`
	Operations  [][]int  `json:"module_operations"`
	Validation  *float64 `json:"validation_accuracy"`
	Test        *float64 `json:"test_accuracy"`
	Validations *float64 `json:"validation_accuracy_avg"`
	Tests       *float64 `json:"test_accuracy_avg"`
	Seconds     *float64 `json:"training_time"`
}

// readJSONFolder reads those of the data files for NAS-Bench-201 that are in a
// folder.
func readJSONFolder(s *source) (*Data, error) {
	rows := &jsonRows{space: nasbench201.New(), rows: newRows(nasbench201.New())}
	found := false
	for _, file := range jsonFiles {
		f, err := s.file(file.name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			found = true
			err = rows.read(f, file.set)
			f.Close()
		}
		if err != nil {
			return nil, s.fail(file.name, err)
		}
	}
	if !found {
		return nil, s.fail("", errors.New("neither NATS-Bench's NNNNNN.pickle.pbz2 nor arch2vec's cifar10_valid_converged.json, cifar100.json or ImageNet16_120.json are in this folder"))
	}
	return rows.rows.data(nasbench201.Name), nil
}

// readJSON reads one of the data files. Its name says which data set it is about.
func readJSON(s *source) (*Data, error) {
	f, err := s.file("")
	if err != nil {
		return nil, s.fail("", err)
	}
	defer f.Close()
	rows := &jsonRows{}
	set := CIFAR10
	for _, file := range jsonFiles {
		if filepath.Base(s.path) == file.name {
			set, rows.space = file.set, nasbench201.New()
		}
	}
	if rows.space == nil {
		if rows.space, err = nasbench101.OpenContext(s.ctx, cores()); err != nil {
			return nil, err
		}
	}
	rows.rows = newRows(rows.space)
	if err := rows.read(f, set); err != nil {
		return nil, s.fail("", err)
	}
	return rows.rows.data(rows.space.Name()), nil
}

// jsonRows gathers entries.
type jsonRows struct {
	space space.Space
	rows  *rows
}

// read takes one file, an object of cells by number.
func (r *jsonRows) read(f io.Reader, set Dataset) error {
	bound := &limited{bufio.NewReaderSize(f, 1<<18), maxEntry}
	d := json.NewDecoder(bound)
	seen := make([]bool, r.space.Len())
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return fmt.Errorf("byte %d: want an object of cells (%v)", d.InputOffset(), err)
	}
	n := 0
	for ; d.More(); n++ {
		bound.left = maxEntry // a decoder keeps an entry in memory
		name, err := d.Token()
		var c jsonCell
		if err == nil {
			err = d.Decode(&c)
		}
		if err == nil {
			err = r.add(&c, set, seen)
		}
		if err != nil {
			return fmt.Errorf("byte %d: cell %.40v: %w", d.InputOffset(), name, err)
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("byte %d: %w", d.InputOffset(), err)
	}
	if n == 0 {
		return errors.New("no cell is in it")
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("byte %d: something follows the object of cells", d.InputOffset())
	}
	return nil
}

// maxEntry is more than the bytes of a cell, and of what is read ahead.
const maxEntry = 4 << 20

// add takes one entry.
func (r *jsonRows) add(c *jsonCell, set Dataset, seen []bool) error {
	decoded, err := c.cell()
	if err != nil {
		return err
	}
	i, ok := r.space.Index(decoded)
	if !ok {
		if err := r.space.Check(decoded); err != nil {
			return fmt.Errorf("%w (NAS-Bench-201's files are told by their names, such as cifar100.json)", err)
		}
		return errors.New("no such cell")
	}
	if seen[i] {
		return errors.New("it is there twice")
	}
	seen[i] = true
	put := func(q quantity, epochs int, v *float64, scale float64) error {
		if v == nil {
			return nil
		}
		if err := q.check(*v * scale); err != nil {
			return err
		}
		values, err := r.rows.add(key{set, q, epochs, epochs, 0})
		if err == nil {
			values[i] = *v * scale
		}
		return err
	}
	if r.space.Name() == nasbench101.Name {
		epochs := longest(nasbench101.Name)
		return errors.Join(put(accuracy(Validation), epochs, c.Validation, fraction),
			put(accuracy(Test), epochs, c.Test, fraction), put(seconds, epochs, c.Seconds, asIs))
	}
	epochs, timed := longest(nasbench201.Name), longest(nasbench201.Name)
	if set == CIFAR10 {
		timed = 12
		if err := put(accuracy(Validation), timed, c.Validation, asIs); err != nil {
			return err
		}
	}
	return errors.Join(put(accuracy(Validation), epochs, c.Validations, asIs),
		put(accuracy(Test), epochs, c.Tests, asIs), put(seconds, timed, c.Seconds, asIs))
}

// cell reads the matrices, adjacency and one-hot operations; rows of zeros at the
// end pad a cell.
func (c *jsonCell) cell() (cell.Cell, error) {
	n := len(c.Operations)
	if n < 2 || n > cell.MaxNodes || len(c.Adjacency) != n {
		return cell.Cell{}, fmt.Errorf("matrices of %d and %d rows", len(c.Adjacency), n)
	}
	ops := make([]int, n)
	for i, row := range c.Operations {
		ops[i] = cell.Absent
		for k, v := range row {
			if v != 0 {
				if ops[i] != cell.Absent || v != 1 || k > 100 {
					return cell.Cell{}, fmt.Errorf("row %d of module_operations is not one-hot", i)
				}
				ops[i] = k
			}
		}
	}
	var edges [][2]int
	for i, row := range c.Adjacency {
		for j, v := range row {
			if v != 0 && v != 1 {
				return cell.Cell{}, fmt.Errorf("module_adjacency has a %d in row %d", v, i)
			}
			if v == 1 {
				edges = append(edges, [2]int{i, j})
			}
		}
	}
	return cell.New(ops, edges)
}
