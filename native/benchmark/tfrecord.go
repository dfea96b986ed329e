package benchmark

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// maxRecord is more than any row of NAS-Bench-101, which have some 400 bytes.
const maxRecord = 1 << 20

// tfrecords reads TensorFlow's record files: of each record its length (8 bytes), a
// checksum of that, the data, and a checksum of the data; all little-endian
// (tensorflow/core/lib/io/record_writer.h).
type tfrecords struct {
	r    *bufio.Reader
	at   int64 // bytes, of the record that was returned last
	next int64
	buf  []byte
}

func newTFRecords(r io.Reader) *tfrecords { return &tfrecords{r: bufio.NewReaderSize(r, 1<<18)} }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maskedCRC is the checksum of the format, rotated and shifted so that a checksum
// of data with checksums in it is not weak.
func maskedCRC(data []byte) uint32 {
	crc := crc32.Checksum(data, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// record returns the next record, valid until the one after it; io.EOF after the
// last.
func (t *tfrecords) record() ([]byte, error) {
	t.at = t.next
	var head [12]byte
	n, err := io.ReadFull(t.r, head[:])
	if err == io.EOF {
		return nil, io.EOF
	}
	if err != nil {
		return nil, t.broken(err)
	}
	if maskedCRC(head[:8]) != binary.LittleEndian.Uint32(head[8:]) {
		return nil, errors.New("the checksum of a record's length is wrong")
	}
	size := binary.LittleEndian.Uint64(head[:8])
	if size > maxRecord {
		return nil, fmt.Errorf("a record of %d bytes, at most %d", size, maxRecord)
	}
	if uint64(cap(t.buf)) < size+4 {
		t.buf = make([]byte, size+4)
	}
	t.buf = t.buf[:size+4]
	m, err := io.ReadFull(t.r, t.buf)
	if err != nil {
		return nil, t.broken(err)
	}
	if maskedCRC(t.buf[:size]) != binary.LittleEndian.Uint32(t.buf[size:]) {
		return nil, errors.New("the checksum of a record is wrong")
	}
	t.next += int64(n + m)
	return t.buf[:size], nil
}

func (t *tfrecords) broken(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("it breaks off in a record")
	}
	return err
}
