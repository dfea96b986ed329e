package nasbench101

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"arch2vec/native/cell"
)

// TestMain keeps the user's own cache out of the tests.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "nasbench101-")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_CACHE_HOME", dir)
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// whole enumerates the space once for all tests.
var whole = sync.OnceValues(Open)

func enumerated(t testing.TB) *Space {
	t.Helper()
	s, err := whole()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCounts compares the numbers of cells by nodes and by edges, the first hash
// and the best cell's row with the published ones.
func TestCounts(t *testing.T) {
	s := enumerated(t)
	nodes, edges := map[int]int{}, map[int]int{}
	for i := range s.Len() {
		c := s.Cell(i)
		nodes[c.Len()]++
		edges[c.NumEdges()]++
	}
	wantEdges := []int{1, 3, 12, 60, 339, 2134, 13984, 78822, 328269}
	for i, want := range wantEdges {
		if got := edges[i+1]; got != want {
			t.Errorf("%d cells of %d edges, want %d", got, i+1, want)
		}
	}
	cumulative := 0
	for i, want := range []int{1, 7, 91, 2532, 64542, Size} {
		cumulative += nodes[i+2]
		if cumulative != want {
			t.Errorf("%d cells of at most %d nodes, want %d", cumulative, i+2, want)
		}
	}
	if s.Len() != Size {
		t.Errorf("%d cells, want %d", s.Len(), Size)
	}
	for row, want := range map[int]string{0: "00005c142e6f48ac74fdcf73e3439874", 4789: "02e5a0247bbdcf2860b7e96f74961594"} {
		if h, err := s.ClassHash(s.Cell(row)); h != want || err != nil {
			t.Errorf("row %d has hash %s (%v), want %s", row, h, err, want)
		}
	}
	for i := 1; i < s.Len(); i++ {
		if string(s.hashes[i-1][:]) >= string(s.hashes[i][:]) {
			t.Fatalf("rows %d and %d are out of order or share a hash", i-1, i)
		}
	}
}

func digest(t *testing.T, s *Space) string {
	t.Helper()
	d, err := s.Digest(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDigest compares the digest of all graph hashes with the one that the
// benchmark's table gives.
func TestDigest(t *testing.T) {
	if got, want := digest(t, enumerated(t)), "53e1438d11675d9eb3899166c29ca07fe0c4b81af9d99d5aec3ecd31bd5bca7f"; got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

// TestIndex looks cells up with their nodes in another order and with dead ends.
func TestIndex(t *testing.T) {
	s := enumerated(t)
	rng := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		i := rng.IntN(s.Len())
		c := s.Cell(i)
		for _, d := range []cell.Cell{c, padded(t, c), disguised(t, rng, c)} {
			if err := s.Check(d); err != nil {
				t.Fatalf("%v: %v", d, err)
			}
			if j, ok := s.Index(d); !ok || j != i {
				t.Fatalf("cell %d: Index(%v) = %d, %v", i, d, j, ok)
			}
		}
	}
}

// padded adds absent nodes at the end, up to 7.
func padded(t *testing.T, c cell.Cell) cell.Cell {
	ops := make([]int, MaxNodes)
	for v := range ops {
		ops[v] = cell.Absent
		if v < c.Len() {
			ops[v] = c.Op(v)
		}
	}
	return build(t, ops, c.Edges())
}

// disguised renumbers the inner nodes, and adds a dead end before the output.
func disguised(t *testing.T, rng *rand.Rand, c cell.Cell) cell.Cell {
	n := c.Len()
	orders := permutations(n - 2)
	for {
		order := orders[rng.IntN(len(orders))]
		number := func(v int) int {
			switch v {
			case 0:
				return 0
			case n - 1:
				return n
			}
			return order[v-1] + 1
		}
		ops := make([]int, n+1)
		legal := true
		for v := range n {
			ops[number(v)] = c.Op(v)
		}
		ops[n-1] = MaxPool3x3
		edges := [][2]int{{0, n - 1}}
		for _, e := range c.Edges() {
			from, to := number(e[0]), number(e[1])
			legal = legal && from < to
			edges = append(edges, [2]int{from, to})
		}
		if legal {
			return build(t, ops, edges)
		}
	}
}

func build(t *testing.T, ops []int, edges [][2]int) cell.Cell {
	t.Helper()
	c, err := cell.New(ops, edges)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCheck(t *testing.T) {
	s := &Space{} // Check needs no enumeration
	chain := func(n int) (edges [][2]int) {
		for v := 1; v < n; v++ {
			edges = append(edges, [2]int{v - 1, v})
		}
		return edges
	}
	for _, c := range []struct {
		name  string
		ops   []int
		edges [][2]int
		says  string
	}{
		{"a cell", []int{Input, Conv3x3, Output}, chain(3), ""},
		{"the smallest", []int{Input, Output}, chain(2), ""},
		{"9 edges", []int{Input, Conv1x1, Conv1x1, Conv1x1, Output},
			[][2]int{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {1, 4}, {2, 3}, {2, 4}, {3, 4}}, ""},
		{"10 edges", []int{Input, Conv1x1, Conv1x1, Conv1x1, Output},
			[][2]int{{0, 1}, {0, 2}, {0, 3}, {0, 4}, {1, 2}, {1, 3}, {1, 4}, {2, 3}, {2, 4}, {3, 4}}, "10 edges"},
		{"7 nodes", []int{Input, 1, 1, 1, 1, 1, Output}, chain(7), ""},
		{"8 nodes", []int{Input, 1, 1, 1, 1, 1, 1, Output}, chain(8), "8 nodes"},
		{"8 nodes, one a dead end", []int{Input, 1, 1, 1, 1, 1, 1, Output}, append(chain(6), [2]int{5, 7}), ""},
		{"no path", []int{Input, Conv3x3, Output}, chain(2), "no path"},
		{"nothing", nil, nil, "no path"},
		{"all absent", []int{cell.Absent, cell.Absent}, nil, "no path"},
		{"one node", []int{Input}, nil, "begin with input"},
		{"no input", []int{Conv3x3, Output}, chain(2), "begin with input"},
		{"no output", []int{Input, Conv3x3}, chain(2), "end with output"},
		{"input inside", []int{Input, Input, Output}, chain(3), "inner node 1"},
		{"output inside", []int{Input, Output, Output}, chain(3), "inner node 1"},
		{"output inside, on no path", []int{Input, Output, Output}, [][2]int{{0, 2}}, ""},
	} {
		x := build(t, c.ops, c.edges)
		for _, err := range []error{s.Check(x), s.CheckPublished(x)} {
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v, want %q", c.name, err, c.says)
			}
		}
	}
}

// TestClassesByBruteForce counts the classes of at most 5 nodes the long way:
// every labelled graph is hashed.
func TestClassesByBruteForce(t *testing.T) {
	for nodes, want := range map[int]int{2: 1, 3: 6, 4: 84, 5: 2441} {
		seen := map[string]bool{}
		labellings := 1
		for range nodes - 2 {
			labellings *= 3
		}
		for graph := range uint32(1) << (nodes * (nodes - 1) / 2) {
			for k := range labellings {
				labels := make([]int, nodes-2)
				for i := range labels {
					labels[i], k = k%3, k/3
				}
				c := makeCode(nodes, graph, labels)
				if popcount(graph) > MaxEdges { // too many for a code's cell
					continue
				}
				if p, ok := c.cell().Prune(); ok && p.Len() == nodes {
					seen[graphHash(p)] = true
				}
			}
		}
		if len(seen) != want || len(classes(nodes)) != want {
			t.Errorf("%d nodes: %d hashes, %d classes, want %d", nodes, len(seen), len(classes(nodes)), want)
		}
	}
}

func popcount(x uint32) (n int) {
	for ; x != 0; x &= x - 1 {
		n++
	}
	return n
}

func TestEnumerateCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Enumerate(ctx, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}

// TestFile saves and loads the space, and checks that no damage is believed.
func TestFile(t *testing.T) {
	s := enumerated(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "space.bin")
	if err := s.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if digest(t, loaded) != digest(t, s) || loaded.Cell(123456) != s.Cell(123456) {
		t.Error("the loaded space differs from the saved one")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("Save left %v (%v)", left, err)
	}
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flip := func(at int) []byte {
		damaged := append([]byte(nil), sound...)
		damaged[at] ^= 4
		return damaged
	}
	for _, c := range []struct {
		name string
		data []byte
		says string
	}{
		{"empty", nil, "not a file of the space"},
		{"truncated", sound[:len(sound)-1], "truncated"},
		{"only its header", sound[:len(magic)], "truncated"},
		{"longer", append(append([]byte(nil), sound...), 0), "longer"},
		{"a bit of a hash", flip(len(magic) + 3*record), "damaged"},
		{"a bit of a cell", flip(len(magic) + 7*record + len(hash{})), "damaged"},
		{"the last bit", flip(len(sound) - 1), "damaged"},
		{"another version", flip(len(magic) - 2), "not a file of the space"},
		{"something foreign", []byte("PK\x03\x04"), "not a file of the space"},
	} {
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want an error that names the file and says %q", c.name, err, c.says)
		}
	}
	if _, err := Load(filepath.Join(dir, "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := s.Save(filepath.Join(dir, "no", "such", "folder")); err == nil {
		t.Error("saved into a folder that is not there")
	}
}

// FuzzLoad writes files that are not the space, some of them of its length: each
// is named with its fault. (TestFile damages the space itself.)
func FuzzLoad(f *testing.F) {
	f.Add([]byte(nil), false)
	f.Add([]byte("PK\x03\x04"), false)
	f.Add([]byte(magic), false)
	f.Add([]byte(magic), true)
	f.Add([]byte(magic+"\x00\x00\x5c\x14"), true)
	f.Fuzz(func(t *testing.T, data []byte, filled bool) {
		if want := len(magic) + Size*record; filled && len(data) < want {
			data = append(data, make([]byte, want-len(data))...)
		}
		path := filepath.Join(t.TempDir(), "space.bin")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := Load(path); s != nil || err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%d bytes: %v", len(data), err)
		}
	})
}

// TestOpen checks that a damaged cache is replaced and a sound one used.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	t.Setenv("HOME", dir)
	cache, err := os.UserCacheDir()
	if err != nil || !strings.HasPrefix(cache, dir) {
		t.Skip("this system's cache folder cannot be moved: ", cache, err)
	}
	path := filepath.Join(cache, "arch2vec", "nasbench101.bin")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, damaged := range []string{"garbage", magic} {
		if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(); err != nil || s.Len() != Size {
			t.Fatal(err)
		}
		if _, err := Load(path); err != nil {
			t.Errorf("Open left a damaged cache: %v", err)
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel() // an enumeration would now fail, so this can only come from the cache
	if s, err := OpenContext(cancelled, 1); err != nil || s.Len() != Size {
		t.Errorf("Open with a sound cache: %v", err)
	}
}
