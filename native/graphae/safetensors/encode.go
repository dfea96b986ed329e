package safetensors

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
)

// entry is a tensor in the header.
type entry struct {
	DType   string   `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

const metadataKey = "__metadata__"

// header returns the JSON header, with or without the checksum.
func (f *File) header(sum string) ([]byte, error) {
	h := map[string]any{}
	meta := maps.Clone(f.Metadata)
	if meta == nil {
		meta = map[string]string{}
	}
	delete(meta, ChecksumKey)
	if sum != "" {
		meta[ChecksumKey] = sum
	}
	if len(meta) > 0 {
		h[metadataKey] = meta
	}
	at := int64(0)
	for _, t := range f.Tensors {
		size, err := byteSize(t.DType, t.Shape)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if size != int64(len(t.Data)) {
			return nil, fmt.Errorf("tensor %q: %d bytes, its type and shape need %d", t.Name, len(t.Data), size)
		}
		if _, twice := h[t.Name]; twice || t.Name == metadataKey {
			return nil, fmt.Errorf("tensor name %q is taken", t.Name)
		}
		e := entry{DType: t.DType, Shape: []int64{}, Offsets: [2]int64{at, at + size}}
		for _, d := range t.Shape {
			e.Shape = append(e.Shape, int64(d))
		}
		h[t.Name] = e
		at += size
	}
	return json.Marshal(h)
}

// byteSize is the number of bytes of a tensor.
func byteSize(dtype string, shape []int) (int64, error) {
	unit, ok := sizes[dtype]
	if !ok {
		return 0, fmt.Errorf("type %q is not known", dtype)
	}
	n := int64(unit)
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		}
		if d > 0 && n > math.MaxInt64/int64(d) {
			return 0, fmt.Errorf("shape %v overflows", shape)
		}
		n *= int64(d)
	}
	return n, nil
}

func (f *File) checksum() (string, error) {
	head, err := f.header("")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write(head)
	for _, t := range f.Tensors {
		h.Write(t.Data)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Encode returns the bytes of the file, with a checksum in its metadata.
func (f *File) Encode() ([]byte, error) {
	sum, err := f.checksum()
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	head, err := f.header(sum)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	for len(head)%8 != 0 {
		head = append(head, ' ') // aligns the data, as the format recommends
	}
	if len(head) > MaxHeader {
		return nil, fmt.Errorf("safetensors: header of %d bytes, more than the limit of %d", len(head), MaxHeader)
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
	out = append(out, head...)
	for _, t := range f.Tensors {
		out = append(out, t.Data...)
	}
	return out, nil
}
