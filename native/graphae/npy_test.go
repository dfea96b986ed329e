package graphae

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sampleEmbeddings has all kinds of numbers.
func sampleEmbeddings() *Embeddings {
	e := &Embeddings{Rows: 4, Dim: 3, Data: []float32{1, -2, 0.1, 1e-20, 3e8, math.Pi, math.MaxFloat32, math.SmallestNonzeroFloat32, 0}}
	return &Embeddings{Rows: 4, Dim: 3, Data: append(e.Data, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)))}
}

func sameBits(a, b *Embeddings) bool {
	bits := func(v float32) uint32 { return math.Float32bits(v) }
	return a.Rows == b.Rows && a.Dim == b.Dim && slices.EqualFunc(a.Data, b.Data, func(x, y float32) bool { return bits(x) == bits(y) })
}

// Reading gives back what was written, to the bit.
func TestLoadEmbeddings(t *testing.T) {
	dir := t.TempDir()
	for _, e := range []*Embeddings{sampleEmbeddings(), {Rows: 0, Dim: 16}, {Rows: 1, Dim: 1, Data: []float32{7}}} {
		for name, f := range map[string]struct {
			save func(string) error
			load func(string) (*Embeddings, error)
		}{"e.npy": {e.SaveNPY, LoadNPY}, "e.csv": {e.SaveCSV, LoadCSV}} {
			path := filepath.Join(dir, name)
			if err := f.save(path); err != nil {
				t.Fatal(err)
			}
			got, err := f.load(path)
			if err != nil || !sameBits(got, e) {
				t.Errorf("%s: %+v, %v, want %+v", name, got, err, e)
			}
		}
	}
	for name, f := range map[string]func(string) (*Embeddings, error){"npy": LoadNPY, "csv": LoadCSV} {
		for _, path := range []string{dir, filepath.Join(dir, "none")} {
			if _, err := f(path); err == nil || !strings.HasPrefix(err.Error(), "graphae: ") || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: %s: %v", name, path, err)
			}
		}
	}
}

// npyFile is a .npy file of any version with any header and content.
func npyFile(major byte, header string, content []byte) []byte {
	b := append([]byte(npyMagic), major, 0)
	if major == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(header)))
	}
	return append(append(b, header...), content...)
}

