package aside_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"arch2vec/native/aside"
)

// TestWrite checks content, mode and links, and that a failure leaves the old
// file and nothing else.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	expect := func(content string, mode os.FileMode, files int) {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil || string(b) != content {
			t.Errorf("content %q, %v; want %q", b, err, content)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("mode %v, %v; want %v", info.Mode(), err, mode)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != files {
			t.Errorf("%v is left, want %d files", entries, files)
		}
	}
	if err := aside.WriteBytes(path, 0o600, []byte("one")); err != nil {
		t.Fatal(err)
	}
	expect("one", 0o600, 1)
	if err := aside.WriteBytes(path, 0o644, []byte("two")); err != nil {
		t.Fatal(err)
	}
	expect("two", 0o600, 1)

	broken := errors.New("the content broke off")
	err := aside.Write(path, 0o644, func(w io.Writer) error {
		_, _ = w.Write(make([]byte, 1<<20))
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("a failing writer gives %v", err)
	}
	expect("two", 0o600, 1)

	link := filepath.Join(dir, "link")
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	if err := aside.WriteBytes(link, 0o644, []byte("three")); err != nil {
		t.Fatal(err)
	}
	expect("three", 0o600, 2)
	if target, err := os.Readlink(link); err != nil || target != "file" {
		t.Errorf("the link became %q, %v", target, err)
	}
	if err := aside.WriteBytes(dir, 0o644, nil); err == nil {
		t.Error("a folder was overwritten")
	}
	if err := aside.WriteBytes(filepath.Join(dir, "no", "folder"), 0o644, nil); err == nil {
		t.Error("a file in no folder was written")
	}
}

func Example() {
	dir, err := os.MkdirTemp("", "aside")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "notes.txt")
	if err := aside.WriteBytes(path, 0o644, []byte("whole or not at all")); err != nil {
		panic(err)
	}
	b, err := os.ReadFile(path)
	fmt.Println(string(b), err)
	// Output: whole or not at all <nil>
}
