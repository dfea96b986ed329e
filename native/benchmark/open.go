package benchmark

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Own is the name of the benchmark that this project measures itself, to be there
// without a download.
const Own = "own"

// errNoOwn says so as long as there is none.
var errNoOwn = errors.New("benchmark: this build has no benchmark of its own yet; import one, such as nasbench201: `arch2vec data where` says what to download, `arch2vec data import FILE` imports it")

// Open returns the default scores on a data set of an imported benchmark, by its
// name in DefaultLibrary, such as "nasbench201".
func Open(name string, d Dataset) (*Table, error) {
	return OpenRuns(context.Background(), name, Runs{Dataset: d})
}

// OpenRuns is Open for any selection of runs. What is not the name of an imported
// benchmark may be the path of a file or folder that Read reads: the first time it
// takes as long, and is kept for the next.
func OpenRuns(ctx context.Context, nameOrPath string, r Runs) (*Table, error) {
	d, err := OpenData(ctx, nameOrPath)
	if err != nil {
		return nil, err
	}
	return d.Table(r)
}

// OpenData is OpenRuns for all that the benchmark has.
func OpenData(ctx context.Context, nameOrPath string) (*Data, error) {
	l, err := DefaultLibrary()
	if err != nil {
		return nil, err
	}
	if validName.MatchString(nameOrPath) {
		d, err := l.Open(ctx, nameOrPath)
		var not *NotImportedError
		if !errors.As(err, &not) {
			return d, err
		}
		if _, stat := os.Stat(nameOrPath); stat != nil {
			if _, none := l.OpenSurrogate(nameOrPath); none == nil {
				return nil, fmt.Errorf("benchmark: %s is a surrogate for cells of DARTS, and no table of scores", nameOrPath)
			}
			return nil, err
		}
	}
	return l.openFile(ctx, nameOrPath)
}

// OpenOracle opens what a search asks, by the name of an imported benchmark or by
// the path of a file: a table, of these runs, or a surrogate for DARTS cells.
func OpenOracle(ctx context.Context, nameOrPath string, r Runs) (Oracle, error) {
	l, err := DefaultLibrary()
	if err != nil {
		return nil, err
	}
	s, err := l.openSurrogate(ctx, nameOrPath)
	if err != nil {
		return nil, err
	}
	if s != nil {
		if r.Dataset != CIFAR10 {
			return nil, fmt.Errorf("benchmark: %s has no accuracies on %v", s.Name(), r.Dataset)
		}
		return s, nil
	}
	t, err := OpenRuns(ctx, nameOrPath, r)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// openFile reads a file, or what was kept of it, if it has not changed since.
func (l Library) openFile(ctx context.Context, path string) (*Data, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	if _, err := os.Stat(full); err != nil {
		return nil, fmt.Errorf("benchmark: no imported benchmark, and no file: %w", err)
	}
	s, err := newSource(ctx, full, nil)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(full))
	kept := filepath.Join(l.Dir, "files", hex.EncodeToString(sum[:8])+librarySuffix)
	d, err := openCache(ctx, kept)
	same := err == nil && d.source.Path == full && d.source.Bytes == s.total && d.source.Modified.Equal(s.modified)
	if same && d.verify(ctx) == nil {
		return d, nil // sound: a damaged one is made again, not reported when it is used
	}
	d, err = Read(ctx, full, ReadOptions{})
	if err != nil {
		return nil, err
	}
	if d.source, err = identify(ctx, full); err != nil {
		return nil, err
	}
	if d.addMeans() == nil && os.MkdirAll(filepath.Dir(kept), 0o755) == nil {
		_ = d.save(kept) // a cache: without it the next time takes as long
	}
	return d, nil
}
