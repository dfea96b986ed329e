// Package md5batch computes the MD5 sums of many short messages at once, eight at
// a time where the processor has AVX2: some eight times the speed of crypto/md5,
// which one message's chain of dependent steps holds up. MD5 is a name for
// graphs here, nothing secret.
package md5batch

import "encoding/binary"

//go:generate go run ./gen -out blocks_amd64.s -stubs blocks_amd64.go -pkg md5batch

// Size is the number of bytes of a sum.
const Size = 16

// Batch holds messages until Sum. The zero value is empty and ready to use, and
// keeps its memory for the next batch.
type Batch struct {
	text   []byte    // padded messages, one after the other
	starts []int     // where each begins in text
	counts []int     // how many blocks of 64 bytes it has
	order  []int     // messages by ascending number of blocks
	first  [most]int // where those of each number begin in order
}

// most bounds the blocks of a message.
const most = 12

// MaxLength is the length of the longest message that a batch takes.
const MaxLength = 64*(most-1) - 9

// Reset empties the batch.
func (b *Batch) Reset() { b.text, b.starts, b.counts = b.text[:0], b.starts[:0], b.counts[:0] }

// Next returns an empty slice with room for the next message, which is to be
// appended to it and handed to Add.
func (b *Batch) Next() []byte {
	at := len(b.text)
	if cap(b.text)-at < 64*most {
		grown := make([]byte, at, 2*cap(b.text)+64*most)
		copy(grown, b.text)
		b.text = grown
	}
	return b.text[at:at:cap(b.text)]
}

// Add takes the message that was written into the slice that Next returned, and
// pads it (RFC 1321, sections 3.1 and 3.2). It panics when the message is longer
// than MaxLength.
func (b *Batch) Add(message []byte) {
	n := len(message)
	if n > MaxLength {
		panic("md5batch: message too long")
	}
	count := (n + 8 + 64) / 64
	padded := message[:64*count]
	padded[n] = 0x80
	clear(padded[n+1:])
	binary.LittleEndian.PutUint64(padded[len(padded)-8:], uint64(n)<<3)
	b.starts, b.counts = append(b.starts, len(b.text)), append(b.counts, count)
	b.text = b.text[:len(b.text)+len(padded)]
}

// Sum writes the sums of all messages, in the order in which they were added.
func (b *Batch) Sum(sums [][Size]byte) {
	sums = sums[:len(b.starts)]
	if !eight() {
		b.sumOneByOne(sums)
		return
	}
	b.sort()
	for rest := b.order; len(rest) > 0; {
		// Lanes run side by side over the same number of blocks; lanes without a
		// message of their own repeat the first one's.
		n := b.counts[rest[0]]
		group := 1
		for group < min(lanes, len(rest)) && b.counts[rest[group]] == n {
			group++
		}
		var at [lanes]int
		for lane := range at {
			at[lane] = b.starts[rest[0]]
			if lane < group {
				at[lane] = b.starts[rest[lane]]
			}
		}
		state := initial
		blocks(&state, b.text, &at, n)
		for lane, i := range rest[:group] {
			for word := range state {
				binary.LittleEndian.PutUint32(sums[i][4*word:], state[word][lane])
			}
		}
		rest = rest[group:]
	}
}

const lanes = 8

var initial = func() (state [4][lanes]uint32) {
	for word, value := range [4]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476} {
		for lane := range lanes {
			state[word][lane] = value
		}
	}
	return state
}()

// sort orders the messages by their number of blocks, by counting.
func (b *Batch) sort() {
	b.first = [most]int{}
	for _, count := range b.counts {
		if count+1 < most {
			b.first[count+1]++
		}
	}
	for i := 1; i < most; i++ {
		b.first[i] += b.first[i-1]
	}
	if cap(b.order) < len(b.counts) {
		b.order = make([]int, 2*len(b.counts))
	}
	b.order = b.order[:len(b.counts)]
	for i, count := range b.counts {
		b.order[b.first[count]] = i
		b.first[count]++
	}
}
