package graphae

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

// The .npy format, as NumPy describes it (numpy.lib.format): magic, version, the
// length of a header, the header, a literal of Python, and the elements.
const (
	npyMagic     = "\x93NUMPY"
	npyMaxHeader = 1 << 16 // bytes; a matrix needs some 120
)

// SaveNPY writes the embeddings as a NumPy array of float32, Rows x Dim.
func (e *Embeddings) SaveNPY(path string) error {
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", e.Rows, e.Dim)
	// Version 1.0: magic, version, length, and a header padded with spaces to a
	// multiple of 64 bytes that ends in a newline.
	const prefix = 10
	header += strings.Repeat(" ", up(prefix+len(header)+1, 64)-prefix-len(header)-1) + "\n"
	return e.save(path, func(w io.Writer) error {
		b := append([]byte(npyMagic+"\x01\x00"), byte(len(header)), byte(len(header)>>8))
		if _, err := w.Write(append(b, header...)); err != nil {
			return err
		}
		var word [4]byte
		for _, v := range e.Data {
			binary.LittleEndian.PutUint32(word[:], math.Float32bits(v))
			if _, err := w.Write(word[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

// LoadNPY reads embeddings from a .npy file: a matrix of float32 or float64 in C
// order, of either byte order, as [Embeddings.SaveNPY] and NumPy write it in
// format versions 1.0 to 3.0. Numbers of type float64 are rounded to float32; one
// that is too large for it is an error. NaN and infinities are read as they are.
// Anything else, a byte too many or too few included, is an error that names the
// file and what is wrong with it.
func LoadNPY(path string) (*Embeddings, error) {
	return load(path, decodeNPY)
}

// load reads embeddings from a regular file, whose size is known before any of
// it is believed.
func load(path string, decode func(r *bufio.Reader, size int64) (*Embeddings, error)) (*Embeddings, error) {
	info, err := os.Stat(path) // before Open, which waits for whoever writes a pipe
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return nil, fmt.Errorf("graphae: embeddings: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("graphae: embeddings: %w", err)
	}
	defer f.Close()
	e, err := decode(bufio.NewReaderSize(f, 1<<16), info.Size())
	if err != nil {
		return nil, fmt.Errorf("graphae: embeddings: %s: %w", path, err)
	}
	return e, nil
}

// decodeNPY reads a file of size bytes.
func decodeNPY(r *bufio.Reader, size int64) (*Embeddings, error) {
	header, left, err := npyHeader(r, size)
	if err != nil {
		return nil, err
	}
	h, err := parseNPYHeader(header)
	if err != nil {
		return nil, fmt.Errorf("header %q: %w", strings.TrimRight(header, " \n"), err)
	}
	// Divisions, because the product of absurd numbers may overflow.
	width := int64(h.bits / 8)
	if n := left / width; left%width != 0 || n%int64(h.dim) != 0 || n/int64(h.dim) != int64(h.rows) {
		return nil, fmt.Errorf("%d bytes of elements do not make %d rows of %d float%d: the file is truncated, or has something behind them",
			left, h.rows, h.dim, h.bits)
	}
	e := &Embeddings{Rows: h.rows, Dim: h.dim, Data: make([]float32, h.rows*h.dim)}
	var word [8]byte
	for i := range e.Data {
		if _, err := io.ReadFull(r, word[:width]); err != nil {
			return nil, fmt.Errorf("cannot read row %d: %w", i/h.dim, err)
		}
		if h.bits == 32 {
			e.Data[i] = math.Float32frombits(h.order.Uint32(word[:]))
			continue
		}
		v := math.Float64frombits(h.order.Uint64(word[:]))
		e.Data[i] = float32(v)
		if math.IsInf(float64(e.Data[i]), 0) && !math.IsInf(v, 0) {
			return nil, fmt.Errorf("row %d: %v is too large for a float32", i/h.dim, v)
		}
	}
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the file grew while it was read")
	}
	return e, nil
}

// npyHeader reads what stands before the elements; left is the bytes after it.
func npyHeader(r io.Reader, size int64) (header string, left int64, err error) {
	var start [12]byte
	if size < 10 {
		return "", 0, fmt.Errorf("%d bytes, too short for a .npy file", size)
	}
	if _, err := io.ReadFull(r, start[:8]); err != nil {
		return "", 0, fmt.Errorf("cannot read the header: %w", err)
	}
	if string(start[:6]) != npyMagic {
		return "", 0, errors.New("it does not begin as a .npy file does")
	}
	major, minor := start[6], start[7]
	lengthBytes := 4
	if major == 1 {
		lengthBytes = 2
	}
	if major < 1 || major > 3 || minor != 0 {
		return "", 0, fmt.Errorf("version %d.%d of the .npy format is not known, only 1.0, 2.0 and 3.0", major, minor)
	}
	if _, err := io.ReadFull(r, start[8:8+lengthBytes]); err != nil {
		return "", 0, fmt.Errorf("cannot read the header: %w", err)
	}
	n := int64(binary.LittleEndian.Uint32(start[8:])) // the upper bytes are 0 in version 1
	left = size - int64(8+lengthBytes) - n
	if n > npyMaxHeader {
		return "", 0, fmt.Errorf("the header claims %d bytes, more than the limit of %d", n, npyMaxHeader)
	}
	if left < 0 {
		return "", 0, fmt.Errorf("the header claims %d bytes, the file has %d: it is truncated", n, left+n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", 0, fmt.Errorf("cannot read the header: %w", err)
	}
	return string(b), left, nil
}

// npyMatrix is what the header says of the elements.
type npyMatrix struct {
	order     binary.ByteOrder
	bits      int
	rows, dim int
}

// parseNPYHeader reads the header's dictionary: exactly the three keys descr,
// fortran_order and shape, in any order.
func parseNPYHeader(header string) (npyMatrix, error) {
	var m npyMatrix
	p := literal{rest: header}
	if !p.take("{") {
		return m, errors.New("it is not a dictionary")
	}
	seen := map[string]bool{}
	for !p.take("}") {
		key, ok := p.text()
		if !ok || !p.take(":") {
			return m, errors.New("a quoted key and a colon are missing")
		}
		if seen[key] {
			return m, fmt.Errorf("%s is given twice", key)
		}
		seen[key] = true
		if err := p.value(key, &m); err != nil {
			return m, err
		}
		if !p.take(",") && !strings.HasPrefix(p.rest, "}") {
			return m, fmt.Errorf("no comma after %s", key)
		}
	}
	if rest := strings.TrimSpace(p.rest); rest != "" {
		return m, fmt.Errorf("%q behind the dictionary", rest)
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return m, fmt.Errorf("%s is missing", key)
		}
	}
	return m, nil
}

// literal reads a literal of Python from its beginning; each method skips spaces
// first.
type literal struct{ rest string }

func (p *literal) take(token string) bool {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = strings.TrimLeft(rest, " \t\r\n")
	}
	return ok
}

func (p *literal) text() (string, bool) {
	quote := "'"
	if !p.take(quote) {
		quote = `"`
		if !p.take(quote) {
			return "", false
		}
	}
	text, rest, ok := strings.Cut(p.rest, quote)
	p.rest = rest
	return text, ok && !strings.Contains(text, `\`)
}

// number reads a whole number without sign; at most 10 digits keep it in range.
func (p *literal) number() (int, bool) {
	n := 0
	for n < len(p.rest) && p.rest[n] >= '0' && p.rest[n] <= '9' {
		n++
	}
	if n == 0 || n > 10 {
		return 0, false
	}
	v, err := strconv.Atoi(p.rest[:n])
	p.rest = p.rest[n:]
	return v, err == nil
}

func (p *literal) value(key string, m *npyMatrix) error {
	switch key {
	case "descr":
		text, ok := p.text()
		if !ok {
			return errors.New("the elements are not of a simple type; float32 and float64 can be read")
		}
		switch text {
		case "<f4", "<f8":
			m.order = binary.LittleEndian
		case ">f4", ">f8":
			m.order = binary.BigEndian
		default:
			return fmt.Errorf("elements of type %s; float32 and float64 (<f4, <f8) can be read", text)
		}
		m.bits = 8 * int(text[2]-'0')
	case "fortran_order":
		if p.take("True") {
			return errors.New("the elements are in Fortran order; save numpy.ascontiguousarray of them")
		}
		if !p.take("False") {
			return errors.New("fortran_order is neither True nor False")
		}
	case "shape":
		var ok1, ok2 bool
		if !p.take("(") {
			return errors.New("the shape is not a tuple")
		}
		m.rows, ok1 = p.number()
		comma := p.take(",")
		m.dim, ok2 = p.number()
		p.take(",")
		if !ok1 || !comma || !ok2 || !p.take(")") {
			return errors.New("the shape is not that of a matrix, rows and columns")
		}
		if m.dim == 0 {
			return errors.New("rows of no elements")
		}
	default:
		return fmt.Errorf("unknown key %s", key)
	}
	return nil
}