func TestDecodeNPY(t *testing.T) {
	le := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, math.Float32bits(1.5)), math.Float32bits(-2))
	be := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, math.Float32bits(1.5)), math.Float32bits(-2))
	double := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, math.Float64bits(1.5)), math.Float64bits(-2))
	large := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, math.Float64bits(1e39)), 0)
	const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }   \n"
	change := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for name, c := range map[string]struct {
		data []byte
		want string // of the error
	}{
		"version 1":        {npyFile(1, good, le), ""},
		"version 2":        {npyFile(2, good, le), ""},
		"version 3":        {npyFile(3, good, le), ""},
		"big-endian":       {npyFile(1, change("<f4", ">f4"), be), ""},
		"float64":          {npyFile(1, change("<f4", "<f8"), double), ""},
		"other order":      {npyFile(1, `{"shape":(1,2),"descr":"<f4","fortran_order":False}`, le), ""},
		"empty":            {nil, "too short"},
		"text":             {[]byte("these are no embeddings"), "does not begin"},
		"version 4":        {npyFile(4, good, le), "version 4.0"},
		"version 0":        {npyFile(0, good, le), "version 0.0"},
		"cut in header":    {npyFile(1, good, nil)[:40], "truncated"},
		"cut before it":    {npyFile(2, good, nil)[:11], ""},
		"huge header":      {append([]byte(npyMagic+"\x02\x00"), 0xff, 0xff, 0xff, 0xff), "limit"},
		"cut":              {npyFile(1, good, le[:7]), "truncated"},
		"one more":         {npyFile(1, good, append(slices.Clone(le), 0)), "truncated"},
		"too many rows":    {npyFile(1, change("(1, 2)", "(2, 2)"), le), "truncated"},
		"absurd":           {npyFile(1, change("(1, 2)", "(4294967296, 4294967296)"), le), "truncated"},
		"more absurd":      {npyFile(1, change("(1, 2)", "(99999999999999999999, 2)"), le), "shape"},
		"negative":         {npyFile(1, change("(1, 2)", "(-1, -2)"), le), "shape"},
		"vector":           {npyFile(1, change("(1, 2)", "(2,)"), le), "shape"},
		"scalar":           {npyFile(1, change("(1, 2)", "()"), le), "shape"},
		"three dimensions": {npyFile(1, change("(1, 2)", "(1, 2, 1)"), le), "shape"},
		"no columns":       {npyFile(1, change("(1, 2)", "(2, 0)"), nil), "no elements"},
		"list":             {npyFile(1, change("(1, 2)", "[1, 2]"), le), "tuple"},
		"integers":         {npyFile(1, change("<f4", "<i4"), le), "<i4"},
		"float16":          {npyFile(1, change("<f4", "<f2"), le), "<f2"},
		"objects":          {npyFile(1, change("'<f4'", "'|O'"), le), "|O"},
		"records":          {npyFile(1, change("'<f4'", "[('a', '<f4')]"), le), "simple type"},
		"Fortran":          {npyFile(1, change("False", "True"), le), "Fortran"},
		"no truth":         {npyFile(1, change("False", "0"), le), "fortran_order"},
		"missing":          {npyFile(1, change("'descr': '<f4', ", ""), le), "descr is missing"},
		"twice":            {npyFile(1, change("'descr'", "'shape': (1, 2), 'shape'"), le), "twice"},
		"unknown":          {npyFile(1, change("{", "{'x': 1, "), le), "unknown key x"},
		"no comma":         {npyFile(1, change("4', ", "4' "), le), "comma"},
		"behind":           {npyFile(1, change("}", "} x"), le), "behind"},
		"open":             {npyFile(1, change("}", ""), le), "quoted key"},
		"not a dictionary": {npyFile(1, "[]", le), "dictionary"},
		"too large":        {npyFile(1, change("<f4", "<f8"), large), "too large"},
	} {
		path := filepath.Join(t.TempDir(), "e.npy")
		if err := os.WriteFile(path, c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		e, err := LoadNPY(path)
		switch {
		case c.want == "" && name != "cut before it":
			if err != nil || e.Rows != 1 || e.Dim != 2 || !slices.Equal(e.Data, []float32{1.5, -2}) {
				t.Errorf("%s: %+v, %v", name, e, err)
			}
		case err == nil || !strings.HasPrefix(err.Error(), "graphae: ") || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %v, want an error with the path and %q", name, err, c.want)
		}
	}
}

