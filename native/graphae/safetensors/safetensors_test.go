package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func sample() *File {
	return &File{
		Metadata: map[string]string{"format": "test", "note": "a \"quoted\" ü"},
		Tensors: []Tensor{
			Float32("w", []float32{1, 2, 3, -4, 5, 6}, 2, 3),
			Float64("s", []float64{0.1}, 1),
			Float32("empty", nil, 0, 7),
			Float32("scalar", []float32{9}),
		},
	}
}

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if err := sample().Write(path); err != nil {
		t.Fatal(err)
	}
	f, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	w, ok := f.Tensor("w")
	if !ok || !reflect.DeepEqual(w.Shape, []int{2, 3}) {
		t.Fatalf("w = %+v", w)
	}
	if v, err := w.Float32s(); err != nil || !reflect.DeepEqual(v, []float32{1, 2, 3, -4, 5, 6}) {
		t.Fatalf("w = %v, %v", v, err)
	}
	if _, err := w.Float64s(); err == nil {
		t.Error("an F32 tensor was read as F64")
	}
	if e, ok := f.Tensor("empty"); !ok || len(e.Data) != 0 {
		t.Errorf("empty = %+v", e)
	}
	if f.Metadata["note"] != sample().Metadata["note"] {
		t.Errorf("metadata %v", f.Metadata)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// raw builds a file from a header as it stands.
func raw(header string, body int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, body)...)
}

// What Python's safetensors writes: no checksum, keys in any order, F16.
func TestForeign(t *testing.T) {
	f, err := Decode(raw(`{"b":{"dtype":"F16","shape":[2],"data_offsets":[4,8]},"a":{"data_offsets":[0,4],"shape":[],"dtype":"F32"}}   `, 8))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Tensors) != 2 || f.Tensors[0].Name != "a" || len(f.Tensors[0].Shape) != 0 || len(f.Tensors[1].Data) != 4 {
		t.Fatalf("%+v", f.Tensors)
	}
}

func TestRefused(t *testing.T) {
	one := `"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":           {nil, "too short"},
		"short":             {[]byte("1234567"), "too short"},
		"huge header":       {binary.LittleEndian.AppendUint64(nil, 1<<63), "limit"},
		"truncated header":  {raw("{"+one+"}", 8)[:20], "truncated"},
		"truncated data":    {raw("{"+one+"}", 7), "truncated"},
		"trailing data":     {raw("{"+one+"}", 9), "after the last tensor"},
		"array":             {raw("[]", 0), "begin with {"},
		"empty header":      {raw("", 0), "begin with {"},
		"not JSON":          {raw("{]", 0), "header"},
		"after the header":  {raw("{}x", 0), "after its end"},
		"twice":             {raw("{"+one+","+one+"}", 8), "twice"},
		"hole":              {raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), "begins at byte 4"},
		"overlap":           {raw("{"+one+`,"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), "begins at byte 4"},
		"wrong size":        {raw(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, 8), "need 12"},
		"negative":          {raw(`{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`, 8), "dimension -2"},
		"overflow":          {raw(`{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}`, 8), "overflows"},
		"backwards":         {raw(`{"a":{"dtype":"F32","shape":[0],"data_offsets":[8,4]}}`, 8), "bytes 8 to 4"},
		"unknown type":      {raw(`{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}`, 8), `type "F33"`},
		"unknown field":     {raw(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}`, 8), "unknown field"},
		"missing field":     {raw(`{"a":{"dtype":"F32","data_offsets":[0,8]}}`, 8), "are needed"},
		"not an object":     {raw(`{"a":7}`, 0), "tensor"},
		"metadata a number": {raw(`{"__metadata__":{"a":1}}`, 0), "not text"},
		"metadata a list":   {raw(`{"__metadata__":[]}`, 0), "not an object"},
	} {
		_, err := Decode(c.data)
		if err == nil || !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
}

// Every single flipped bit of a file is noticed.
func TestFlippedBits(t *testing.T) {
	data, err := sample().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for bit := range 8 {
			b := bytes.Clone(data)
			b[i] ^= 1 << bit
			f, err := Decode(b)
			// Without its checksum's name a file is one that another program wrote:
			// valid, but without the entry by which a reader knows it.
			if err == nil && f.Metadata[ChecksumKey] != "" {
				t.Fatalf("bit %d of byte %d flipped: not noticed", bit, i)
			}
		}
	}
	for n := range data {
		if _, err := Decode(data[:n]); err == nil {
			t.Fatalf("cut to %d bytes: not noticed", n)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	for name, f := range map[string]*File{
		"size":  {Tensors: []Tensor{{"a", "F32", []int{3}, make([]byte, 8)}}},
		"type":  {Tensors: []Tensor{{"a", "float", []int{2}, make([]byte, 8)}}},
		"twice": {Tensors: []Tensor{Float32("a", nil, 0), Float32("a", nil, 0)}},
		"name":  {Tensors: []Tensor{Float32("__metadata__", nil, 0)}},
	} {
		if _, err := f.Encode(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "none", "x"), dir} {
		if err := sample().Write(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("write to %s: %v", path, err)
		}
	}
	if _, err := Read(dir); err == nil {
		t.Error("read a folder")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func FuzzDecode(f *testing.F) {
	data, err := sample().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(raw(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8))
	f.Add(raw(`{"__metadata__":{"k":"v"},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := Decode(data)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("error of another kind: %v", err)
			}
			return
		}
		// What was accepted can be written, and says the same when read again.
		again, err := x.Encode()
		if err != nil {
			t.Fatal(err)
		}
		y, err := Decode(again)
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Tensors) != len(y.Tensors) {
			t.Fatalf("%d tensors, then %d", len(x.Tensors), len(y.Tensors))
		}
		for _, a := range x.Tensors {
			b, ok := y.Tensor(a.Name)
			if !ok || a.DType != b.DType || !bytes.Equal(a.Data, b.Data) {
				t.Fatalf("tensor %q changed", a.Name)
			}
		}
	})
}
