package benchmark_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"arch2vec/native/benchmark"
)

// training is a run that a file of NAS-Bench-201 is made of.
type training struct {
	On       string             `json:"on"`
	Seed     int                `json:"seed"`
	Epochs   int                `json:"epochs"`
	Time     *float64           `json:"time"`
	Latency  float64            `json:"latency"`
	Accuracy map[string]float64 `json:"accuracy"`
}

type trainedCell struct {
	Arch string     `json:"arch"`
	Runs []training `json:"runs"`
}

// cells201 makes up some cells in the real pattern of trainings. With old, the long
// ones have no time, as in the benchmark's first file.
func cells201(n int, old bool) []trainedCell {
	ops := []string{"nor_conv_3x3", "skip_connect", "none", "avg_pool_3x3", "nor_conv_1x1"}
	var cells []trainedCell
	for i := range n {
		c := trainedCell{Arch: fmt.Sprintf("|%s~0|+|%s~0|none~1|+|%s~0|skip_connect~1|none~2|", ops[i%5], ops[i/5%5], ops[i/25%5])}
		add := func(on string, seed, epochs int, time float64, accuracy map[string]float64) {
			t := &time
			if old && epochs == 200 {
				t = nil
			}
			c.Runs = append(c.Runs, training{on, seed, epochs, t, 0.01 * float64(1+len(on)), accuracy})
		}
		for _, long := range []bool{false, true} {
			seeds, epochs := []int{111, 777}, 12
			if long {
				seeds, epochs = []int{777, 888, 999}[:1+i%3], 200
			}
			for s, seed := range seeds {
				v := float64(20+i+s) + float64(epochs)/8
				time := float64(epochs) * (7 + float64(i))
				add("cifar10-valid", seed, epochs, time, map[string]float64{"x-valid": v, "ori-test": v - 1, "train": v + 9})
				add("cifar10", seed, epochs, 2*time, map[string]float64{"ori-test": v + 3, "train": v + 8})
				add("cifar100", seed, epochs, 2*time, map[string]float64{"x-valid": v / 2, "x-test": v/2 + 1, "ori-test": v/2 + .5, "train": v})
				add("ImageNet16-120", seed, epochs, 6.068*time, map[string]float64{"x-valid": v / 3, "x-test": v/3 + 1, "ori-test": v/3 + .5, "train": v})
			}
		}
		cells = append(cells, c)
	}
	return cells
}

// check201 compares what was read with what was written.
func check201(t *testing.T, data *benchmark.Data, cells []trainedCell) {
	t.Helper()
	mean := func(c trainedCell, on, set string, epochs, seed int) float64 {
		sum, n := 0.0, 0
		for _, r := range c.Runs {
			if r.On == on && r.Epochs == epochs && (seed == 0 || r.Seed == seed) {
				v, ok := r.Accuracy[set]
				switch {
				case set != "time":
				case r.Time != nil:
					v, ok = *r.Time, true
				default: // the estimate: in proportion to epochs, images and latency
					images := map[string]float64{"cifar10-valid": 1, "cifar100": 2, "ImageNet16-120": 151700. / 25000}[on]
					v, ok = mean12(c)*float64(epochs)*images*r.Latency/(0.01*(1+13)), true
				}
				if ok {
					sum += v
					n++
				}
			}
		}
		return sum / float64(n)
	}
	sets := map[benchmark.Dataset][3]string{ // trained on (for validation, for test), and the test set
		benchmark.CIFAR10:       {"cifar10-valid", "cifar10", "ori-test"},
		benchmark.CIFAR100:      {"cifar100", "cifar100", "x-test"},
		benchmark.ImageNet16120: {"ImageNet16-120", "ImageNet16-120", "x-test"},
	}
	for set, on := range sets {
		for _, runs := range []benchmark.Runs{
			{Dataset: set}, {Dataset: set, Epochs: 12}, {Dataset: set, Seed: 777}, {Dataset: set, Epochs: 12, Seed: 111},
		} {
			table, err := data.Table(runs)
			if err != nil {
				t.Fatalf("%+v: %v", runs, err)
			}
			full := table.Runs()
			for _, c := range cells {
				parsed, err := table.Space().Parse(c.Arch)
				if err != nil {
					t.Fatal(err)
				}
				got, err := table.Score(t.Context(), parsed)
				if err != nil {
					t.Fatalf("%+v: %v", runs, err)
				}
				want := benchmark.Score{
					Validation: mean(c, on[0], "x-valid", full.Epochs, runs.Seed),
					Test:       mean(c, on[1], on[2], full.Epochs, runs.Seed),
					Cost:       mean(c, on[0], "time", full.Epochs, runs.Seed) * float64(full.CostEpochs) / float64(full.Epochs),
				}
				near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(b) }
				if !near(got.Validation, want.Validation) || !near(got.Test, want.Test) || !near(got.Cost, want.Cost) {
					t.Fatalf("%+v of %s: %+v, want %+v", runs, c.Arch, got, want)
				}
			}
		}
	}
	half, err := data.Table(benchmark.Runs{SearchOn: benchmark.TestOfHalf})
	if err != nil {
		t.Fatal(err)
	}
	first, _ := half.Space().Parse(cells[0].Arch)
	if s, _ := half.Score(t.Context(), first); s.Validation != mean(cells[0], "cifar10-valid", "ori-test", 200, 0) {
		t.Errorf("test accuracy of the networks of validation: %v", s.Validation)
	}
}