// NumPy and we read each other's files.
func TestNumPy(t *testing.T) {
	dir := t.TempDir()
	e := sampleEmbeddings()
	if err := e.SaveNPY(filepath.Join(dir, "ours.npy")); err != nil {
		t.Fatal(err)
	}
	script := `
import numpy as np, sys
a = np.load("ours.npy")
assert a.dtype == np.float32 and a.shape == (4, 3), (a.dtype, a.shape)
np.save("f4.npy", a)
np.save("f8.npy", a.astype(np.float64))
np.save("big.npy", a.astype(">f4"))
np.save("fortran.npy", np.asfortranarray(a))
np.save("vector.npy", a.ravel())
np.save("int.npy", np.zeros((4, 3), np.int32))
for v in (1, 2, 3):
    with open("v%d.npy" % v, "wb") as f:
        np.lib.format.write_array(f, a, version=(v, 0))
`
	interpreter := ""
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import numpy").Run() == nil {
			interpreter = name
		}
	}
	if interpreter == "" {
		t.Skip("needs python3 with numpy")
	}
	python := exec.Command(interpreter, "-c", script)
	python.Dir = dir
	if out, err := python.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"f4", "f8", "big", "v1", "v2", "v3"} {
		got, err := LoadNPY(filepath.Join(dir, name+".npy"))
		if err != nil || !sameBits(got, e) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for _, name := range []string{"fortran", "vector", "int"} {
		if _, err := LoadNPY(filepath.Join(dir, name+".npy")); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestDecodeCSV(t *testing.T) {
	const good = "cell,z0,z1\n0,1,2\n1,-3e-5,NaN\n"
	for name, c := range map[string]struct{ data, want string }{
		"whole":        {good, ""},
		"CR LF":        {strings.ReplaceAll(good, "\n", "\r\n"), ""},
		"empty":        {"", "line 1"},
		"cut":          {good[:len(good)-2], "truncated"},
		"cut names":    {"cell,z0", "truncated"},
		"no numbers":   {"cell\n", "columns"},
		"other names":  {"cell,z1,z0\n0,1,2\n", "columns"},
		"no cells":     {"z0,z1\n1,2\n", "columns"},
		"out of order": {"cell,z0\n1,1\n", `line 2: cell "1"`},
		"too few":      {"cell,z0,z1\n0,1\n", "1 numbers"},
		"too many":     {"cell,z0,z1\n0,1,2\n1,1,2,3\n", "line 3: 3 numbers"},
		"no number":    {"cell,z0\n0,x\n", `"x"`},
		"too large":    {"cell,z0\n0,1e39\n", "1e39"},
		"empty line":   {"cell,z0\n\n0,1\n", "line 2"},
		"long line":    {"cell,z0\n0," + strings.Repeat("1", 1<<17) + "\n", "bytes"},
	} {
		path := filepath.Join(t.TempDir(), "e.csv")
		if err := os.WriteFile(path, []byte(c.data), 0o644); err != nil {
			t.Fatal(err)
		}
		e, err := LoadCSV(path)
		if c.want == "" {
			if err != nil || e.Rows != 2 || e.Dim != 2 || !slices.Equal(e.Data[:3], []float32{1, 2, -3e-5}) {
				t.Errorf("%s: %+v, %v", name, e, err)
			}
		} else if err == nil || !strings.HasPrefix(err.Error(), "graphae: ") || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with the path and %q", name, err, c.want)
		}
	}
}

// Whatever the bytes, reading ends with embeddings, which are written and read
// again unchanged, or with an error.
func FuzzDecodeNPY(f *testing.F) {
	f.Add(npyFile(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n", make([]byte, 8)))
	f.Add(npyFile(2, "{'descr': '>f8', 'fortran_order': False, 'shape': (2, 1), }\n", make([]byte, 16)))
	f.Add(npyFile(3, "{'descr': '<f8', 'fortran_order': True, 'shape': (0, 9999999999), }\n", nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := decodeNPY(bufio.NewReader(bytes.NewReader(data)), int64(len(data)))
		checkDecoded(t, e, err, "e.npy", (*Embeddings).SaveNPY, LoadNPY)
	})
}

func FuzzDecodeCSV(f *testing.F) {
	f.Add([]byte("cell,z0,z1\n0,1,2\n1,-3e-5,0x1p-3\n"))
	f.Add([]byte("cell,z0\r\n0,-0\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := decodeCSV(bufio.NewReader(bytes.NewReader(data)), int64(len(data)))
		if err == nil {
			for i, v := range e.Data {
				if v != v {
					e.Data[i] = float32(math.NaN()) // text knows one NaN only
				}
			}
		}
		checkDecoded(t, e, err, "e.csv", (*Embeddings).SaveCSV, LoadCSV)
	})
}

func checkDecoded(t *testing.T, e *Embeddings, err error, name string, save func(*Embeddings, string) error, load func(string) (*Embeddings, error)) {
	t.Helper()
	if err != nil {
		return
	}
	if e.Dim < 1 || len(e.Data) != e.Rows*e.Dim {
		t.Fatalf("%d x %d with %d elements", e.Rows, e.Dim, len(e.Data))
	}
	path := filepath.Join(t.TempDir(), name)
	if err := save(e, path); err != nil {
		t.Fatal(err)
	}
	got, err := load(path)
	if err != nil || !sameBits(got, e) {
		t.Fatalf("%+v was read as %+v, %v", e, got, err)
	}
}
