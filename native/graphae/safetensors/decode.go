package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

// Decode reads a file from its bytes. The tensors' data are parts of data.
func Decode(data []byte) (*File, error) {
	if len(data) < 8 {
		return nil, bad("%d bytes, too short for a header", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	if n > MaxHeader {
		return nil, bad("the header claims %d bytes, more than the limit of %d", n, MaxHeader)
	}
	if n > uint64(len(data)-8) {
		return nil, bad("the header claims %d bytes, the file has %d: it is truncated", n, len(data)-8)
	}
	head, body := data[8:8+n], data[8+n:]
	if len(head) == 0 || head[0] != '{' {
		return nil, bad("the header does not begin with {")
	}
	f := &File{}
	offsets := map[string][2]int64{}
	err := object(head, func(key string, d *json.Decoder) error {
		if key == metadataKey {
			return f.readMetadata(d)
		}
		t, at, err := readTensor(key, d)
		if err != nil {
			return err
		}
		f.Tensors = append(f.Tensors, t)
		offsets[key] = at
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(f.Tensors, func(a, b Tensor) int {
		x, y := offsets[a.Name], offsets[b.Name]
		return slices.Compare(x[:], y[:])
	})
	end := int64(0)
	for i, t := range f.Tensors {
		at := offsets[t.Name]
		if at[0] != end {
			return nil, bad("tensor %q begins at byte %d, the one before ends at %d", t.Name, at[0], end)
		}
		if end = at[1]; end > int64(len(body)) {
			return nil, bad("tensor %q ends at byte %d, the file has %d: it is truncated", t.Name, end, len(body))
		}
		f.Tensors[i].Data = body[at[0]:at[1]:at[1]]
	}
	if end != int64(len(body)) {
		return nil, bad("%d bytes after the last tensor", int64(len(body))-end)
	}
	if want, ok := f.Metadata[ChecksumKey]; ok {
		got, err := f.checksum()
		if err != nil {
			return nil, bad("%v", err)
		}
		if got != want {
			return nil, bad("the checksum does not match: the file is damaged")
		}
	}
	return f, nil
}

// object walks over the entries of a JSON object that fills data but for spaces.
func object(data []byte, each func(key string, d *json.Decoder) error) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return bad("header: not an object")
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return bad("header: %v", err)
		}
		key, ok := token.(string)
		if !ok {
			return bad("header: key %v", token)
		}
		if seen[key] {
			return bad("key %q is given twice", key)
		}
		seen[key] = true
		if err := each(key, d); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return bad("header: %v", err)
	}
	if rest := bytes.TrimRight(data[d.InputOffset():], " "); len(rest) > 0 {
		return bad("header: %d bytes after its end", len(rest))
	}
	return nil
}

func (f *File) readMetadata(d *json.Decoder) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return bad("metadata: %v", err)
	}
	f.Metadata = map[string]string{}
	return object(raw, func(key string, d *json.Decoder) error {
		token, err := d.Token()
		if err != nil {
			return bad("metadata: %v", err)
		}
		value, ok := token.(string)
		if !ok {
			return bad("metadata: %q is not text", key)
		}
		f.Metadata[key] = value
		return nil
	})
}

func readTensor(name string, d *json.Decoder) (Tensor, [2]int64, error) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return Tensor{}, [2]int64{}, bad("tensor %q: %v", name, err)
	}
	var e struct {
		dtype          *string
		shape, offsets []int64
	}
	// Key by key, because decoding into a struct would take "DType" for "dtype".
	err := object(raw, func(key string, d *json.Decoder) error {
		var err error
		switch key {
		case "dtype":
			err = d.Decode(&e.dtype)
		case "shape":
			err = d.Decode(&e.shape)
		case "data_offsets":
			err = d.Decode(&e.offsets)
		default:
			err = fmt.Errorf("unknown field %q", key)
		}
		return err
	})
	if err != nil {
		return Tensor{}, [2]int64{}, bad("tensor %q: %v", name, err)
	}
	if e.dtype == nil || e.shape == nil || len(e.offsets) != 2 {
		return Tensor{}, [2]int64{}, bad("tensor %q: dtype, shape and two data_offsets are needed", name)
	}
	t := Tensor{Name: name, DType: *e.dtype}
	for _, v := range e.shape {
		if v < 0 || v > math.MaxInt32 {
			return Tensor{}, [2]int64{}, bad("tensor %q: dimension %d", name, v)
		}
		t.Shape = append(t.Shape, int(v))
	}
	size, err := byteSize(t.DType, t.Shape)
	if err != nil {
		return Tensor{}, [2]int64{}, bad("tensor %q: %v", name, err)
	}
	at := [2]int64{e.offsets[0], e.offsets[1]}
	if at[0] < 0 || at[1] < at[0] || at[1]-at[0] != size {
		return Tensor{}, [2]int64{}, bad("tensor %q: bytes %d to %d, its type and shape need %d", name, at[0], at[1], size)
	}
	return t, at, nil
}
