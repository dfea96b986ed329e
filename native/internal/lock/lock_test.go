package lock

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files are not locked here")
	}
	path := filepath.Join(t.TempDir(), "file")
	open := func() *os.File {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	first, second := open(), open()
	if err := Alone(first); err != nil {
		t.Fatal(err)
	}
	if err := Alone(second); !errors.Is(err, ErrTaken) {
		t.Fatalf("taken twice: %v", err)
	}
	first.Close()
	if err := Alone(second); err != nil {
		t.Errorf("after it was closed: %v", err)
	}
}
