package benchmark

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"arch2vec/native/benchmark/internal/pickle"
	"arch2vec/native/cell"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// The fuzz tests look for panics, and for memory or time out of proportion; the
// small seeds are of each format's own layout.

func FuzzPickle(f *testing.F) {
	f.Add([]byte("\x80\x02}q\x00(X\x0b\x00\x00\x00eval_acc1esq\x01}q\x02X\x0b\x00\x00\x00eval_lossesq\x03}q\x04X\x06\x00\x00\x00epochsq\x05K\x0cu."))
	f.Add([]byte("\x80\x02}q\x00(X\x0b\x00\x00\x00all_resultsq\x01}q\x02X\x08\x00\x00\x00arch_strq\x03X\x01\x00\x00\x00aq\x04u."))
	f.Add([]byte("cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'f8'\nI0\nI1\ntR(I3\nS'<'\ntbc_codecs\nencode\n(V12345678\nVlatin1\ntRtR."))
	f.Add([]byte("\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93."))
	f.Fuzz(func(t *testing.T, b []byte) {
		rows := newRows201()
		d := pickle.NewDecoder(bytes.NewReader(b))
		if err := rows.readAll(d); err == nil {
			_, _ = rows.finish()
		}
		if err := readTorchOld(bytes.NewReader(b), newRows201()); err == nil {
			t.Log("taken")
		}
	})
}

func FuzzNATS(f *testing.F) {
	b, err := os.ReadFile("testdata/nats/000000.pickle.pbz2")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:100])
	f.Fuzz(func(t *testing.T, b []byte) {
		rows := newRows201()
		if err := rows.readCell(bytes.NewReader(b), &sync.Mutex{}); err == nil {
			_, _ = rows.finish()
		}
	})
}

func FuzzTFRecord(f *testing.F) {
	space, err := nasbench101.Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`["00005c142e6f48ac74fdcf73e3439874",108,"0100000001001000100000000000000010000000100000001000000","input,conv3x3-bn-relu,output","CiQJAAAA"]`))
	f.Add([]byte("\x0a\x09\x09\x00\x00\x00\x00\x00\x00\xf0\x3f\x10\x05"))
	f.Fuzz(func(t *testing.T, b []byte) {
		rows := &rows101{rows: newRows(space), space: space, known: map[string]known101{}, repeats: map[repeat101]int{}}
		_ = rows.record(b)
		_, _ = parseMetrics101(b)
		records := newTFRecords(bytes.NewReader(b))
		for range 10 {
			if _, err := records.record(); err != nil {
				break
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	const arch = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"
	f.Add("arch,c10_valid,c10_test_ep12,c10_time200_s\n" + arch + ",1.5,,3\n")
	f.Add("index,arch,c10_valid_s777\n0," + arch + ",-1\n")
	f.Add("arch,c10_valid\n" + arch + ",1\n" + arch + ",2\n")
	f.Fuzz(func(t *testing.T, text string) {
		if !strings.HasPrefix(text, "arch,") && !strings.HasPrefix(text, "index,arch,") {
			return // the other space takes too long to open
		}
		d, err := readCSV(context.Background(), strings.NewReader(text))
		if err != nil {
			return
		}
		for i := range d.columns {
			for _, v := range d.columns[i].values {
				if err := d.columns[i].quantity.check(v); !math.IsNaN(v) && err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"0": {"module_adjacency": [[0,1],[0,0]], "module_operations": [[1,0],[0,1]], "validation_accuracy_avg": 1}}`), uint8(0))
	f.Add([]byte(`{"0": {"module_adjacency": [[0,1],[0]], "module_operations": [[1,0],[0,1]]}}`), uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, set uint8) {
		s := nasbench201.New()
		_ = (&jsonRows{space: s, rows: newRows(s)}).read(bytes.NewReader(b), Datasets()[set%3])
	})
}

func FuzzCache(f *testing.F) {
	s := nasbench201.New()
	r := newRows(s)
	values, err := r.add(key{CIFAR10, accuracy(Validation), 200, 200, 0})
	if err != nil {
		f.Fatal(err)
	}
	values[3] = 1.5
	path := filepath.Join(f.TempDir(), "a")
	if err := r.data("x").save(path); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[:500])
	f.Add([]byte(cacheMagic + "\xff\xff\xff\xff1234"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, from, err := readHeader(bytes.NewReader(b))
		if err != nil {
			return
		}
		if h.Space != nasbench201.Name {
			return
		}
		path := filepath.Join(t.TempDir(), "b")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		d, err := h.data(context.Background(), &cacheFile{file, path, from})
		if err != nil {
			return
		}
		for i := range d.columns {
			_, _ = d.columns[i].load()
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte("{\"progress\":{\"epoch\":1}}\n{\"result\":{\"validation\":1,\"test\":2}}\n"))
	f.Add([]byte("{\"result\":{\"validation\":NaN}}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a := &answers{tell: func(Progress) {}, stop: func(error) {}}
		for i, c := range b { // in pieces
			if n, err := a.Write([]byte{c}); n != 1 || err != nil {
				t.Fatal(i, n, err)
			}
		}
		r, err := a.close()
		if err != nil || r == nil {
			return
		}
		if s, err := r.score(0); err == nil && !(s.Validation >= 0 && s.Test <= 100 && s.Cost >= 0) {
			t.Fatalf("%+v", s)
		}
	})
}

func FuzzGenotype(f *testing.F) {
	f.Add("sep_conv_3x3~0|sep_conv_3x3~1|sep_conv_3x3~0|sep_conv_3x3~1|sep_conv_3x3~1|skip_connect~0|skip_connect~0|dil_conv_3x3~2")
	f.Fuzz(func(t *testing.T, text string) {
		if g, err := parseGenotype(text); err == nil {
			features(&g, &g)
		}
	})
}

func FuzzBits(f *testing.F) {
	f.Add("7", "1205349", "02001")
	f.Fuzz(func(t *testing.T, v, bits, ops string) {
		if c, err := parseBits(v, bits, ops); err == nil && c == (cell.Cell{}) {
			t.Error("an empty cell")
		}
	})
}
