package search

import (
	"fmt"
	"math"
	"math/rand/v2"

	"arch2vec/native/cell"
)

// latent is what strategies that search in a pool of embeddings have in common:
// the pool's points, which cells were proposed, and the answers.
type latent struct {
	pool  *Pool
	rng   *rand.Rand
	asked []bool // by cell: it was proposed
	queue []int  // proposals not yet returned by Ask
	told  []int  // proposals returned and not yet told
	cells []int  // observations
	y     []float64
}

func newLatent(p Problem, method string) (latent, error) {
	if p.Pool == nil {
		return latent{}, fmt.Errorf("search: %s needs embeddings of all cells of the space", method)
	}
	if n := p.Space.Len(); p.Pool.Dim < 1 || len(p.Pool.Z) != n*p.Pool.Dim {
		return latent{}, fmt.Errorf("search: %s: %d numbers are not embeddings of %d cells in %d dimensions", method, len(p.Pool.Z), n, p.Pool.Dim)
	}
	return latent{pool: p.Pool, rng: seeded(p.Seed, method), asked: make([]bool, p.Space.Len())}, nil
}

// propose puts a cell at the end of the queue.
func (l *latent) propose(i int) {
	l.asked[i] = true
	l.queue = append(l.queue, i)
}

// proposeRandom proposes n cells that were not, or as many as there are.
func (l *latent) proposeRandom(n int) {
	for range n {
		i := l.rng.IntN(len(l.asked))
		for range tries {
			if !l.asked[i] {
				break
			}
			i = l.rng.IntN(len(l.asked))
		}
		for range l.asked { // few are left: the next one
			if !l.asked[i] {
				break
			}
			i = (i + 1) % len(l.asked)
		}
		if l.asked[i] {
			return
		}
		l.propose(i)
	}
}

// take returns up to n cells of the queue.
func (l *latent) take(n int) ([]cell.Cell, error) {
	n = min(n, len(l.queue))
	if n == 0 {
		return nil, ErrExhausted
	}
	cells := make([]cell.Cell, n)
	for k, i := range l.queue[:n] {
		cells[k] = l.pool.Space.Cell(i)
	}
	l.told = append(l.told, l.queue[:n]...)
	l.queue = l.queue[n:]
	return cells, nil
}

// tell takes in the score of the proposal that was returned first.
func (l *latent) tell(c cell.Cell, y float64) (i int, err error) {
	if len(l.told) == 0 || l.pool.Space.Cell(l.told[0]) != c {
		return 0, fmt.Errorf("search: was told about the cell %v, which was not proposed next", c)
	}
	i, l.told = l.told[0], l.told[1:]
	l.cells, l.y = append(l.cells, i), append(l.y, y)
	return i, nil
}

// row is the embedding of cell i.
func (l *latent) row(i int) []float32 { return l.pool.Z[i*l.pool.Dim : (i+1)*l.pool.Dim] }

// spread is the root mean square over dimensions of the standard deviation of the
// pool's embeddings, and their mean.
func (p *Pool) spread() (sd float64, mean []float64) {
	n := len(p.Z) / p.Dim
	mean = make([]float64, p.Dim)
	for i, v := range p.Z {
		mean[i%p.Dim] += float64(v) / float64(n)
	}
	sum := 0.0
	for i, v := range p.Z {
		e := float64(v) - mean[i%p.Dim]
		sum += e * e / float64(len(p.Z))
	}
	return math.Sqrt(sum), mean
}

// scaled returns the embeddings centred and stretched to this spread, or as they
// are.
func (p *Pool) scaled(spread float64) []float32 {
	if spread == 0 {
		return p.Z
	}
	sd, mean := p.spread()
	if !(sd > 0) {
		sd = 1
	}
	z := make([]float32, len(p.Z))
	for i, v := range p.Z {
		z[i] = float32((float64(v) - mean[i%p.Dim]) / sd * spread)
	}
	return z
}

// meanSD returns mean and standard deviation of y, 1 where all are equal.
func meanSD(y []float64) (mean, sd float64) {
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for _, v := range y {
		sd += (v - mean) * (v - mean) / float64(len(y))
	}
	if sd = math.Sqrt(sd); !(sd > 0) {
		sd = 1
	}
	return mean, sd
}

// means returns the pool of the means over a cell's nodes.
func (p *Pool) means(nodes int) *Pool {
	dim := p.Dim / nodes
	m := &Pool{Space: p.Space, Dim: dim, Z: make([]float32, len(p.Z)/nodes), ID: p.ID}
	for i, v := range p.Z {
		m.Z[i/p.Dim*dim+i%dim] += v / float32(nodes)
	}
	return m
}
