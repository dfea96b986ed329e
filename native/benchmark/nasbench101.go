package benchmark

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"arch2vec/native/cell"
	"arch2vec/native/space/nasbench101"
)

// metrics101 is one training of NAS-Bench-101: the message ModelMetrics of its
// files.
type metrics101 struct {
	evaluations []evaluation101 // at the beginning, halfway and at the end
	parameters  int
}

// evaluation101 is the message EvaluationData. Accuracies are fractions of 1.
type evaluation101 struct{ epoch, seconds, train, validation, test float64 }

// readRecords reads nasbench_only108.tfrecord or nasbench_full.tfrecord. A record
// is a JSON list: graph hash, epochs, adjacency matrix as a text of digits,
// operations with commas between, and a base64 protocol buffer.
func readRecords(s *source) (*Data, error) {
	f, err := s.file("")
	if err != nil {
		return nil, s.fail("", err)
	}
	defer f.Close()
	space, err := nasbench101.OpenContext(s.ctx, cores())
	if err != nil {
		return nil, err
	}
	rows := &rows101{rows: newRows(space), space: space, known: map[string]known101{}, repeats: map[repeat101]int{}}
	t := newTFRecords(f)
	for {
		record, err := t.record()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = rows.record(record)
		}
		if err != nil {
			return nil, s.fail("", fmt.Errorf("byte %d: %w", t.at, err))
		}
	}
	if len(rows.known) == 0 {
		return nil, s.fail("", errors.New("it has no record"))
	}
	return rows.data(nasbench101.Name), nil
}

// rows101 gathers the trainings of NAS-Bench-101.
type rows101 struct {
	*rows
	space   *nasbench101.Space
	known   map[string]known101 // by graph hash
	repeats map[repeat101]int   // how many trainings there were
}

type known101 struct {
	row  int
	cell cell.Cell // as the file has it
}

type repeat101 struct{ row, epochs int }

// record takes one training.
func (r *rows101) record(text []byte) error {
	var hash, adjacency, ops, packed string
	var epochs int
	fields := []any{&hash, &epochs, &adjacency, &ops, &packed}
	if err := json.Unmarshal(text, &fields); err != nil {
		return fmt.Errorf("no JSON list of a training: %w", err)
	}
	if len(fields) != 5 {
		return fmt.Errorf("a list of %d, want hash, epochs, adjacency, operations and metrics", len(fields))
	}
	row, err := r.find(hash, adjacency, ops)
	if err != nil {
		return err
	}
	if epochs < 1 || epochs > 10000 {
		return fmt.Errorf("%d epochs", epochs)
	}
	message, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	m, err := parseMetrics101(message)
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	at := repeat101{row, epochs}
	r.repeats[at]++
	seed := r.repeats[at]
	if seed > maxRepeats {
		return fmt.Errorf("more than %d trainings of cell %s for %d epochs", maxRepeats, hash, epochs)
	}
	n := len(m.evaluations)
	if n < 2 {
		return fmt.Errorf("metrics: %d evaluations, want those of the beginning, the half and the end", n)
	}
	r.put(row, epochs, epochs, seed, m.evaluations[n-1])
	if epochs%2 == 0 && n >= 3 {
		r.put(row, epochs, epochs/2, seed, m.evaluations[n-2])
	}
	return nil
}

// maxRepeats is the number of trainings of one cell and length, and some more.
const maxRepeats = 8

// find is the row of a cell. Hash and graph must agree.
func (r *rows101) find(hash, adjacency, ops string) (int, error) {
	c, err := parseModule(adjacency, ops)
	if err != nil {
		return 0, err
	}
	if k, ok := r.known[hash]; ok && k.cell == c {
		return k.row, nil
	}
	i, ok := r.space.Index(c)
	if !ok {
		return 0, r.space.Check(c)
	}
	if of, err := r.space.Parse(hash); err != nil || of != r.space.Cell(i) {
		return 0, fmt.Errorf("the graph hash %.40q is not that of its cell, %v", hash, c)
	}
	r.known[strings.Clone(hash)] = known101{i, c}
	return i, nil
}

// put takes an evaluation.
func (r *rows101) put(row, epochs, at, seed int, e evaluation101) {
	for q, v := range map[quantity]float64{
		accuracy(Train): 100 * e.train, accuracy(Validation): 100 * e.validation, accuracy(Test): 100 * e.test, seconds: e.seconds,
	} {
		r.add(key{CIFAR10, q, epochs, at, seed})[row] = v
	}
}

// parseModule reads a cell as the files write it, with any number of nodes up to 7.
func parseModule(adjacency, ops string) (cell.Cell, error) {
	names := strings.Split(ops, ",")
	n := len(names)
	if n > nasbench101.MaxNodes || len(adjacency) != n*n || strings.Trim(adjacency, "01") != "" {
		return cell.Cell{}, fmt.Errorf("an adjacency matrix of %d digits %.60q for %d operations", len(adjacency), adjacency, n)
	}
	vocabulary := (*nasbench101.Space)(nil).Ops()
	nodes := make([]int, n)
	for i, name := range names {
		if nodes[i] = slices.Index(vocabulary, name); nodes[i] < 0 {
			return cell.Cell{}, fmt.Errorf("no operation %.40q", name)
		}
	}
	var edges [][2]int
	for k := range len(adjacency) {
		if adjacency[k] == '1' {
			edges = append(edges, [2]int{k / n, k % n})
		}
	}
	return cell.New(nodes, edges)
}

// parseMetrics101 reads ModelMetrics: 1 evaluation_data, repeated; 2
// trainable_parameters; 3 total_time.
func parseMetrics101(b []byte) (m metrics101, err error) {
	err = fields(b, func(num protowire.Number, value []byte, bits uint64) error {
		switch num {
		case 1:
			e, err := parseEvaluation101(value)
			m.evaluations = append(m.evaluations, e)
			return err
		case 2:
			m.parameters = int(int32(bits))
		}
		return nil
	})
	return m, err
}

// parseEvaluation101 reads EvaluationData: 1 current_epoch, 2 training_time, 3 to 5
// the accuracies; all doubles.
func parseEvaluation101(b []byte) (e evaluation101, err error) {
	err = fields(b, func(num protowire.Number, _ []byte, bits uint64) error {
		v := math.Float64frombits(bits)
		switch num {
		case 1:
			e.epoch = v
		case 2:
			e.seconds = v
			return seconds.check(v)
		case 3, 4, 5:
			*[...]*float64{&e.train, &e.validation, &e.test}[num-3] = v
			return accuracy(Test).check(100 * v)
		}
		return nil
	})
	return e, err
}

// fields calls f for each field of a message, with the bytes, or the bits of the
// number, that it holds.
func fields(b []byte, f func(num protowire.Number, value []byte, bits uint64) error) error {
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		var value []byte
		var bits uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(b)
		case protowire.Fixed64Type:
			bits, n = protowire.ConsumeFixed64(b)
		case protowire.VarintType:
			bits, n = protowire.ConsumeVarint(b)
		default:
			n = protowire.ConsumeFieldValue(num, kind, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if err := f(num, value, bits); err != nil {
			return err
		}
	}
	return nil
}
