package cell

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strconv"

	"arch2vec/native/cell/internal/md5batch"
)

// HashSize is the number of bytes of a graph hash; in hexadecimal it has twice as
// many digits.
const HashSize = md5batch.Size

// Hash returns a fingerprint that is the same for cells that differ only in the
// order of their nodes: HashLabels with the operations as labels.
func (c Cell) Hash() string {
	var sum [1][HashSize]byte
	NewHasher(nil).Sums([]Cell{c}, sum[:])
	return hex.EncodeToString(sum[0][:])
}

// HashLabels is the graph hash of NAS-Bench-101 (Ying et al., 2019; hash_module
// of its published code), 32 lower-case hexadecimal digits: every node starts
// from its degrees and label, and takes in its neighbours' hashes as many times
// as there are nodes (Weisfeiler and Lehman's scheme over MD5). The textual
// layout that is hashed is Python's, so that hashes can be compared with the
// benchmark's. It panics unless there is one label a node.
func (c Cell) HashLabels(labels []int) string {
	if len(labels) != int(c.n) {
		panic("cell: one label a node")
	}
	h := NewHasher(labels)
	for v := range labels { // node v stands for label v
		c.ops[v] = int8(v)
	}
	var sum [1][HashSize]byte
	h.Sums([]Cell{c}, sum[:])
	return hex.EncodeToString(sum[0][:])
}

// A Hasher computes the graph hashes of many cells, some ten times as fast as
// one by one. It is for one goroutine at a time.
type Hasher struct {
	labels []int
	graphs []graph
	batch  md5batch.Batch
	sums   [][md5batch.Size]byte
}

// group is how many cells are hashed together.
const group = 32

// NewHasher returns a Hasher for cells whose operation k has the label
// labels[k]; nil stands for the operations themselves.
func NewHasher(labels []int) *Hasher {
	return &Hasher{labels: labels}
}

// Sums writes the graph hash of cells[i] as HashLabels has it, in binary, into
// sums[i]. It panics when sums is shorter than cells or an operation has no
// label.
func (h *Hasher) Sums(cells []Cell, sums [][HashSize]byte) {
	sums = sums[:len(cells)]
	for len(cells) > 0 {
		n := min(len(cells), group)
		h.some(cells[:n], sums[:n])
		cells, sums = cells[n:], sums[n:]
	}
}

// text is a hash in lower-case hexadecimal, eight digits a word (little endian).
type text [HashSize / 4]uint64

// graph is a cell while it is being hashed.
type graph struct {
	n       int
	in, out [MaxNodes]uint16 // sets of neighbours
	hash    [MaxNodes]text   // of each node
	order   [MaxNodes]uint8  // nodes by ascending hash
	rank    [MaxNodes]uint8  // the inverse of order
}

// some hashes at most a group of cells.
func (h *Hasher) some(cells []Cell, sums [][HashSize]byte) {
	if len(h.graphs) < len(cells) {
		h.graphs = make([]graph, len(cells))
	}
	graphs := h.graphs[:len(cells)]
	rounds := 0
	h.batch.Reset()
	for i, c := range cells {
		graphs[i].start(c)
		rounds = max(rounds, graphs[i].n)
		for v := range graphs[i].n {
			h.batch.Add(h.first(h.batch.Next(), c, &graphs[i], v))
		}
	}
	h.collect(graphs, 0)
	for round := range rounds {
		h.batch.Reset()
		for i := range graphs {
			if g := &graphs[i]; round < g.n {
				for v := range g.n {
					h.batch.Add(g.next(h.batch.Next(), v))
				}
			}
		}
		h.collect(graphs, round)
	}
	h.batch.Reset()
	for i := range graphs {
		h.batch.Add(graphs[i].last(h.batch.Next()))
	}
	h.batch.Sum(sums)
}

// collect sums the batch, which has a message for every node of the graphs with
// more nodes than the number of the round.
func (h *Hasher) collect(graphs []graph, round int) {
	if most := len(graphs) * MaxNodes; len(h.sums) < most {
		h.sums = make([][md5batch.Size]byte, most)
	}
	h.batch.Sum(h.sums)
	sums := h.sums
	for i := range graphs {
		if g := &graphs[i]; round < g.n {
			g.collect(sums[:g.n])
			sums = sums[g.n:]
		}
	}
}

