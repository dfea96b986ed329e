package benchmark_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arch2vec/native/benchmark"
	"arch2vec/native/internal/tabletest"
)

// TestLibrary imports a file, and opens what was kept: the same numbers, bit by bit.
func TestLibrary(t *testing.T) {
	l := benchmark.Library{Dir: filepath.Join(t.TempDir(), "new", "folder")}
	if list, err := l.List(); len(list) > 0 || err != nil {
		t.Errorf("an empty library has %v, %v", list, err)
	}
	path := filepath.Join(t.TempDir(), "a.pth")
	cells := cells201(3, false)
	if err := os.WriteFile(path, torchOld(cells), 0o644); err != nil {
		t.Fatal(err)
	}
	told := int64(0)
	read, err := l.Import(t.Context(), path, "mine", benchmark.ReadOptions{Progress: func(done, total int64) { told = done + total }})
	if err != nil {
		t.Fatal(err)
	}
	if told == 0 {
		t.Error("no progress was told")
	}
	opened, err := l.Open(t.Context(), "mine")
	if err != nil {
		t.Fatal(err)
	}
	check201(t, opened, cells)
	for _, r := range []benchmark.Runs{{}, {Dataset: benchmark.ImageNet16120, Epochs: 12, Seed: 777}} {
		a, err1 := read.Table(r)
		b, err2 := opened.Table(r)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if a.Name() != b.Name() || !strings.HasPrefix(a.Name(), "mine/") {
			t.Errorf("names %q, %q", a.Name(), b.Name())
		}
		for i := range a.Len() {
			x, y := a.At(i), b.At(i)
			if x != y && !(math.IsNaN(x.Test) && math.IsNaN(y.Test)) {
				t.Fatalf("row %d: %v, and %v in the library", i, x, y)
			}
		}
	}
	list, err := l.List()
	if err != nil || len(list) != 1 || list[0].Err != nil || list[0].Name != "mine" || list[0].Source.Path != path || list[0].Source.SHA256 == "" {
		t.Errorf("the list is %+v, %v", list, err)
	}
	if err := l.Verify(t.Context(), "mine"); err != nil {
		t.Error(err)
	}

	var not *benchmark.NotImportedError
	if _, err := l.Open(t.Context(), "other"); !errors.As(err, &not) || !strings.Contains(err.Error(), "there are mine") {
		t.Errorf("a benchmark that is not there: %v", err)
	}
	if _, err := l.Open(t.Context(), benchmark.Own); err == nil || !strings.Contains(err.Error(), "data import") {
		t.Errorf("the benchmark of this project: %v", err)
	}
	for _, name := range []string{"../escape", "a/b", "UPPER", benchmark.Own} {
		if _, err := l.Import(t.Context(), path, name, benchmark.ReadOptions{}); err == nil {
			t.Errorf("the name %q is taken", name)
		}
	}

	// Any byte that changes is noticed.
	whole, err := os.ReadFile(list[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += 1 + len(whole)/23 {
		damaged := append([]byte(nil), whole...)
		damaged[at] ^= 0x10
		if err := os.WriteFile(list[0].Path, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := l.Verify(t.Context(), "mine"); err == nil || !strings.Contains(err.Error(), list[0].Path) {
			t.Fatalf("byte %d of %d changed: %v", at, len(whole), err)
		}
	}
	if err := os.WriteFile(list[0].Path, whole[:len(whole)-1], 0o644); err != nil {
		t.Fatal(err)
	}
	if err := l.Verify(t.Context(), "mine"); err == nil {
		t.Error("a short file is taken")
	}
}

// TestOpen opens files by path: the second time what was kept, until they change.
func TestOpen(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	path := filepath.Join(t.TempDir(), "small.csv")
	write := func(accuracy string, at time.Time) {
		t.Helper()
		text := "arch,c10_valid,c10_test\n|none~0|+|none~0|none~1|+|none~0|none~1|none~2|,1.5," + accuracy + "\n"
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	for i, accuracy := range []string{"2.5", "2.5", "3.5"} {
		if i != 1 {
			write(accuracy, now.Add(time.Duration(i)*time.Second))
		}
		table, err := benchmark.Open(path, benchmark.CIFAR10)
		if err != nil {
			t.Fatal(err)
		}
		if _, test := table.Best(); test != []float64{2.5, 2.5, 3.5}[i] {
			t.Errorf("opened for the %d. time: %v", i+1, test)
		}
	}
	// What was kept is made again when it is damaged, and when a file in a folder changes.
	folder := t.TempDir()
	const name = "000000.pickle.pbz2"
	one, err := os.ReadFile("testdata/nats/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), one, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, folder} {
		if _, err := benchmark.Open(path, benchmark.CIFAR10); err != nil {
			t.Fatal(err)
		}
	}
	l, err := benchmark.DefaultLibrary()
	if err != nil {
		t.Fatal(err)
	}
	all, err := filepath.Glob(filepath.Join(l.Dir, "files", "*"))
	if err != nil || len(all) != 2 {
		t.Fatalf("kept are %v, %v", all, err)
	}
	for _, kept := range all {
		b, err := os.ReadFile(kept)
		if err != nil {
			t.Fatal(err)
		}
		for i := len(b) / 2; i < len(b); i++ {
			b[i] ^= 1
		}
		if err := os.WriteFile(kept, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{path, folder} {
		if _, err := benchmark.Open(path, benchmark.CIFAR10); err != nil {
			t.Errorf("a damaged file was kept: %v", err)
		}
	}
	one[10] ^= 1
	if err := os.WriteFile(filepath.Join(folder, name), one, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := benchmark.Open(folder, benchmark.CIFAR10); err == nil {
		t.Error("a folder whose file changed is opened from what was kept of it")
	}

	if _, err := benchmark.Open("nasbench201", benchmark.CIFAR10); err == nil || !strings.Contains(err.Error(), "arch2vec data import") {
		t.Errorf("not imported: %v", err)
	}
	if _, err := benchmark.Open(filepath.Join(t.TempDir(), "no file"), benchmark.CIFAR10); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestCancel ends an import early, and leaves nothing.
func TestCancel(t *testing.T) {
	l := benchmark.Library{Dir: t.TempDir()}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_, err := l.Import(ctx, "testdata/nats", "", benchmark.ReadOptions{Progress: func(int64, int64) { stop() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if list, _ := l.List(); len(list) > 0 {
		t.Errorf("it left %v", list)
	}
}

// BenchmarkOpen opens the default scores of imported tables of the real size.
func BenchmarkOpen(b *testing.B) {
	l := benchmark.Library{Dir: b.TempDir()}
	for _, name := range []string{"nb201", "nb101"} {
		if _, err := l.Import(b.Context(), tabletest.Path(b, name+".csv.gz"), name, benchmark.ReadOptions{}); err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				d, err := l.Open(b.Context(), name)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := d.Table(benchmark.Runs{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
