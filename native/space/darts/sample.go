package darts

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// The published sample: how many cells, and what the Operations of an ImageNet
// network of each must stay below.
const (
	PublishedSize = 600_000
	MaxOperations = 600_000_000
)

// MaxSize bounds a sample; the space has some 3e9 classes.
const MaxSize = 10_000_000

// Counts says how a sample came about: Draws = kept + Duplicates + TooLarge.
type Counts struct {
	Draws      int
	Duplicates int // had the graph hash of an earlier cell
	TooLarge   int // needed MaxOperations or more
}

// chunk is how many draws the threads share out at a time.
const chunk = 4096

// Sample draws cells until n different ones are kept. The same n and seed give
// the same cells in the same order, for any number of threads, and a larger n
// only adds cells at the end. It returns the context's error when that is done
// first.
func Sample(ctx context.Context, n int, seed uint64, threads int) (*Space, error) {
	if n < 1 || n > MaxSize {
		return nil, fmt.Errorf("darts: a sample has 1 to %d cells, not %d", MaxSize, n)
	}
	threads = max(threads, 1)
	type drawn struct {
		code  code
		print uint64
		small bool
	}
	batch := make([]drawn, threads*chunk)
	s := &Space{seed: seed, codes: make([]code, 0, n), prints: make([]uint64, 0, n)}
	seen := make(map[uint64]bool, n)
	for first := uint64(0); len(s.codes) < n; first += uint64(len(batch)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var wait sync.WaitGroup
		for t := range threads {
			wait.Go(func() {
				for i := t; i < len(batch); i += threads {
					g := draw(rand.New(rand.NewPCG(seed, first+uint64(i))))
					d := drawn{code: g.code()}
					if d.small = imageNet(&g, &g).Operations() < MaxOperations; d.small {
						d.print = g.fingerprint()
					}
					batch[i] = d
				}
			})
		}
		wait.Wait()
		for _, d := range batch {
			s.counts.Draws++
			switch {
			case !d.small:
				s.counts.TooLarge++
			case seen[d.print]:
				s.counts.Duplicates++
			default:
				seen[d.print] = true
				s.codes, s.prints = append(s.codes, d.code), append(s.prints, d.print)
			}
			if len(s.codes) == n {
				break
			}
		}
	}
	s.sorted = make([]int32, n)
	for i := range s.sorted {
		s.sorted[i] = int32(i)
	}
	slices.SortFunc(s.sorted, func(a, b int32) int { return cmp.Compare(s.prints[a], s.prints[b]) })
	return s, nil
}

// draw draws a cell: every operation, and every pair of different inputs of a
// block, is equally likely.
func draw(rng *rand.Rand) (g genes) {
	for b := range blocks {
		first := rng.IntN(b + 2)
		second := rng.IntN(b + 1)
		if second >= first {
			second++
		}
		g[2*b] = gene{None + rng.IntN(choices), first}
		g[2*b+1] = gene{None + rng.IntN(choices), second}
	}
	return g
}