func (g *graph) start(c Cell) {
	g.n, g.out = int(c.n), c.out
	g.in = [MaxNodes]uint16{}
	for v := range g.n {
		for row := c.out[v]; row != 0; row &= row - 1 {
			g.in[bits.TrailingZeros16(row)] |= 1 << v
		}
	}
}

// first appends what a node's first hash is of: "(out, in, label)".
func (h *Hasher) first(buf []byte, c Cell, g *graph, v int) []byte {
	label := int64(c.ops[v])
	if h.labels != nil {
		label = int64(h.labels[c.ops[v]])
	}
	buf = append(buf, '(')
	buf = strconv.AppendInt(buf, int64(bits.OnesCount16(g.out[v])), 10)
	buf = append(buf, ", "...)
	buf = strconv.AppendInt(buf, int64(bits.OnesCount16(g.in[v])), 10)
	buf = append(buf, ", "...)
	buf = strconv.AppendInt(buf, label, 10)
	return append(buf, ')')
}

// next appends what a node's next hash is of: the sorted hashes of the nodes
// before and after it, and its own.
func (g *graph) next(buf []byte, v int) []byte {
	buf = g.sorted(buf, g.in[v])
	buf = append(buf, '|')
	buf = g.sorted(buf, g.out[v])
	buf = append(buf, '|')
	return appendText(buf, &g.hash[v])
}

// sorted appends the hashes of a set of nodes in ascending order.
func (g *graph) sorted(buf []byte, set uint16) []byte {
	if set&(set-1) == 0 { // most often: one node, or none
		if set != 0 {
			buf = appendText(buf, &g.hash[bits.TrailingZeros16(set)])
		}
		return buf
	}
	var ranks uint16
	for ; set != 0; set &= set - 1 {
		ranks |= 1 << g.rank[bits.TrailingZeros16(set)]
	}
	for ; ranks != 0; ranks &= ranks - 1 {
		buf = appendText(buf, &g.hash[g.order[bits.TrailingZeros16(ranks)]])
	}
	return buf
}

// last appends what the graph's hash is of: a Python list of the nodes' hashes.
func (g *graph) last(buf []byte) []byte {
	buf = append(buf, '[')
	for i, v := range g.order[:g.n] {
		if i > 0 {
			buf = append(buf, ", "...)
		}
		buf = append(buf, '\'')
		buf = appendText(buf, &g.hash[v])
		buf = append(buf, '\'')
	}
	return append(buf, ']')
}

// collect takes the nodes' new hashes.
func (g *graph) collect(sums [][md5batch.Size]byte) {
	// Hexadecimal digits sort as the numbers do, so half of them decide nearly
	// always.
	var keys [MaxNodes]uint64
	for v := range g.n {
		g.hash[v] = hexadecimal(&sums[v])
		keys[v] = binary.BigEndian.Uint64(sums[v][:])
		i := v
		for ; i > 0; i-- { // insertion: a dozen nodes
			u := g.order[i-1]
			if keys[u] < keys[v] || keys[u] == keys[v] && cmp.Compare(string(sums[u][8:]), string(sums[v][8:])) <= 0 {
				break
			}
			g.order[i] = u
		}
		g.order[i] = uint8(v)
	}
	for i, v := range g.order[:g.n] {
		g.rank[v] = uint8(i)
	}
}

// appendText is append without a call: most of hashing is moving these texts.
func appendText(buf []byte, t *text) []byte {
	n := len(buf)
	buf = buf[:n+2*HashSize]
	to := buf[n:][:2*HashSize]
	binary.LittleEndian.PutUint64(to, t[0])
	binary.LittleEndian.PutUint64(to[8:], t[1])
	binary.LittleEndian.PutUint64(to[16:], t[2])
	binary.LittleEndian.PutUint64(to[24:], t[3])
	return buf
}

// hexadecimal spreads a sum over its digits, four bytes at a time.
func hexadecimal(sum *[HashSize]byte) (t text) {
	for i := range t {
		x := uint64(binary.LittleEndian.Uint32(sum[4*i:]))
		x = (x | x<<16) & 0x0000ffff0000ffff
		x = (x | x<<8) & 0x00ff00ff00ff00ff
		x = x>>4&0x000f000f000f000f | x<<8&0x0f000f000f000f00 // the high digit comes first
		letters := (x + 0x0606060606060606) >> 4 & 0x0101010101010101
		t[i] = x + 0x3030303030303030 + letters*('a'-'0'-10)
	}
	return t
}
