package search

import "math"

// vectors are what is known of the classes of a pool of node vectors, a class being
// all cells that are the same network: for each class a row with the mean over nodes
// and then the nodes' vectors, averaged over its cells. The means of two classes are
// at a root mean square distance of 1, and so are their vectors of a node.
type vectors struct {
	class      []int // by cell
	nodes, dim int   // of a cell, of a vector
	rows       []float32
}

// len is the number of classes.
func (v *vectors) len() int { return len(v.rows) / ((v.nodes + 1) * v.dim) }

// row has the vectors of a class.
func (v *vectors) row(class int) []float32 {
	width := (v.nodes + 1) * v.dim
	return v.rows[class*width : (class+1)*width]
}

// vectors returns those of a pool's classes, which all runs share.
func (p *Pool) vectors() (*vectors, error) {
	p.grouped.Do(func() { p.groups, p.ungrouped = p.newVectors() })
	return p.groups, p.ungrouped
}

func (p *Pool) newVectors() (*vectors, error) {
	nodes := p.Space.Nodes()
	v := &vectors{nodes: nodes, dim: p.Dim / nodes}
	class, first, err := p.classes()
	if err != nil {
		return nil, err
	}
	v.class = class
	averaged := p.byClass(class, len(first))
	// The scale is that of cells, not of classes: a cell is what a search may ask.
	spread := 1 / math.Sqrt(2*float64(v.dim))
	means, vectors := averaged.means(nodes).scaled(spread), averaged.scaled(spread)
	for _, i := range first {
		v.rows = append(v.rows, means[i*v.dim:(i+1)*v.dim]...)
		v.rows = append(v.rows, vectors[i*p.Dim:(i+1)*p.Dim]...)
	}
	return v, nil
}

// classes returns the number of every cell's class, and the first cell of every
// class.
func (p *Pool) classes() (class, first []int, err error) {
	class = make([]int, p.Space.Len())
	number := map[string]int{}
	for i := range class {
		hash, err := p.Space.ClassHash(p.Space.Cell(i))
		if err != nil {
			return nil, nil, err
		}
		c, ok := number[hash]
		if !ok {
			c = len(first)
			number[hash], first = c, append(first, i)
		}
		class[i] = c
	}
	return class, first, nil
}

// byClass returns the pool in which the embedding of a cell is the mean over its
// class.
func (p *Pool) byClass(class []int, classes int) *Pool {
	size, sums := make([]float32, classes), make([]float32, classes*p.Dim)
	for i, c := range class {
		size[c]++
		for d, v := range p.Z[i*p.Dim : (i+1)*p.Dim] {
			sums[c*p.Dim+d] += v
		}
	}
	m := &Pool{Space: p.Space, Dim: p.Dim, Z: make([]float32, len(p.Z)), ID: p.ID}
	for i, c := range class {
		for d := range p.Dim {
			m.Z[i*p.Dim+d] = sums[c*p.Dim+d] / size[c]
		}
	}
	return m
}
