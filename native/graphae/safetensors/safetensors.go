// Package safetensors reads and writes the safetensors format: eight bytes with
// the length of a JSON header, the header (per tensor its type, shape and place),
// and the tensors' bytes, little-endian. Files read here can be read by Python's
// safetensors and the other way round.
//
// The reader is strict: it refuses whatever the format's own reader refuses
// (holes, overlaps, wrong sizes, trailing bytes), keys given twice, and, in files
// that [File.Encode] wrote, any change at all, by their checksum.
package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"

	"arch2vec/native/aside"
)

// Limits of what is read and written.
const (
	MaxHeader = 16 << 20 // bytes of JSON
	MaxFile   = 1 << 30  // bytes in all
)

// ChecksumKey is the metadata entry that Encode adds: the SHA-256 of the header
// without that entry and of all data.
const ChecksumKey = "sha256"

// ErrFormat is wrapped by every error about a file that is not what it should be.
var ErrFormat = errors.New("not a valid safetensors file")

// sizes of the types, in bytes. Others are refused.
var sizes = map[string]int{"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}

// Tensor is a named array.
type Tensor struct {
	Name  string
	DType string // F32, F64, ...
	Shape []int
	Data  []byte // row-major, little-endian
}

// File is the content of a file: tensors in the order of their bytes, and text.
type File struct {
	Tensors  []Tensor
	Metadata map[string]string
}

// Float32 returns a tensor of type F32.
func Float32(name string, data []float32, shape ...int) Tensor {
	b := make([]byte, 0, 4*len(data))
	for _, v := range data {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return Tensor{name, "F32", shape, b}
}

// Float64 returns a tensor of type F64.
func Float64(name string, data []float64, shape ...int) Tensor {
	b := make([]byte, 0, 8*len(data))
	for _, v := range data {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return Tensor{name, "F64", shape, b}
}

// Float32s returns the elements of a tensor of type F32.
func (t Tensor) Float32s() ([]float32, error) {
	if t.DType != "F32" {
		return nil, fmt.Errorf("safetensors: tensor %q has type %s, not F32", t.Name, t.DType)
	}
	out := make([]float32, len(t.Data)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))
	}
	return out, nil
}

// Float64s returns the elements of a tensor of type F64.
func (t Tensor) Float64s() ([]float64, error) {
	if t.DType != "F64" {
		return nil, fmt.Errorf("safetensors: tensor %q has type %s, not F64", t.Name, t.DType)
	}
	out := make([]float64, len(t.Data)/8)
	for i := range out {
		out[i] = math.Float64frombits(binary.LittleEndian.Uint64(t.Data[8*i:]))
	}
	return out, nil
}

// Tensor returns the tensor of that name.
func (f *File) Tensor(name string) (Tensor, bool) {
	for _, t := range f.Tensors {
		if t.Name == name {
			return t, true
		}
	}
	return Tensor{}, false
}

// Write writes the file, whole or not at all.
func (f *File) Write(path string) error {
	data, err := f.Encode()
	if err != nil {
		return err
	}
	if err := aside.WriteBytes(path, 0o644, data); err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	return nil
}

// Read reads the file at path.
func Read(path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("safetensors: %s is not a regular file", path)
	}
	if info.Size() > MaxFile {
		return nil, fmt.Errorf("safetensors: %s: %w: %d bytes, more than the limit of %d", path, ErrFormat, info.Size(), MaxFile)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	f, err := Decode(data)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %s: %w", path, err)
	}
	return f, nil
}
