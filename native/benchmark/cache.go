package benchmark

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"runtime"
	"time"

	"arch2vec/native/aside"
	"arch2vec/native/space"
)

// cacheMagic begins a file of an imported benchmark; the number is the version of
// its layout. Then come the length of the header and its checksum (CRC-32C; both of
// 4 bytes, little-endian), the header in JSON, and the columns it tells.
const cacheMagic = "arch2vec benchmark 1\n"

const maxHeader = 1 << 20

// Source says what a benchmark was imported from.
type Source struct {
	Path     string    `json:"path"`
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified"`
	SHA256   string    `json:"sha256"` // of a folder: of the files' sums, by name
	Imported time.Time `json:"imported"`
}

type cacheHeader struct {
	Name    string        `json:"name"`
	Space   string        `json:"space"`
	Source  Source        `json:"source"`
	Columns []cacheColumn `json:"columns"`
}

type cacheColumn struct {
	Dataset  string     `json:"dataset"`
	Quantity string     `json:"quantity"` // a split, or "seconds"
	Epochs   int        `json:"epochs"`
	At       int        `json:"at"`
	Seed     int        `json:"seed"`
	Place    cachePlace `json:"place"`
}

// cachePlace is where a column is, from the end of the header on.
type cachePlace struct {
	Encoding string `json:"encoding"`
	Offset   int64  `json:"offset"`
	Rows     int    `json:"rows"`
	CRC32C   uint32 `json:"crc32c"`
}

// The ways to write numbers; the first that loses nothing is taken.
const (
	fractions32 = "float32 fractions" // percents that were fractions of 1
	floats32    = "float32"
	floats64    = "float64"
)

func (p cachePlace) bytes() int64 {
	if p.Encoding == floats64 {
		return 8 * int64(p.Rows)
	}
	return 4 * int64(p.Rows)
}

// encode appends a column.
func encode(values []float64) (encoding string, data []byte) {
	for _, encoding = range []string{fractions32, floats32} {
		data = make([]byte, 0, 4*len(values))
		for _, v := range values {
			f := float32(v)
			if encoding == fractions32 {
				f = float32(v / 100)
			}
			if back := decode32(f, encoding); back != v && !(math.IsNaN(v) && math.IsNaN(back)) {
				break
			}
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(f))
		}
		if len(data) == 4*len(values) {
			return encoding, data
		}
	}
	data = make([]byte, 0, 8*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
	}
	return floats64, data
}

func decode32(f float32, encoding string) float64 {
	if encoding == fractions32 {
		return 100 * float64(f)
	}
	return float64(f)
}

