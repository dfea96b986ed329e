package benchmark

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"arch2vec/native/space/darts"
)

// Library is a folder of imported benchmarks, each a file that opens at once.
type Library struct{ Dir string }

// Imported is a benchmark of a Library.
type Imported struct {
	Name   string
	Space  string // ID of the space
	Path   string // of the library's file
	Bytes  int64  // of the library's file
	Source Source
	Err    error // what is wrong with the file; then only Name, Path and Bytes are known
}

// DefaultLibrary is the one in the user's cache folder.
func DefaultLibrary() (Library, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return Library{}, fmt.Errorf("benchmark: no folder to keep benchmarks in: %w", err)
	}
	return Library{filepath.Join(dir, "arch2vec", "benchmarks")}, nil
}

const librarySuffix = ".benchmark"

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

func (l Library) path(name, suffix string) (string, error) {
	if !validName.MatchString(name) {
		return "", fmt.Errorf("benchmark: the name %.80q: want up to 64 of a-z, 0-9, dots, dashes and underscores", name)
	}
	return filepath.Join(l.Dir, name+suffix), nil
}

// checkName refuses what nothing can be imported under; "" is no name yet.
func checkName(name string) error {
	if name == Own {
		return fmt.Errorf("benchmark: the name %q is that of the benchmark that comes with the program", Own)
	}
	if name == "" {
		return nil
	}
	_, err := Library{}.path(name, librarySuffix)
	return err
}

// Import reads a benchmark as Read does, and keeps it under a name; "" stands for
// the benchmark's own, "nasbench101" or "nasbench201". One of that name is replaced.
func (l Library) Import(ctx context.Context, path, name string, opts ReadOptions) (*Data, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	d, err := Read(ctx, path, opts)
	if err != nil {
		return nil, err
	}
	if d.source, err = identify(ctx, path); err != nil {
		return nil, err
	}
	if name != "" {
		d.name = name
	}
	if err := d.addMeans(); err != nil {
		return nil, err
	}
	to, err := l.path(d.name, librarySuffix)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(l.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	if err := d.save(to); err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	return d, l.replaced(d.name, surrogateSuffix)
}

// replaced removes what had the name of a new import, and was of the other kind.
func (l Library) replaced(name, suffix string) error {
	path, err := l.path(name, suffix)
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("benchmark: %w", err)
	}
	return nil
}

// Open opens an imported benchmark.
func (l Library) Open(ctx context.Context, name string) (*Data, error) {
	if name == Own {
		return nil, errNoOwn
	}
	path, err := l.path(name, librarySuffix)
	if err != nil {
		return nil, err
	}
	d, err := openCache(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NotImportedError{name, l.names()}
	}
	if err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	return d, err
}

// NotImportedError says that no benchmark of this name was imported.
type NotImportedError struct {
	Name string
	Have []string // the names that there are
}

func (e *NotImportedError) Error() string {
	have := "none is"
	if len(e.Have) > 0 {
		have = "there are " + strings.Join(e.Have, ", ")
	}
	return fmt.Sprintf("benchmark: %q is not imported (%s): `arch2vec data where` says what to download, `arch2vec data import FILE` imports it", e.Name, have)
}

func (l Library) names() []string {
	list, _ := l.List()
	var names []string
	for _, b := range list {
		names = append(names, b.Name)
	}
	return names
}

// List returns the imported benchmarks by name.
func (l Library) List() ([]Imported, error) {
	entries, err := os.ReadDir(l.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	var list []Imported
	for _, e := range entries {
		kind := filepath.Ext(e.Name())
		name := strings.TrimSuffix(e.Name(), kind)
		if kind != librarySuffix && kind != surrogateSuffix || !validName.MatchString(name) {
			continue
		}
		b := Imported{Name: name, Path: filepath.Join(l.Dir, e.Name())}
		if info, err := e.Info(); err == nil {
			b.Bytes = info.Size()
		}
		if kind == surrogateSuffix {
			p, err := readParts(b.Path)
			b.Space, b.Source, b.Err = darts.Name, p.Source, err
			list = append(list, b)
			continue
		}
		f, err := os.Open(b.Path)
		if err == nil {
			var h cacheHeader
			h, _, err = readHeader(f)
			b.Space, b.Source = h.Space, h.Source
			f.Close()
		}
		b.Err = err
		list = append(list, b)
	}
	return list, nil
}

// Verify reads all of an imported benchmark and compares it with its checksums.
func (l Library) Verify(ctx context.Context, name string) error {
	d, err := l.Open(ctx, name)
	var not *NotImportedError
	if errors.As(err, &not) {
		_, err = l.OpenSurrogate(name)
		return err
	}
	if err != nil {
		return err
	}
	return d.verify(ctx)
}

// identify says what a file, or a folder, is: its size, and a checksum of its
// contents.
func identify(ctx context.Context, path string) (Source, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return Source{}, fmt.Errorf("benchmark: %w", err)
	}
	info, err := os.Stat(full)
	if err != nil {
		return Source{}, fmt.Errorf("benchmark: %w", err)
	}
	s, err := newSource(ctx, full, nil)
	if err != nil {
		return Source{}, err
	}
	names := []string{""}
	if info.IsDir() {
		entries, err := os.ReadDir(full)
		if err != nil {
			return Source{}, fmt.Errorf("benchmark: %w", err)
		}
		names = nil
		for _, e := range entries {
			if e.Type().IsRegular() {
				names = append(names, e.Name())
			}
		}
		slices.Sort(names)
	}
	all := sha256.New()
	for _, name := range names {
		sum, err := s.sum(name)
		if err != nil {
			return Source{}, s.fail(name, err)
		}
		if !info.IsDir() {
			return Source{full, s.total, s.modified, hex.EncodeToString(sum), time.Now()}, nil
		}
		fmt.Fprintf(all, "%x  %s\n", sum, name)
	}
	return Source{full, s.total, s.modified, hex.EncodeToString(all.Sum(nil)), time.Now()}, nil
}

// sum is the SHA-256 of a file.
func (s *source) sum(name string) ([]byte, error) {
	f, err := s.file(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.CopyBuffer(h, struct{ io.Reader }{f}, make([]byte, 1<<20))
	return h.Sum(nil), err
}
