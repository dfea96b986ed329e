package graphae

import (
	"context"
	"encoding/binary"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/space"
	"arch2vec/native/space/darts"
	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// anySpaces are the three spaces as far as decoding needs them.
func anySpaces(t testing.TB) []space.Space {
	t.Helper()
	d, err := darts.Sample(context.Background(), 2000, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	return []space.Space{&nasbench101.Space{}, nasbench201.New(), d}
}

func sizeOf(s space.Space) *network {
	return &network{shape: shape{nodes: s.Nodes(), ops: len(s.Ops())}}
}

// score is what legal decoding maximises: the sum of logits of a cell's operations
// and edges. Absent rows have their best operation.
func (n *network) score(c cell.Cell, logit, edges []float32) float64 {
	sum := 0.0
	for v := range n.nodes {
		row := logit[v*f32.Width:][:n.ops]
		op := argmax(row)
		if v < c.Len() {
			op = c.Op(v)
		}
		sum += float64(row[op])
	}
	for _, e := range c.Edges() {
		sum += float64(edges[n.pair(e[0], e[1])])
	}
	return sum
}

// isEncoding says whether the space's own cells are encoded like c: it is legal,
// and, in NAS-Bench-101, nothing of it is removed.
func isEncoding(s space.Space, c cell.Cell) bool {
	p, _ := c.Prune()
	return s.Check(c) == nil && (s.Name() != nasbench101.Name || p == c)
}

// outputs are random decoder outputs of some sharpness, around those of a cell
// when there is one.
func outputs(n *network, r *rand.Rand, sharp float64, around *cell.Cell) (logit, edges []float32) {
	logit, edges = make([]float32, n.nodes*f32.Width), make([]float32, n.nodes*(n.nodes-1)/2)
	for i := range logit {
		logit[i] = float32(sharp * r.NormFloat64())
	}
	for i := range edges {
		edges[i] = float32(sharp * r.NormFloat64())
	}
	if around == nil {
		return logit, edges
	}
	for v := range around.Len() {
		if op := around.Op(v); op >= 0 {
			logit[v*f32.Width+op] += 5
		}
		for u := v + 1; u < n.nodes; u++ {
			if u < around.Len() && around.HasEdge(v, u) {
				edges[n.pair(v, u)] += 4
			} else {
				edges[n.pair(v, u)] -= 4
			}
		}
	}
	return logit, edges
}

// Whatever the decoder says, legal decoding is a cell of the space; where plain
// decoding is one too, it is the same.
func TestLegalDecoding(t *testing.T) {
	for _, s := range anySpaces(t) {
		n := sizeOf(s)
		read, err := n.legal(s.Name())
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, 2))
		same := 0
		for i := range 3000 {
			var around *cell.Cell
			if s.Len() > 0 && i%2 == 0 {
				c := s.Cell(i % s.Len())
				around = &c
			}
			logit, edges := outputs(n, r, []float64{0, 1, 2, 30}[i/2%4], around)
			c, plain := read(logit, edges), n.read(logit, edges)
			if !isEncoding(s, c) {
				t.Fatalf("%s: %v: %v", s.Name(), c, s.Check(c))
			}
			if isEncoding(s, plain) {
				same++
				if c != plain {
					t.Fatalf("%s: plain decoding is legal: %v, legal decoding is not the same: %v", s.Name(), plain, c)
				}
			}
		}
		if s.Len() > 0 && same < 100 {
			t.Errorf("%s: plain decoding was legal %d times only", s.Name(), same)
		}
	}
	if _, err := sizeOf(nasbench201.New()).legal("hiaml"); err == nil {
		t.Error("an unknown space has a legal decoding")
	}
}

