package figure

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"arch2vec/native/cell"
)

// layout places the nodes of a cell in layers from left to right, after
// Sugiyama, Tagawa and Toda (1981): a node's layer is the length of the longest
// path to it; edges over several layers get a waypoint in each, so that they
// are routed around nodes; the order in a layer is improved by barycentre
// sweeps; heights follow the neighbours'. Cells are tiny, so nothing here is
// clever.
type layout struct {
	points []point
	layers [][]int // points by layer, top to bottom
	routes []route
}

// point is a node of the cell, or a waypoint of an edge (node < 0).
type point struct {
	node     int
	layer    int
	y        float64 // in rows
	from, to []int   // neighbouring points to the left and to the right
}

// route is an edge as the points it goes through, its ends included.
type route []int

func place(c cell.Cell) *layout {
	l := &layout{}
	at := make([]int, c.Len()) // point of each node
	for v := range c.Len() {
		at[v] = -1
		if c.Op(v) == cell.Absent {
			continue
		}
		layer := 0
		for u := range v {
			if c.HasEdge(u, v) {
				layer = max(layer, l.points[at[u]].layer+1)
			}
		}
		at[v] = l.add(v, layer)
	}
	for _, e := range c.Edges() {
		last := at[e[1]]
		r := route{at[e[0]]}
		for layer := l.points[at[e[0]]].layer + 1; layer < l.points[last].layer; layer++ {
			r = append(r, l.add(-1, layer))
		}
		r = append(r, last)
		for i := 1; i < len(r); i++ {
			l.points[r[i-1]].to = append(l.points[r[i-1]].to, r[i])
			l.points[r[i]].from = append(l.points[r[i]].from, r[i-1])
		}
		l.routes = append(l.routes, r)
	}
	l.order()
	l.heights()
	return l
}

func (l *layout) add(node, layer int) int {
	i := len(l.points)
	l.points = append(l.points, point{node: node, layer: layer})
	for len(l.layers) <= layer {
		l.layers = append(l.layers, nil)
	}
	l.layers[layer] = append(l.layers[layer], i)
	return i
}

// order sorts each layer by the mean position of its neighbours, sweeping to and
// fro, and keeps the best order seen. Sweeps get stuck at local optima, so they
// start several times, from shuffled layers (always the same ones).
func (l *layout) order() {
	rng := rand.New(rand.NewPCG(1, 1))
	best, fewest := l.copyLayers(), l.crossings()
	for start := 0; start < 20 && fewest > 0; start++ {
		for sweep := 0; sweep < 8 && fewest > 0; sweep++ {
			l.sweep(sweep%2 == 0)
			if n := l.crossings(); n < fewest {
				best, fewest = l.copyLayers(), n
			}
		}
		for _, layer := range l.layers {
			rng.Shuffle(len(layer), func(i, j int) { layer[i], layer[j] = layer[j], layer[i] })
		}
	}
	l.layers = best
}

// sweep sorts the layers one after the other, by the neighbours to the left
// when it goes right.
func (l *layout) sweep(right bool) {
	rank := make([]float64, len(l.points))
	number := func(layer []int) {
		for i, p := range layer {
			rank[p] = float64(i) - float64(len(layer)-1)/2
		}
	}
	for _, layer := range l.layers {
		number(layer)
	}
	for k := range l.layers {
		if !right {
			k = len(l.layers) - 1 - k
		}
		slices.SortStableFunc(l.layers[k], func(a, b int) int {
			return cmp.Compare(l.centre(a, rank, right), l.centre(b, rank, right))
		})
		number(l.layers[k])
	}
}

func (l *layout) copyLayers() [][]int {
	layers := make([][]int, len(l.layers))
	for i := range layers {
		layers[i] = slices.Clone(l.layers[i])
	}
	return layers
}

// centre is the mean rank of p's neighbours on one side, its own without any.
func (l *layout) centre(p int, rank []float64, left bool) float64 {
	around := l.points[p].from
	if !left {
		around = l.points[p].to
	}
	if len(around) == 0 {
		return rank[p]
	}
	var sum float64
	for _, q := range around {
		sum += rank[q]
	}
	return sum / float64(len(around))
}

// crossings counts the pairs of edge pieces between two layers that cross.
func (l *layout) crossings() int {
	pos := make([]int, len(l.points))
	for _, layer := range l.layers {
		for i, p := range layer {
			pos[p] = i
		}
	}
	n := 0
	for _, layer := range l.layers {
		for i, p := range layer {
			for _, q := range layer[i+1:] {
				for _, a := range l.points[p].to {
					for _, b := range l.points[q].to {
						if pos[a] > pos[b] {
							n++
						}
					}
				}
			}
		}
	}
	return n
}

// heights moves every point towards the mean height of its neighbours, keeping
// the order of its layer and a distance of one row (half a row to a waypoint).
func (l *layout) heights() {
	gap := func(a, b int) float64 {
		switch {
		case l.points[a].node < 0 && l.points[b].node < 0:
			return 0.45
		case l.points[a].node < 0 || l.points[b].node < 0:
			return 0.75
		}
		return 1
	}
	for _, layer := range l.layers {
		y := 0.0
		for i, p := range layer {
			if i > 0 {
				y += gap(layer[i-1], p)
			}
			l.points[p].y = y
		}
		for _, p := range layer {
			l.points[p].y -= y / 2
		}
	}
	want := make([]float64, len(l.points))
	for range 60 {
		for i, p := range l.points {
			sum, n := 0.0, 0.0
			for _, q := range slices.Concat(p.from, p.to) {
				w := 1.0
				if p.node < 0 {
					w = 2 // straight long edges look best
				}
				sum, n = sum+w*l.points[q].y, n+w
			}
			want[i] = p.y
			if n > 0 {
				want[i] = sum / n
			}
		}
		for _, layer := range l.layers {
			l.settle(layer, want, gap)
		}
	}
}

// settle gives a layer the heights nearest to the wanted ones that keep the
// gaps: pools of touching points sit at their mean (isotonic regression).
func (l *layout) settle(layer []int, want []float64, gap func(a, b int) float64) {
	type pool struct {
		sum, n float64
		size   int
	}
	var pools []pool
	offset := make([]float64, len(layer)) // distance from the layer's first point
	for i, p := range layer {
		if i > 0 {
			offset[i] = offset[i-1] + gap(layer[i-1], p)
		}
		pools = append(pools, pool{want[p] - offset[i], 1, 1})
		for k := len(pools) - 1; k > 0 && pools[k-1].sum/pools[k-1].n > pools[k].sum/pools[k].n; k-- {
			pools[k-1].sum += pools[k].sum
			pools[k-1].n += pools[k].n
			pools[k-1].size += pools[k].size
			pools = pools[:k]
		}
	}
	i := 0
	for _, q := range pools {
		for range q.size {
			l.points[layer[i]].y = q.sum/q.n + offset[i]
			i++
		}
	}
}

// bounds returns the least and the greatest height.
func (l *layout) bounds() (low, high float64) {
	if len(l.points) == 0 {
		return 0, 0
	}
	low, high = math.Inf(1), math.Inf(-1)
	for _, p := range l.points {
		low, high = min(low, p.y), max(high, p.y)
	}
	return low, high
}
