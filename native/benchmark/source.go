package benchmark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// source is a file, or files, being read: it counts, tells progress and ends when
// the context does.
type source struct {
	ctx      context.Context
	path     string
	total    int64     // bytes
	modified time.Time // the latest of all files
	done     atomic.Int64
	progress func(done, total int64)
	telling  sync.Mutex // held while progress is told
	told     time.Time  // when it was last
}

// newSource measures what is at the path.
func newSource(ctx context.Context, path string, progress func(done, total int64)) (*source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	s := &source{ctx: ctx, path: path, total: info.Size(), modified: info.ModTime(), progress: progress}
	if !info.IsDir() {
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("benchmark: %s is neither a file nor a folder", path)
		}
		return s, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	s.total = 0
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			s.total += info.Size()
			if info.ModTime().After(s.modified) {
				s.modified = info.ModTime()
			}
		}
	}
	return s, nil
}

// file opens the file, or one in the folder, for counted reading.
func (s *source) file(name string) (*countedFile, error) {
	path := s.path
	if name != "" {
		path = filepath.Join(s.path, name)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &countedFile{f, s}, nil
}

// fail says which file is at fault, unless it was only interrupted.
func (s *source) fail(name string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	path := s.path
	if name != "" {
		path = filepath.Join(s.path, name)
	}
	return fmt.Errorf("benchmark: %s: %w", path, err)
}

type countedFile struct {
	*os.File
	s *source
}

func (f *countedFile) Read(p []byte) (int, error) {
	if err := f.s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := f.File.Read(p)
	f.s.count(n)
	return n, err
}

// ReadAt is for formats that do not go from begin to end; it counts as Read does.
func (f *countedFile) ReadAt(p []byte, at int64) (int, error) {
	if err := f.s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := f.File.ReadAt(p, at)
	f.s.count(n)
	return n, err
}

func (s *source) count(n int) {
	done := s.done.Add(int64(n))
	if s.progress == nil || !s.telling.TryLock() {
		return
	}
	defer s.telling.Unlock()
	if now := time.Now(); now.Sub(s.told) >= time.Second/10 {
		s.told = now
		s.progress(min(done, s.total), s.total)
	}
}

// limited ends a stream with an error when it has more than so many bytes, where
// io.LimitReader would pretend that it ends.
type limited struct {
	io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errors.New("more bytes than a benchmark's file has in one place")
	}
	n, err := l.Reader.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}
