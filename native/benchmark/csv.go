package benchmark

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"arch2vec/native/space"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// OpenCSV returns the default scores on a data set out of a file that ReadCSV
// reads.
func OpenCSV(path string, d Dataset) (*Table, error) {
	data, err := ReadCSV(context.Background(), path)
	if err != nil {
		return nil, err
	}
	return data.Table(Runs{Dataset: d})
}

// ReadCSV reads a benchmark from a CSV file with a head, plain or gzipped. Which
// cell a row is about is said by one of
//
//	arch          NAS-Bench-201's arch string
//	hash          NAS-Bench-101's graph hash
//	v, bits, ops  NAS-Bench-101: number of vertices; edge x -> y (x < y) where bit
//	              x + y(y-1)/2 of bits is set; one digit for each inner vertex, 0
//	              conv3x3, 1 conv1x1, 2 maxpool3x3
//
// and its scores by columns of any of these names:
//
//	SET_SPLIT[_epN][_sSEED]  accuracy in percent, where SET is c10, c100 or in16,
//	                         SPLIT valid, test, testhalf or train, after runs of N
//	                         epochs (the longest there are), of one seed (the mean)
//	SET_timeN[_sSEED]_s      seconds of training for N epochs
//	test_acc, test_mean      NAS-Bench-101: mean test accuracy at 108 epochs, a
//	                         fraction of 1
//	valN, timeN              NAS-Bench-101: validation accuracy, a fraction of 1, and
//	                         seconds, of runs of N epochs
//
// Other columns are passed over. An empty field is a score that is missing. An
// error names the file, the line and the column.
func ReadCSV(ctx context.Context, path string) (*Data, error) {
	s, err := newSource(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	return readCSVSource(s)
}

// gunzip unpacks what is packed.
func gunzip(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if head, _ := b.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return b, nil
	}
	return gzip.NewReader(b)
}

func readCSV(ctx context.Context, r io.Reader) (*Data, error) {
	bound := &limited{r, maxLineCSV}
	c := csv.NewReader(bound)
	c.ReuseRecord = true
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("its head: %w", err)
	}
	head = slices.Clone(head)
	if len(head) > 0 {
		head[0] = string(bytes.TrimPrefix([]byte(head[0]), []byte("\ufeff")))
	}
	finder, err := newFinder(ctx, head)
	if err != nil {
		return nil, err
	}
	rows := newRows(finder.space())
	var fields []csvField
	for i, name := range head {
		k, scale, ok, err := csvColumn(name, rows.space.Name())
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if _, twice := rows.columns[k]; twice {
			return nil, fmt.Errorf("column %q is there twice, or under two names", name)
		}
		values, err := rows.add(k)
		if err != nil {
			return nil, err
		}
		fields = append(fields, csvField{i, k.quantity, scale, values})
	}
	if len(fields) == 0 {
		return nil, errors.New("no column of scores in its head, such as c10_valid or test_acc")
	}
	seen := make([]bool, rows.space.Len())
	n := 0
	for ; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		bound.left = maxLineCSV // the reader keeps a line in memory
		row, err := c.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, located(c, err)
		}
		line, _ := c.FieldPos(0)
		cell, err := finder.find(n, row)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if seen[cell] {
			return nil, fmt.Errorf("line %d: its cell was on an earlier line", line)
		}
		seen[cell] = true
		for _, f := range fields {
			if f.values[cell], err = f.number(row[f.at]); err != nil {
				return nil, fmt.Errorf("line %d, column %s: %w", line, head[f.at], err)
			}
		}
	}
	if n == 0 {
		return nil, errors.New("no cell is in it, only a head")
	}
	return rows.data(rows.space.Name()), nil
}

// located says where a reader was when it failed, unless the error does: not one of
// the packing or the disk.
func located(c *csv.Reader, err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return err
	}
	return fmt.Errorf("after byte %d of its text: %w", c.InputOffset(), err)
}

// maxLineCSV is more than the bytes of a line, and of what is read ahead.
const maxLineCSV = 1 << 20

// csvField is a column of scores.
type csvField struct {
	at       int
	quantity quantity
	scale    float64
	values   []float64
}

// number reads a field in percent or seconds; an empty one is missing.
func (f *csvField) number(text string) (float64, error) {
	if text == "" {
		return missing, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%.40q is not a number", text)
	}
	v *= f.scale
	return v, f.quantity.check(v)
}

// finder knows which cell a row is about.
type finder interface {
	space() space.Space
	// find returns the index of the cell of the n-th row.
	find(n int, row []string) (int, error)
}

func newFinder(ctx context.Context, head []string) (finder, error) {
	if at := slices.Index(head, "arch"); at >= 0 {
		return archFinder{nasbench201.New(), at}, nil
	}
	at := func(names ...string) []int {
		list := make([]int, len(names))
		for i, name := range names {
			if list[i] = slices.Index(head, name); list[i] < 0 {
				return nil
			}
		}
		return list
	}
	open := func(find func(s *nasbench101.Space) finder) (finder, error) {
		s, err := nasbench101.OpenContext(ctx, cores())
		if err != nil {
			return nil, err
		}
		return find(s), nil
	}
	if list := at("hash"); list != nil {
		return open(func(s *nasbench101.Space) finder { return hashFinder{s, list[0]} })
	}
	if list := at("v", "bits", "ops"); list != nil {
		return open(func(s *nasbench101.Space) finder { return graphFinder{s, [3]int(list)} })
	}
	return nil, fmt.Errorf("its head %.200q names no cell: no column arch, none hash, and not v, bits and ops", head)
}
