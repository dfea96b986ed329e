package benchmark

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"arch2vec/native/cell"
	"arch2vec/native/space"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// What the fields of a column are to be multiplied with.
const (
	asIs     = 1.0
	fraction = 100.0
)

var (
	accuracyColumn = regexp.MustCompile(`^(c10|c100|in16)_(valid|test|testhalf|train)(?:_ep(\d{1,4}))?(?:_s(\d{1,9}))?$`)
	timeColumn     = regexp.MustCompile(`^(c10|c100|in16)_time(\d{1,4})(?:_s(\d{1,9}))?_s$`)
	ownColumn      = regexp.MustCompile(`^(c10|c100|in16)_`)
	shortColumn    = regexp.MustCompile(`^(val|time)(\d{1,4})$`)
)

var setNames = map[string]Dataset{"c10": CIFAR10, "c100": CIFAR100, "in16": ImageNet16120}
var splitNames = map[string]Split{"valid": Validation, "test": Test, "testhalf": TestOfHalf, "train": Train}

// csvColumn reads the name of a column; ok is false for one that is no score.
func csvColumn(name, space string) (k key, scale float64, ok bool, err error) {
	number := func(text string, otherwise int) int {
		if text == "" {
			return otherwise
		}
		n, _ := strconv.Atoi(text) // a few digits
		return n
	}
	run := func(set Dataset, q quantity, epochs, seed int) key { return key{set, q, epochs, epochs, seed} }
	if m := accuracyColumn.FindStringSubmatch(name); m != nil {
		return run(setNames[m[1]], accuracy(splitNames[m[2]]), number(m[3], longest(space)), number(m[4], 0)), asIs, true, nil
	}
	if m := timeColumn.FindStringSubmatch(name); m != nil {
		return run(setNames[m[1]], seconds, number(m[2], 0), number(m[3], 0)), asIs, true, nil
	}
	if ownColumn.MatchString(name) {
		return key{}, 0, false, fmt.Errorf("column %.80q: want SET_SPLIT[_epN][_sSEED] with SPLIT valid, test, testhalf or train, or SET_timeN_s", name)
	}
	if space != nasbench101.Name {
		return key{}, 0, false, nil
	}
	if name == "test_acc" || name == "test_mean" {
		return run(CIFAR10, accuracy(Test), longest(space), 0), fraction, true, nil
	}
	if m := shortColumn.FindStringSubmatch(name); m != nil {
		if m[1] == "time" {
			return run(CIFAR10, seconds, number(m[2], 0), 0), asIs, true, nil
		}
		return run(CIFAR10, accuracy(Validation), number(m[2], 0), 0), fraction, true, nil
	}
	return key{}, 0, false, nil
}

// archFinder finds cells of NAS-Bench-201 by their arch string.
type archFinder struct {
	s  nasbench201.Space
	at int
}

func (f archFinder) space() space.Space { return f.s }

func (f archFinder) find(_ int, row []string) (int, error) {
	c, err := f.s.Parse(row[f.at])
	if err != nil {
		return 0, err
	}
	i, _ := f.s.Index(c) // Parse gives cells of the space
	return i, nil
}

// hashFinder finds cells of NAS-Bench-101 by their graph hash.
type hashFinder struct {
	s  *nasbench101.Space
	at int
}

func (f hashFinder) space() space.Space { return f.s }

func (f hashFinder) find(_ int, row []string) (int, error) {
	c, err := f.s.Parse(row[f.at])
	if err != nil {
		return 0, err
	}
	i, _ := f.s.Index(c) // Parse gives cells of the space
	return i, nil
}

// graphFinder finds cells of NAS-Bench-101 by their graph.
type graphFinder struct {
	s  *nasbench101.Space
	at [3]int // the columns v, bits and ops
}

func (f graphFinder) space() space.Space { return f.s }

func (f graphFinder) find(n int, row []string) (int, error) {
	c, err := parseBits(row[f.at[0]], row[f.at[1]], row[f.at[2]])
	if err != nil {
		return 0, err
	}
	if n < f.s.Len() && f.s.Cell(n) == c { // a file in the order of the space
		return n, nil
	}
	i, ok := f.s.Index(c)
	if !ok {
		return 0, f.s.Check(c)
	}
	return i, nil
}

// labels are the digits of the ops column.
var labels = [...]int{nasbench101.Conv3x3, nasbench101.Conv1x1, nasbench101.MaxPool3x3}

// parseBits reads a cell of NAS-Bench-101 from the columns v, bits and ops.
func parseBits(v, bits, ops string) (cell.Cell, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < 2 || n > nasbench101.MaxNodes {
		return cell.Cell{}, fmt.Errorf("v is %.20q, want 2 to %d", v, nasbench101.MaxNodes)
	}
	graph, err := strconv.ParseUint(bits, 10, 64)
	if err != nil || graph>>(n*(n-1)/2) != 0 {
		return cell.Cell{}, fmt.Errorf("bits is %.40q, want a number of %d bits", bits, n*(n-1)/2)
	}
	if len(ops) != n-2 || strings.Trim(ops, "012") != "" {
		return cell.Cell{}, fmt.Errorf("ops is %.40q, want %d digits from 0 to 2", ops, n-2)
	}
	nodes := make([]int, n)
	nodes[0], nodes[n-1] = nasbench101.Input, nasbench101.Output
	for i := range ops {
		nodes[i+1] = labels[ops[i]-'0']
	}
	var edges [][2]int
	for y := 1; y < n; y++ {
		for x := range y {
			if graph>>(x+y*(y-1)/2)&1 == 1 {
				edges = append(edges, [2]int{x, y})
			}
		}
	}
	return cell.New(nodes, edges)
}
