package benchmark

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"arch2vec/native/internal/lock"
)

// storeRow is a line of a store of results.
type storeRow struct {
	Space      string    `json:"space"`
	Dataset    string    `json:"dataset"`
	Cell       string    `json:"cell"`
	Class      string    `json:"class"`
	Validation float64   `json:"validation"`
	Test       float64   `json:"test"`
	Cost       float64   `json:"cost"`
	Seconds    float64   `json:"seconds"` // that it really took
	At         time.Time `json:"at"`
}

// store keeps results by the class of their cell, in memory and in a file of JSON
// lines that is only ever appended to.
type store struct {
	lock   sync.Mutex
	file   *os.File // nil without one
	path   string
	size   int64 // of the whole lines
	scores map[string]Score
}

// openStore reads what there is. A last line that is not whole, of a process that
// was killed while it wrote, is dropped; any other damage is an error.
func openStore(path, space string, set Dataset) (*store, error) {
	s := &store{path: path, scores: map[string]Score{}}
	if path == "" {
		return s, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("benchmark: the store of results: %w", err)
	}
	if err := lock.Alone(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("benchmark: the store of results %s: %w", path, err)
	}
	r := bufio.NewReader(f)
	for number := 1; ; number++ {
		line, err := r.ReadBytes('\n')
		if err == io.EOF {
			break // what has no end was not completed
		}
		if err == nil {
			err = s.take(line, space, set)
		}
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("benchmark: the store of results %s, line %d: %w", path, number, err)
		}
		s.size += int64(len(line))
	}
	if err := f.Truncate(s.size); err != nil {
		f.Close()
		return nil, fmt.Errorf("benchmark: the store of results: %w", err)
	}
	s.file = f
	return s, nil
}

// take reads a line; those of other spaces and data sets are left alone.
func (s *store) take(line []byte, space string, set Dataset) error {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	var row storeRow
	if err := json.Unmarshal(line, &row); err != nil {
		return err
	}
	if row.Class == "" {
		return errors.New("no result of a cell")
	}
	if row.Space == space && row.Dataset == set.String() {
		s.scores[row.Class] = Score{row.Validation, row.Test, row.Cost}
	}
	return nil
}

func (s *store) find(class string) (Score, bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	score, ok := s.scores[class]
	return score, ok
}

func (s *store) len() int {
	s.lock.Lock()
	defer s.lock.Unlock()
	return len(s.scores)
}

// add stores a result; it is on the disk when add returns. After an error, as of a
// full disk, the file has whole lines only.
func (s *store) add(row storeRow) error {
	line, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("benchmark: %w", err)
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.scores[row.Class] = Score{row.Validation, row.Test, row.Cost}
	if s.file == nil {
		return nil
	}
	line = append(line, '\n')
	_, err = s.file.WriteAt(line, s.size)
	if err == nil {
		err = s.file.Sync()
	}
	if err != nil {
		_ = s.file.Truncate(s.size)
		return fmt.Errorf("benchmark: the result of %s could not be stored: %w", row.Cell, err)
	}
	s.size += int64(len(line))
	return nil
}

func (s *store) close() error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}