// No cell of NAS-Bench-201, and none of 2,000 of DARTS, is more probable than
// the one that legal decoding reads.
func TestLegalIsMostProbable(t *testing.T) {
	for _, s := range anySpaces(t)[1:] {
		n := sizeOf(s)
		read, err := n.legal(s.Name())
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(3, 4))
		for range 10 {
			logit, edges := outputs(n, r, 2, nil)
			c := read(logit, edges)
			got := n.score(c, logit, edges)
			for i := range s.Len() {
				if other := n.score(s.Cell(i), logit, edges); other > got+1e-4 {
					t.Fatalf("%s: %v has %v, but %v has %v", s.Name(), c, got, s.Cell(i), other)
				}
			}
		}
	}
}

// NAS-Bench-101's legal decoding against all sets of edges of up to seven nodes.
func TestLegal101IsMostProbable(t *testing.T) {
	s := &nasbench101.Space{}
	for _, nodes := range []int{3, 4, 5, 7} {
		n := &network{shape: shape{nodes: nodes, ops: len(s.Ops())}}
		r := rand.New(rand.NewPCG(5, uint64(nodes)))
		rounds := 50
		if nodes == 7 {
			rounds = 2
		}
		for i := range rounds {
			logit, edges := outputs(n, r, 2, nil)
			if i%2 == 1 {
				for j := range edges {
					edges[j] += 3 // more than nine edges: some must go
				}
			}
			most := math.Inf(-1)
			for last := 1; last < nodes; last++ {
				ops := make([]int, last+1)
				for v := range ops {
					ops[v] = nasbench101.Conv1x1 + argmax(logit[v*f32.Width:][nasbench101.Conv1x1:nasbench101.MaxPool3x3+1])
				}
				ops[0], ops[last] = nasbench101.Input, nasbench101.Output
				best, sum := uint32(0), math.Inf(-1)
				for set := range uint32(1) << (last * (last + 1) / 2) {
					if v, ok := edgeSum(n, last, set, edges); ok && v > sum {
						best, sum = set, v
					}
				}
				c := mustCell(ops, edgeList(last, best))
				if !isEncoding(s, c) {
					t.Fatalf("the test's own best is no cell: %v", c)
				}
				most = max(most, n.score(c, logit, edges))
			}
			c := n.legal101(logit, edges)
			if got := n.score(c, logit, edges); !(math.Abs(got-most) < 1e-4) {
				t.Fatalf("%d nodes: %v has %v, the most probable cell %v", nodes, c, got, most)
			}
		}
	}
}

func edgeList(last int, set uint32) (edges [][2]int) {
	for i := range last {
		for j := i + 1; j <= last; j++ {
			if set&1 == 1 {
				edges = append(edges, [2]int{i, j})
			}
			set >>= 1
		}
	}
	return edges
}

// edgeSum is the sum of logits of a set of edges, if it has at most nine and puts
// all nodes on a path.
func edgeSum(n *network, last int, set uint32, edges []float32) (sum float64, ok bool) {
	if bits.OnesCount32(set) > nasbench101.MaxEdges {
		return 0, false
	}
	in, out := 1, 1<<last
	for i := range last {
		for j := i + 1; j <= last; j++ {
			if set&1 == 1 {
				in, out = in|1<<j, out|1<<i
				sum += float64(edges[n.pair(i, j)])
			}
			set >>= 1
		}
	}
	all := 1<<(last+1) - 1
	return sum, in == all && out == all
}

// Any bytes as decoder outputs, infinities and NaN among them, decode to a cell of
// the space.
func FuzzLegalDecoding(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x00\x00\xc0\x7f\x00\x00\x80\x7f\x00\x00\x80\xff"))
	spaces := anySpaces(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, s := range spaces {
			n := sizeOf(s)
			read, err := n.legal(s.Name())
			if err != nil {
				t.Fatal(err)
			}
			all := make([]float32, n.nodes*f32.Width+n.nodes*(n.nodes-1)/2)
			for i := range all {
				if len(data) >= 4 {
					all[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[i*4%(len(data)/4*4):]))
				}
			}
			if c := read(all[:n.nodes*f32.Width], all[n.nodes*f32.Width:]); !isEncoding(s, c) {
				t.Fatalf("%s: %v: %v", s.Name(), c, s.Check(c))
			}
		}
	})
}
