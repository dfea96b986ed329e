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
	text     []byte // padded messages, one after the other
	messages []message
	order    []int32 // messages by ascending number of blocks
}

type message struct{ start, blocks int32 } // where it begins in text; of 64 bytes each

// most bounds the blocks of a message.
const most = 12

// MaxLength is the length of the longest message that a batch takes.
const MaxLength = 64*(most-1) - 9

// Reset empties the batch.
func (b *Batch) Reset() { b.text, b.messages = b.text[:0], b.messages[:0] }

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
func (b *Batch) Add(text []byte) {
	n := len(text)
	if n > MaxLength {
		panic("md5batch: message too long")
	}
	count := (n + 8 + 64) / 64
	padded := text[:64*count]
	padded[n] = 0x80
	clear(padded[n+1:])
	binary.LittleEndian.PutUint64(padded[len(padded)-8:], uint64(n)<<3)
	b.messages = append(b.messages, message{int32(len(b.text)), int32(count)})
	b.text = b.text[:len(b.text)+len(padded)]
}

// Sum writes the sums of all messages, in the order in which they were added.
func (b *Batch) Sum(sums [][Size]byte) {
	sums = sums[:len(b.messages)]
	if !eight() {
		b.sumOneByOne(sums)
		return
	}
	b.sort()
	for rest := b.order; len(rest) > 0; {
		// Lanes run side by side over the same number of blocks; lanes without a
		// message of their own repeat the first one's.
		first := b.messages[rest[0]]
		group := 1
		for group < min(lanes, len(rest)) && b.messages[rest[group]].blocks == first.blocks {
			group++
		}
		var at [lanes]int
		for lane := range at {
			at[lane] = int(first.start)
			if lane < group {
				at[lane] = int(b.messages[rest[lane]].start)
			}
		}
		state := initial
		blocks(&state, b.text, &at, int(first.blocks))
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
	var first [most + 1]int32 // where those of each number begin in order
	for _, m := range b.messages {
		first[m.blocks+1]++
	}
	for i := 1; i < len(first); i++ {
		first[i] += first[i-1]
	}
	if cap(b.order) < len(b.messages) {
		b.order = make([]int32, 2*len(b.messages))
	}
	b.order = b.order[:len(b.messages)]
	for i, m := range b.messages {
		b.order[first[m.blocks]] = int32(i)
		first[m.blocks]++
	}
}