// mean12 is the time of an epoch of the short runs.
func mean12(c trainedCell) float64 {
	for _, r := range c.Runs {
		if r.On == "cifar10-valid" && r.Epochs == 12 {
			return *r.Time / 12
		}
	}
	return math.NaN()
}

// TestPicklesOfPython reads files that PyTorch, numpy and Python wrote, in the
// layouts of NAS-Bench-201 and NATS-Bench.
func TestPicklesOfPython(t *testing.T) {
	dir := t.TempDir()
	files := map[string][]trainedCell{"timed": cells201(4, false), "untimed": cells201(4, true)}
	input, err := json.Marshal(files)
	if err != nil {
		t.Fatal(err)
	}
	python := os.Getenv("ARCH2VEC_PYTHON")
	if python == "" {
		python = "/usr/bin/python3"
	}
	cmd := exec.Command(python, "testdata/write.py", dir)
	cmd.Stdin = bytes.NewReader(input)
	const noTorch = 3
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == noTorch {
		t.Skip("no Python with PyTorch is here (ARCH2VEC_PYTHON names one)")
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for folder, cells := range files {
		folder = filepath.Join(dir, folder)
		writeTar(t, filepath.Join(folder, "simple.tar"), filepath.Join(folder, "simple"))
		for _, name := range []string{"old.pth", "new.pth", "simple", "simple.tar", "one.pickle.pbz2"} {
			data, err := benchmark.Read(t.Context(), filepath.Join(folder, name), benchmark.ReadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			check201(t, data, cells)
		}
	}
}

func writeTar(t *testing.T, path, folder string) {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	if err := w.AddFS(os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestPickles reads the same layouts from our own writer, and from a file of
// NATS-Bench's form that Python wrote.
func TestPickles(t *testing.T) {
	dir := t.TempDir()
	cells := cells201(3, false)
	lossless := bytes.ReplaceAll(torchOld(cells), []byte("eval_losses"), []byte("some_other."))
	for name, content := range map[string][]byte{"old.pth": torchOld(cells), "new.pth": torchZip(t, cells), "lossless.pth": lossless} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		data, err := benchmark.Read(t.Context(), path, benchmark.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		check201(t, data, cells)
	}
	data, err := benchmark.Read(t.Context(), "testdata/nats", benchmark.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	check201(t, data, cells[:1])
}

// TestPickleRefusals checks what bad files of these formats are told.
func TestPickleRefusals(t *testing.T) {
	dir := t.TempDir()
	good := torchOld(cells201(1, false))
	nested := "\x80\x02}(X\x08\x00\x00\x00arch_strX\x01\x00\x00\x00aX\x0b\x00\x00\x00all_results}(N" + strings.Repeat("\x85", 1_000_000) + "Nuu."
	growing := "\x80\x02}" + strings.Repeat("K\x01K\x01s", 500_000) + "." // an entry at a time
	writeTar(t, filepath.Join(dir, "whole.tar"), "testdata/nats")
	whole, err := os.ReadFile(filepath.Join(dir, "whole.tar"))
	if err != nil {
		t.Fatal(err)
	}
	shell := append(torchPreamble(), "\x80\x02cposix\nsystem\nq\x00X\x02\x00\x00\x00idq\x01\x85q\x02Rq\x03."...)
	for _, c := range []struct {
		name    string
		content []byte
		says    []string
	}{
		{"shell.pth", shell, []string{"byte", "class posix.system", "refused"}},
		{"cut.pth", good[:len(good)/2], []string{"byte", "breaks off"}},
		{"magic.pth", []byte("\x80\x02K\x01.\x80\x02K\x01."), []string{"1001"}},
		{"tensors.pth", append(torchPreamble(), "\x80\x02)Q."...), []string{"weights"}},
		{"length.pth", append(torchPreamble(), "\x80\x02X\xff\xff\xff\x7f"...), []string{"a text of 2147483647 bytes"}},
		{"cut.tar", whole[:5000], []string{"000000.pickle.pbz2: byte 5000: unexpected EOF"}},
		{"zip.pth", []byte("PK\x03\x04 and no more"), []string{"zip"}},
		{"nested.pth", append(torchPreamble(), nested...), []string{"not named by a pair"}},

		{"growing.pth", append(torchPreamble(), growing...), []string{"no results of a cell"}},
		{"none.pth", append(torchPreamble(), "\x80\x02}q\x00."...), []string{"no results of a cell"}},
		{"bad.pickle.pbz2", []byte("BZh9 and no more"), []string{"bzip2"}},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, c.content, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := benchmark.Read(t.Context(), path, benchmark.ReadOptions{})
		if err == nil {
			t.Errorf("%s is taken", c.name)
			continue
		}
		for _, says := range append(c.says, path) {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v; want %q in it", c.name, err, says)
			}
		}
	}
	if _, err := benchmark.Read(t.Context(), filepath.Join(dir, "not there"), benchmark.ReadOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestPackedChecksum reads a packed file whose checksum is wrong: it comes after the
// pickle's own end.
func TestPackedChecksum(t *testing.T) {
	bad, err := os.ReadFile("testdata/nats/000000.pickle.pbz2")
	if err != nil {
		t.Fatal(err)
	}
	bad[10] ^= 1 // of the first block, after "BZh9" and six digits of pi
	folder := t.TempDir()
	name := filepath.Join(folder, "000000.pickle.pbz2")
	one := filepath.Join(t.TempDir(), "one.pickle.pbz2")
	for _, path := range []string{name, one} {
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{folder, one} {
		if _, err := benchmark.Read(t.Context(), path, benchmark.ReadOptions{}); err == nil || !strings.Contains(err.Error(), "checksum") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// torchPreamble is what torch.save's old form begins with: a magic number, a
// version, facts about the machine.
func torchPreamble() []byte {
	return []byte("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00X\x10\x00\x00\x00protocol_versionq\x01M\xe9\x03s.")
}

func torchOld(cells []trainedCell) []byte {
	w := &pickleWriter{}
	w.begin()
	w.file(cells)
	return append(torchPreamble(), append(w.Bytes(), "\x80\x02]q\x00."...)...)
}

func torchZip(t *testing.T, cells []trainedCell) []byte {
	t.Helper()
	p := &pickleWriter{}
	p.begin()
	p.file(cells)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, content := range map[string][]byte{"archive/data.pkl": p.Bytes(), "archive/version": []byte("3\n")} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
