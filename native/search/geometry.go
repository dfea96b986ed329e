package search

import (
	"math"
	"slices"

	"arch2vec/native/cell"
	"arch2vec/native/gp"
	"arch2vec/native/space"
	"arch2vec/native/space/nasbench201"
)

// geometry tells how far apart two cells are, in several parts, each 0 to 1. The
// kernel of a Gaussian process on cells is
//
//	exp(-sum over parts p of w_p d_p(a, b))
//
// which is positive definite for both geometries: for Hamming's it is a product of
// kernels on single operations, and in that of Weisfeiler and Lehman d_p is half the
// squared distance of two unit vectors.
type geometry interface {
	parts() int
	// feature prepares a cell.
	feature(c cell.Cell) feature
	// distances sets d to the parts of the distance.
	distances(a, b *feature, d []float64)
	// covariances sets k[i] to the kernel of a and all[i].
	covariances(weights []float64, a *feature, all []feature, k []float64)
}

// feature is a cell prepared for a geometry.
type feature struct {
	ops    [cell.MaxNodes]int8 // hamming
	counts [][]count           // wl: by depth, in ascending order of labels
	norms  []float64           // wl: lengths of counts
}

// geometryOf returns the geometry that suits a space: on NAS-Bench-201 nodes have
// fixed places; elsewhere their order says nothing.
func geometryOf(s space.Space) geometry {
	if s.Name() == nasbench201.Name {
		return hamming{from: 1, to: s.Nodes() - 1}
	}
	return weisfeilerLehman{depth: 3}
}

// hamming compares the operations of nodes from to to-1, a part each.
type hamming struct{ from, to int }

func (h hamming) parts() int { return h.to - h.from }

func (h hamming) feature(c cell.Cell) (f feature) {
	for i := range c.Len() {
		f.ops[i] = int8(c.Op(i))
	}
	return f
}

func (h hamming) distances(a, b *feature, d []float64) {
	for i := range d {
		d[i] = 0
		if a.ops[h.from+i] != b.ops[h.from+i] {
			d[i] = 1
		}
	}
}

// covariances multiplies exp(-w_p) over the parts that differ.
func (h hamming) covariances(weights []float64, a *feature, all []feature, k []float64) {
	factors := make([]float64, len(weights))
	for i, w := range weights {
		factors[i] = math.Exp(-w)
	}
	ops := a.ops[h.from:h.to]
	for j := range all {
		product := 1.0
		for i, op := range all[j].ops[h.from:h.to] {
			if op != ops[i] {
				product *= factors[i]
			}
		}
		k[j] = product
	}
}

// weisfeilerLehman compares how often labels occur: at depth 0 operations, and at
// each further depth the label of a node together with those of the nodes that it
// comes from and that it feeds (Shervashidze et al., JMLR 2011; Ru et al.:
// Interpretable Neural Architecture Search via Bayesian Optimisation with
// Weisfeiler-Lehman Kernels, ICLR 2021). A part is one depth: 1 minus the cosine.
type weisfeilerLehman struct{ depth int }

func (w weisfeilerLehman) parts() int { return w.depth + 1 }

// count says how often a label occurs.
type count struct {
	label uint64
	n     float64
}

func (w weisfeilerLehman) feature(c cell.Cell) (f feature) {
	n := c.Len()
	labels := make([]uint64, n)
	for v := range n {
		labels[v] = mix(uint64(c.Op(v) + 1))
	}
	next := make([]uint64, n)
	for depth := 0; ; depth++ {
		f.add(c, labels)
		if depth == w.depth {
			return f
		}
		for v := range n {
			var in, out uint64 // sums: neighbours have no order
			for u := range n {
				if c.HasEdge(u, v) {
					in += mix(labels[u])
				}
				if c.HasEdge(v, u) {
					out += mix(labels[u])
				}
			}
			next[v] = mix(labels[v] + 3*mix(in) + 5*mix(out+1))
		}
		labels, next = next, labels
	}
}

// add counts the labels of one depth, those of absent nodes left out.
func (f *feature) add(c cell.Cell, labels []uint64) {
	var sorted []uint64
	for v, l := range labels {
		if c.Op(v) != cell.Absent {
			sorted = append(sorted, l)
		}
	}
	slices.Sort(sorted)
	var counts []count
	for _, l := range sorted {
		if k := len(counts); k > 0 && counts[k-1].label == l {
			counts[k-1].n++
		} else {
			counts = append(counts, count{l, 1})
		}
	}
	squares := 0.0
	for _, k := range counts {
		squares += k.n * k.n
	}
	f.counts, f.norms = append(f.counts, counts), append(f.norms, math.Sqrt(squares))
}

func (w weisfeilerLehman) distances(a, b *feature, d []float64) {
	for depth := range d {
		x, y := a.counts[depth], b.counts[depth]
		dot := 0.0
		for i, j := 0, 0; i < len(x) && j < len(y); {
			switch {
			case x[i].label < y[j].label:
				i++
			case x[i].label > y[j].label:
				j++
			default:
				dot += x[i].n * y[j].n
				i++
				j++
			}
		}
		d[depth] = max(0, 1-dot/(a.norms[depth]*b.norms[depth]))
	}
}

func (w weisfeilerLehman) covariances(weights []float64, a *feature, all []feature, k []float64) {
	d := make([]float64, len(weights))
	for j := range all {
		w.distances(a, &all[j], d)
		k[j] = covariance(weights, d)
	}
}

// mix is the finaliser of SplitMix64: labels that differ become unrelated numbers.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// kernel is the geometry's kernel on cells that are known by their number in a
// list, as gp.GP wants it; d has the parts of their distances.
type kernel struct {
	weights []float64
	d       func(i, j int) []float64
}

func (k kernel) Params() []float64 {
	logs := make([]float64, len(k.weights))
	for i, w := range k.weights {
		logs[i] = math.Log(w)
	}
	return logs
}

func (k kernel) With(params []float64) gp.Kernel {
	weights := make([]float64, len(params))
	for i, p := range params {
		weights[i] = math.Exp(p)
	}
	return kernel{weights, k.d}
}

func (k kernel) Cov(x, y []float32) float64 {
	return covariance(k.weights, k.d(int(x[0]), int(y[0])))
}

func (k kernel) Grad(x, y []float32, grad []float64) float64 {
	d := k.d(int(x[0]), int(y[0]))
	v := covariance(k.weights, d)
	for i, w := range k.weights {
		grad[i] = -v * w * d[i]
	}
	return v
}

func covariance(weights, d []float64) float64 {
	sum := 0.0
	for i, w := range weights {
		sum += w * d[i]
	}
	return math.Exp(-sum)
}
