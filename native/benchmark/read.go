package benchmark

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
)

// ReadOptions are optional.
type ReadOptions struct {
	// Progress is called now and then with the bytes that were read, of how many.
	// It may be called from any goroutine, one at a time.
	Progress func(done, total int64)
}

// Read reads a benchmark from its authors' file or folder, whatever its format,
// which is told by its contents: see Known for what there is. It can take minutes,
// and ends early with the context's error. Any other error says the file, where in
// it, and why.
func Read(ctx context.Context, path string, opts ReadOptions) (*Data, error) {
	s, err := newSource(ctx, path, opts.Progress)
	if err != nil {
		return nil, err
	}
	read, err := detect(path)
	if err != nil {
		return nil, err
	}
	d, err := read(s)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return d, nil
}

// detect tells the format.
func detect(path string) (func(*source) (*Data, error), error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, fmt.Errorf("benchmark: %w", err)
		}
		for _, e := range entries {
			if isCellFile(e.Name()) {
				return readNATS, nil
			}
		}
		return readJSONFolder, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	head = head[:n]
	switch {
	case n == 0:
		return nil, fmt.Errorf("benchmark: %s: it is empty", path)
	case bytes.HasPrefix(head, []byte("BZh")):
		return readPacked, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), head[0] == 0x80:
		return readTorch, nil
	case n > 262 && string(head[257:262]) == "ustar":
		return readNATSTar, nil
	case bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")):
		return readJSON, nil
	case n >= 12 && maskedCRC(head[:8]) == binary.LittleEndian.Uint32(head[8:]):
		return readRecords, nil
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}), bytes.IndexByte(head, 0) < 0 && bytes.IndexByte(head, ',') > 0:
		return readCSVSource, nil
	}
	return nil, fmt.Errorf("benchmark: %s: it is no benchmark's file, or damaged from its first byte on (arch2vec data where lists the files)", path)
}

func readCSVSource(s *source) (*Data, error) {
	f, err := s.file("")
	if err != nil {
		return nil, s.fail("", err)
	}
	defer f.Close()
	plain, err := gunzip(f)
	if err != nil {
		return nil, s.fail("", err)
	}
	d, err := readCSV(s.ctx, plain)
	return d, s.fail("", err)
}

func cores() int { return runtime.GOMAXPROCS(0) }
