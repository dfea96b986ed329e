package search

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"arch2vec/native/internal/lock"
)

// header is the first line of a trace file: what the run is. It holds all that
// decides which cells are proposed, but not the budget, so that a run can be
// resumed with a larger one.
type header struct {
	Trace    int             `json:"trace"` // version of the format
	Method   string          `json:"method"`
	Space    string          `json:"space"`
	Oracle   string          `json:"oracle"`
	Seed     uint64          `json:"seed"`
	Batch    int             `json:"batch"`
	Pool     string          `json:"pool,omitempty"`
	Settings json.RawMessage `json:"settings"`
}

// journal is a trace on disk: one line of JSON a query, written in one piece as
// soon as the answer is there. After a kill at any moment all lines are whole but
// perhaps the last one, which is then cut off.
type journal struct {
	path   string
	file   journalFile
	size   int64 // of the whole lines
	synced time.Time
}

// journalFile is what a journal needs of an os.File.
type journalFile interface {
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

var errTrace = errors.New("not a trace of this run")

// openJournal opens the trace file of a run and returns the queries in it. A file
// that is not there yet is made. One that is there is an error unless resume, and
// so is one of another run, and one that another process is writing.
func openJournal(path string, h header, resume bool) (*journal, []Query, error) {
	flags := os.O_RDWR | os.O_CREATE
	if !resume {
		flags |= os.O_EXCL
	}
	f, err := os.OpenFile(path, flags, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil, nil, fmt.Errorf("search: %s is there already: resume it, or give another folder", path)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("search: %w", err)
	}
	if err := lock.Alone(f); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("search: the trace %s: %w", path, err), f.Close())
	}
	queries, size, err := readJournal(f, path, h)
	j := &journal{path: path, file: f, size: size, synced: time.Now()}
	if err == nil {
		if err = f.Truncate(size); err != nil {
			err = fmt.Errorf("search: %w", err)
		}
	}
	if err == nil && size == 0 {
		err = j.line(h)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return j, queries, nil
}

// readJournal reads the whole lines of a trace file and says how long they are.
func readJournal(r io.Reader, path string, h header) ([]Query, int64, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, 0, fmt.Errorf("search: %w", err)
	}
	want, err := json.Marshal(h)
	if err != nil {
		return nil, 0, fmt.Errorf("search: %w", err)
	}
	var queries []Query
	size := int64(0)
	for number := 1; ; number++ {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if !whole {
			return queries, size, nil // what follows was being written
		}
		switch {
		case number > 1:
			var q Query
			if err := json.Unmarshal(line, &q); err != nil {
				return nil, 0, fmt.Errorf("search: %s: line %d: %w", path, number, err)
			}
			if q.Query != number-1 {
				return nil, 0, fmt.Errorf("search: %s: line %d: query %d where %d is due", path, number, q.Query, number-1)
			}
			queries = append(queries, q)
		case !bytes.Equal(line, want):
			return nil, 0, fmt.Errorf("search: %s: %w: it begins with %.500s, where %s is due", path, errTrace, line, want)
		}
		data, size = rest, size+int64(len(line))+1
	}
}

// line appends a value. When that fails, as on a full disk, the file is cut back to
// the lines before.
func (j *journal) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	b = append(b, '\n')
	if _, err := j.file.WriteAt(b, j.size); err != nil {
		return errors.Join(fmt.Errorf("search: trace not written: %w", err), j.file.Truncate(j.size))
	}
	j.size += int64(len(b))
	return nil
}

// worth is how much of a run's time may be in the system's cache only, where a
// power failure would cost it. A kill costs nothing.
const worth = 100 * time.Millisecond

// query appends a query.
func (j *journal) query(q Query) error {
	if err := j.line(q); err != nil {
		return err
	}
	return j.sync()
}

// sync makes sure of what took worth to find out.
func (j *journal) sync() error {
	if time.Since(j.synced) < worth {
		return nil
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("search: trace not written: %w", err)
	}
	j.synced = time.Now()
	return nil
}

func (j *journal) close() error { return errors.Join(j.sync(), j.file.Close()) }