// save writes the data to a file, which appears whole or not at all.
func (d *Data) save(path string) error {
	h := cacheHeader{Name: d.name, Space: d.space.ID(), Source: d.source}
	var columns [][]byte
	offset := int64(0)
	for i := range d.columns {
		c := &d.columns[i]
		values, err := c.load()
		if err != nil {
			return err
		}
		encoding, data := encode(values)
		columns = append(columns, data)
		place := cachePlace{encoding, offset, len(values), crc32.Checksum(data, castagnoli)}
		offset += place.bytes()
		h.Columns = append(h.Columns, cacheColumn{c.dataset.String(), c.quantity.name(), c.epochs, c.at, c.seed, place})
	}
	header, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return aside.Write(path, 0o644, func(w io.Writer) error {
		head := append([]byte(cacheMagic), make([]byte, 8)...)
		binary.LittleEndian.PutUint32(head[len(cacheMagic):], uint32(len(header)))
		binary.LittleEndian.PutUint32(head[len(cacheMagic)+4:], crc32.Checksum(header, castagnoli))
		for _, part := range append([][]byte{head, header}, columns...) {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		return nil
	})
}

// cacheFile is an open file of an imported benchmark.
type cacheFile struct {
	f    *os.File
	path string
	from int64 // where the columns begin
}

// openCache opens a file that save wrote. Columns are read, and checked, when they
// are asked for.
func openCache(ctx context.Context, path string) (*Data, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	h, from, err := readHeader(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w: import it again", path, err)
	}
	file := &cacheFile{f, path, from}
	runtime.SetFinalizer(file, func(c *cacheFile) { c.f.Close() })
	return h.data(ctx, file)
}

// readHeader reads the header, and where it ends.
func readHeader(f io.Reader) (h cacheHeader, from int64, err error) {
	head := make([]byte, len(cacheMagic)+8)
	if _, err := io.ReadFull(f, head); err != nil || !bytes.HasPrefix(head, []byte(cacheMagic)) {
		return h, 0, fmt.Errorf("no imported benchmark: it does not begin with %q", cacheMagic)
	}
	size := binary.LittleEndian.Uint32(head[len(cacheMagic):])
	if size > maxHeader {
		return h, 0, errors.New("damaged: its header is too long")
	}
	header := make([]byte, size)
	if _, err := io.ReadFull(f, header); err != nil {
		return h, 0, errors.New("damaged: it breaks off in its header")
	}
	if crc32.Checksum(header, castagnoli) != binary.LittleEndian.Uint32(head[len(cacheMagic)+4:]) {
		return h, 0, errors.New("damaged: the checksum of its header is wrong")
	}
	if err := json.Unmarshal(header, &h); err != nil {
		return h, 0, fmt.Errorf("damaged: its header: %w", err)
	}
	return h, int64(len(head)) + int64(size), nil
}

// data returns what the header tells, of columns in the file.
func (h *cacheHeader) data(ctx context.Context, file *cacheFile) (*Data, error) {
	s, err := space.OpenContext(ctx, h.Space, cores())
	if err != nil {
		return nil, err
	}
	d := &Data{name: h.Name, space: s, source: h.Source}
	for _, c := range h.Columns {
		set, err := ParseDataset(c.Dataset)
		if err != nil {
			return nil, err
		}
		q, err := parseQuantity(c.Quantity)
		if err != nil {
			return nil, err
		}
		if c.Place.Rows != s.Len() {
			return nil, fmt.Errorf("%s: a column of %d rows for the %d cells of %s", file.path, c.Place.Rows, s.Len(), s.ID())
		}
		d.columns = append(d.columns, column{key: key{set, q, c.Epochs, c.At, c.Seed}, file: file, place: c.Place})
	}
	return d, nil
}

// verify reads all columns and compares them with their checksums.
func (d *Data) verify(ctx context.Context) error {
	for i := range d.columns {
		if err := ctx.Err(); err != nil {
			return err
		}
		if c := &d.columns[i]; c.file != nil {
			if _, err := c.file.bytes(c.place); err != nil {
				return err
			}
		}
	}
	return nil
}

// bytes returns a column as it is in the file, or says that it is damaged.
func (c *cacheFile) bytes(p cachePlace) ([]byte, error) {
	data := make([]byte, p.bytes())
	if _, err := c.f.ReadAt(data, c.from+p.Offset); err != nil {
		return nil, fmt.Errorf("benchmark: %s, byte %d: %w: import it again", c.path, c.from+p.Offset, err)
	}
	if crc32.Checksum(data, castagnoli) != p.CRC32C {
		return nil, fmt.Errorf("benchmark: %s, byte %d: damaged: the checksum of a column is wrong: import it again", c.path, c.from+p.Offset)
	}
	return data, nil
}

// read returns the numbers of a column.
func (c *cacheFile) read(p cachePlace) ([]float64, error) {
	data, err := c.bytes(p)
	if err != nil {
		return nil, err
	}
	values := make([]float64, p.Rows)
	for i := range values {
		if p.Encoding == floats64 {
			values[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
		} else {
			values[i] = decode32(math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:])), p.Encoding)
		}
	}
	return values, nil
}

func (q quantity) name() string {
	if q == seconds {
		return "seconds"
	}
	return Split(q).String()
}

func parseQuantity(text string) (quantity, error) {
	if text == seconds.name() {
		return seconds, nil
	}
	for s, name := range splits {
		if name == text {
			return accuracy(Split(s)), nil
		}
	}
	return 0, fmt.Errorf("benchmark: no quantity %.40q", text)
}
