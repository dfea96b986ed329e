package graphae

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// SaveCSV writes a line of names, cell,z0,z1,..., and one line a cell: its index
// and the Dim numbers, in digits that read back as the same float32.
func (e *Embeddings) SaveCSV(path string) error {
	return e.save(path, func(w io.Writer) error {
		line := csvNames(e.Dim)
		for i := 0; ; i++ {
			if _, err := w.Write(append(line, '\n')); err != nil || i == e.Rows {
				return err
			}
			line = strconv.AppendInt(line[:0], int64(i), 10)
			for _, v := range e.Row(i) {
				line = strconv.AppendFloat(append(line, ','), float64(v), 'g', -1, 32)
			}
		}
	})
}

func csvNames(dim int) []byte {
	line := []byte("cell")
	for d := range dim {
		line = strconv.AppendInt(append(line, ",z"...), int64(d), 10)
	}
	return line
}

// LoadCSV reads what [Embeddings.SaveCSV] writes; lines may end in CR LF. It
// refuses other columns, cells out of order, numbers that are none, and a last
// line without an end, as of a truncated file; a file that was cut at the end of
// a line cannot be told from a whole one.
func LoadCSV(path string) (*Embeddings, error) {
	return load(path, decodeCSV)
}

func decodeCSV(r *bufio.Reader, _ int64) (*Embeddings, error) {
	names, err := csvLine(r)
	if err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	e := &Embeddings{Dim: bytes.Count(names, []byte(","))}
	if e.Dim == 0 || !bytes.Equal(names, csvNames(e.Dim)) {
		return nil, errors.New("line 1: the columns are not cell, z0, z1 and so on")
	}
	for {
		line, err := csvLine(r)
		if errors.Is(err, io.EOF) {
			return e, nil
		}
		if err == nil {
			err = e.appendCSV(line)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", e.Rows+2, err)
		}
		e.Rows++
	}
}

// csvLine reads a line up to its end, at most the buffer of r.
func csvLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, fmt.Errorf("more than %d bytes", len(line))
	case errors.Is(err, io.EOF) && len(line) > 0:
		return nil, errors.New("it does not end: the file is truncated")
	case err != nil:
		return nil, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
}

func (e *Embeddings) appendCSV(line []byte) error {
	index, rest, _ := bytes.Cut(line, []byte(","))
	if string(index) != strconv.Itoa(e.Rows) {
		return fmt.Errorf("cell %q, not %d", index, e.Rows)
	}
	if n := bytes.Count(line, []byte(",")); n != e.Dim {
		return fmt.Errorf("%d numbers, not %d", n, e.Dim)
	}
	for range e.Dim {
		var number []byte
		number, rest, _ = bytes.Cut(rest, []byte(","))
		v, err := strconv.ParseFloat(string(number), 32)
		if err != nil {
			return fmt.Errorf("%q is not a float32", number)
		}
		e.Data = append(e.Data, float32(v))
	}
	return nil
}
