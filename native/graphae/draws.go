package graphae

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/space"
)

// parallel cuts 0..total-1 into pieces of size each and has them worked on by the
// given number of threads (0: all), each with its own worker. What a piece
// leaves must not depend on who works on it.
func parallel(ctx context.Context, threads, total, size int, worker func() func(first, n int) error) error {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	pieces := (total + size - 1) / size
	var next atomic.Int64
	errs := make([]error, min(threads, max(pieces, 1)))
	var wg sync.WaitGroup
	for t := range errs {
		wg.Go(func() {
			work := worker()
			for errs[t] == nil {
				p := int(next.Add(1)) - 1
				if p >= pieces {
					return
				}
				if errs[t] = ctx.Err(); errs[t] == nil {
					errs[t] = work(p*size, min(size, total-p*size))
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// reader makes a cell of the decoder's outputs for one latent point: logits of
// operations, rows of 32, and z_i·z_j for i < j.
type reader func(logit, edges []float32) cell.Cell

// decodeAll decodes latent points, as Decode does or as read says.
func (m *Model) decodeAll(ctx context.Context, threads int, points [][]float32, read reader) ([]cell.Cell, error) {
	n := m.net
	pairs := n.nodes * (n.nodes - 1) / 2
	cells := make([]cell.Cell, len(points))
	err := parallel(ctx, threads, len(points), inferenceBatch, func() func(first, graphs int) error {
		f := newInference(n, inferenceBatch)
		edges := make([]float32, inferenceBatch*pairs)
		return func(first, graphs int) error {
			for g, z := range points[first : first+graphs] {
				for v := range n.nodes {
					copy(f.ws.z[(g*n.nodes+v)*f32.Width:], z[v*n.latent:(v+1)*n.latent])
				}
			}
			logit := f.decode(graphs, f.ws.z, edges)
			for g := range graphs {
				cells[first+g] = read(logit[g*n.nodes*f32.Width:], edges[g*pairs:])
			}
			return nil
		}
	})
	return cells, err
}

// verdict is what a set of drawn cells is worth.
type verdict struct {
	valid, distinct int // by the published check; distinct as they were decoded
	strict, classes int // cells of the space; distinct networks among them
	novel           int // of strict: those whose class is not in the training part
}

// judge counts. known tells whether a network was trained on; nil leaves that out.
func judge(ctx context.Context, s space.Space, cells []cell.Cell, threads int, known func(c cell.Cell, class string) bool) (verdict, error) {
	// Hashing is the slow part: once per distinct cell, on all threads.
	place := make(map[cell.Cell]int, len(cells))
	var different []cell.Cell
	var times []int
	for _, c := range cells {
		i, ok := place[c]
		if !ok {
			i = len(different)
			place[c] = i
			different, times = append(different, c), append(times, 0)
		}
		times[i]++
	}
	type opinion struct {
		hash, class string // empty when the check refuses the cell
		novel       bool
	}
	opinions := make([]opinion, len(different))
	err := parallel(ctx, threads, len(different), 64, func() func(first, n int) error {
		return func(first, n int) error {
			for i, c := range different[first : first+n] {
				o := &opinions[first+i]
				if s.CheckPublished(c) == nil {
					o.hash = c.Hash()
				}
				if s.Check(c) != nil {
					continue
				}
				var err error
				if o.class, err = s.ClassHash(c); err != nil {
					return err
				}
				o.novel = known != nil && !known(c, o.class)
			}
			return nil
		}
	})
	if err != nil {
		return verdict{}, err
	}
	var v verdict
	hashes, classes := map[string]bool{}, map[string]bool{}
	for i, o := range opinions {
		if o.hash != "" {
			v.valid += times[i]
			hashes[o.hash] = true
		}
		if o.class != "" {
			v.strict += times[i]
			classes[o.class] = true
		}
		if o.novel {
			v.novel += times[i]
		}
	}
	v.distinct, v.classes = len(hashes), len(classes)
	return v, nil
}
