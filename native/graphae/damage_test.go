package graphae

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The same seed gives the same bytes with any number of threads, with the full
// network and where the last batch of an epoch, or every batch, has fewer cells
// than there are threads.
func TestThreadsSameBytes(t *testing.T) {
	for name, c := range map[string]Config{"reference": ReferenceConfig("nasbench201"), "default": DefaultConfig("nasbench201")} {
		for _, size := range []struct{ cells, batch int }{{73, 32}, {19, 3}, {5, 1}, {60, 300}} {
			c.Epochs, c.BatchSize = 2, size.batch
			s := smallSpace(t, size.cells)
			var want []byte
			for threads := 1; threads <= 4; threads++ {
				c.Threads = threads
				tr := newTestTrainer(t, s, c)
				train(t, tr)
				got := saved(t, tr)
				if threads == 1 {
					want = got
				} else if !bytes.Equal(got, want) {
					t.Errorf("%s, %d cells in batches of %d: %d threads give another checkpoint than one", name, size.cells, size.batch, threads)
				}
			}
		}
	}
}

// A checkpoint with any bit changed, or cut anywhere, is refused by name.
func TestDamagedCheckpoint(t *testing.T) {
	s := smallSpace(t, 40)
	c := smallConfigs()["default"]
	c.Layers, c.Hidden = 1, 32
	tr := newTestTrainer(t, s, c)
	train(t, tr)
	good := saved(t, tr)
	path := filepath.Join(t.TempDir(), "c.safetensors")
	turn := 0
	refused := func(what string) {
		t.Helper()
		var err error
		if turn++; turn%2 == 0 {
			_, err = Load(path)
		} else {
			_, err = LoadTrainer(s, path)
		}
		if err == nil || !strings.HasPrefix(err.Error(), "graphae: ") || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Fatalf("%s: %v, want one line with the path", what, err)
		}
	}
	if err := os.WriteFile(path, good, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadTrainer(s, path); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	header := 8 + int(good[0]) + int(good[1])<<8 + int(good[2])<<16
	// Some of the header, in odd steps so that all bits have their turn, and less
	// of the data.
	for i := 0; i < len(good); i += 3 {
		if i >= header {
			i += 210
		}
		if i >= len(good) {
			break
		}
		if _, err := f.WriteAt([]byte{good[i] ^ 1<<(i%8)}, int64(i)); err != nil {
			t.Fatal(err)
		}
		refused(fmt.Sprintf("bit %d of byte %d of %d changed", i%8, i, len(good)))
		if _, err := f.WriteAt(good[i:i+1], int64(i)); err != nil {
			t.Fatal(err)
		}
	}
	for n := len(good) - 1; n >= 0; n -= 1 + n/100 {
		if err := f.Truncate(int64(n)); err != nil {
			t.Fatal(err)
		}
		refused(fmt.Sprintf("cut to %d of %d bytes", n, len(good)))
	}
	for what, data := range map[string]string{
		"pictures": "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 100),
		"archives": "PK\x03\x04" + strings.Repeat("\x14", 100),
		"arrays":   string(npyFile(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n", make([]byte, 8))),
		"zeros":    strings.Repeat("\x00", 4096),
		"JSON":     `{"format": "arch2vec checkpoint"}`,
		"twice":    string(good) + string(good),
	} {
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		refused(what)
	}
}
