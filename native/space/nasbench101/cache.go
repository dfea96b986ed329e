package nasbench101

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"arch2vec/native/aside"
)

// contents is the SHA-256 of the whole space as Save writes it. The space is a
// mathematical fact, so its sum is a constant: a file, or an enumeration, that
// has it is the space, and any other is not.
const contents = "e6d502f55587b29f7d2865551df435b87c3d5ac4d7e1256cb59b6a76127b8d7a"

// magic begins a file; the number is the version of its layout: 16 bytes of
// hash and 8 bytes of code (little endian) a cell, in order.
const magic = "arch2vec nasbench101 1\n"

const record = len(hash{}) + 8

// Open returns the space: from a file in the user's cache folder when there is a
// sound one, and otherwise enumerated, in a few seconds, and kept there for the
// next time. That it could not be kept is no error.
func Open() (*Space, error) { return OpenContext(context.Background(), runtime.GOMAXPROCS(0)) }

// OpenContext is Open on this many threads, and ends early with the context's
// error.
func OpenContext(ctx context.Context, threads int) (*Space, error) {
	path := ""
	if dir, err := os.UserCacheDir(); err == nil {
		path = filepath.Join(dir, "arch2vec", "nasbench101.bin")
		if s, err := Load(path); err == nil {
			return s, nil
		}
	}
	s, err := Enumerate(ctx, threads)
	if err != nil {
		return nil, err
	}
	if path != "" && os.MkdirAll(filepath.Dir(path), 0o755) == nil {
		_ = s.Save(path) // a cache: without it the next Open takes seconds longer
	}
	return s, nil
}

// Load reads a file that Save wrote. Anything but the exact space is an error.
func Load(path string) (*Space, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("nasbench101: %w", err)
	}
	defer f.Close()
	want := len(magic) + Size*record
	data := make([]byte, want+1) // one more, to notice a longer file
	n, err := io.ReadFull(f, data)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("nasbench101: %w", err)
	}
	s, err := decode(data[:n])
	if err != nil {
		return nil, fmt.Errorf("nasbench101: %s: %w: delete it, it will be made again", path, err)
	}
	return s, nil
}

func decode(data []byte) (*Space, error) {
	if !bytes.HasPrefix(data, []byte(magic)) {
		return nil, fmt.Errorf("not a file of the space: it does not begin with %q", magic)
	}
	switch want := len(magic) + Size*record; {
	case len(data) < want:
		return nil, fmt.Errorf("truncated: %d of %d bytes", len(data), want)
	case len(data) > want:
		return nil, fmt.Errorf("longer than the %d bytes of the space", want)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != contents {
		return nil, errors.New("damaged: its checksum is not that of the space")
	}
	s := &Space{hashes: make([]hash, Size), codes: make([]code, Size)}
	data = data[len(magic):]
	for i := range Size {
		r := data[i*record:]
		copy(s.hashes[i][:], r)
		s.codes[i] = code(binary.LittleEndian.Uint64(r[len(hash{}):]))
	}
	return s, nil
}

// encode writes the space in the layout of a file.
func (s *Space) encode() []byte {
	data := make([]byte, 0, len(magic)+len(s.codes)*record)
	data = append(data, magic...)
	for i, c := range s.codes {
		data = append(data, s.hashes[i][:]...)
		data = binary.LittleEndian.AppendUint64(data, uint64(c))
	}
	return data
}

func (s *Space) sum() string {
	sum := sha256.Sum256(s.encode())
	return hex.EncodeToString(sum[:])
}

// Save writes the space (10 MB) to a file, which either appears whole or not at
// all.
func (s *Space) Save(path string) error {
	if err := aside.WriteBytes(path, 0o644, s.encode()); err != nil {
		return fmt.Errorf("nasbench101: %w", err)
	}
	return nil
}
