package cell

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"math/bits"
	"slices"
	"strconv"
)

// Hash returns a fingerprint that is the same for cells that differ only in the
// order of their nodes: HashLabels with the operations as labels.
func (c Cell) Hash() string {
	labels := make([]int, c.n)
	for i := range labels {
		labels[i] = int(c.ops[i])
	}
	return c.HashLabels(labels)
}

// digest is an MD5 sum in lower-case hexadecimal.
type digest [2 * md5.Size]byte

// HashLabels is the graph hash of NAS-Bench-101 (Ying et al., 2019; hash_module
// of its published code), 32 lower-case hexadecimal digits: every node starts
// from its degrees and label, and takes in its neighbours' hashes as many times
// as there are nodes (Weisfeiler and Lehman's scheme over MD5). The textual
// layout that is hashed is Python's, so that hashes can be compared with the
// benchmark's. It panics unless there is one label a node.
func (c Cell) HashLabels(labels []int) string {
	n := int(c.n)
	if len(labels) != n {
		panic("cell: one label a node")
	}
	var in [MaxNodes]uint16
	for i := range n {
		for row := c.out[i]; row != 0; row &= row - 1 {
			in[bits.TrailingZeros16(row)] |= 1 << i
		}
	}
	var hashes, next [MaxNodes]digest
	var around [MaxNodes]digest
	buf := make([]byte, 0, (2*MaxNodes+1)*len(digest{})+2)
	for v := range n {
		buf = append(buf[:0], '(')
		buf = strconv.AppendInt(buf, int64(bits.OnesCount16(c.out[v])), 10)
		buf = append(buf, ", "...)
		buf = strconv.AppendInt(buf, int64(bits.OnesCount16(in[v])), 10)
		buf = append(buf, ", "...)
		buf = strconv.AppendInt(buf, int64(labels[v]), 10)
		hashes[v] = sum(append(buf, ')'))
	}
	neighbours := func(buf []byte, set uint16) []byte {
		k := 0
		for ; set != 0; set &= set - 1 {
			around[k] = hashes[bits.TrailingZeros16(set)]
			k++
		}
		sortDigests(around[:k])
		for i := range k {
			buf = append(buf, around[i][:]...)
		}
		return append(buf, '|')
	}
	for range n {
		for v := range n {
			buf = neighbours(buf[:0], in[v])
			buf = neighbours(buf, c.out[v])
			next[v] = sum(append(buf, hashes[v][:]...))
		}
		hashes = next
	}
	sortDigests(hashes[:n])
	buf = append(buf[:0], '[')
	for v := range n {
		if v > 0 {
			buf = append(buf, ", "...)
		}
		buf = append(buf, '\'')
		buf = append(buf, hashes[v][:]...)
		buf = append(buf, '\'')
	}
	d := sum(append(buf, ']'))
	return string(d[:])
}

func sum(b []byte) digest {
	var d digest
	s := md5.Sum(b)
	hex.Encode(d[:], s[:])
	return d
}

func sortDigests(d []digest) {
	slices.SortFunc(d, func(a, b digest) int { return bytes.Compare(a[:], b[:]) })
}
