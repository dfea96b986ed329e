package darts

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"arch2vec/native/cell"
)

// Digest identifies the sample: the SHA-256 of its graph hashes in ascending
// order, in lower-case hexadecimal, each followed by a newline. It hashes every
// cell, on this many threads, in a few seconds for a sample of the published
// size; it returns the context's error when that is done first.
func (s *Space) Digest(ctx context.Context, threads int) (string, error) {
	sums := make([][cell.HashSize]byte, len(s.codes))
	threads = max(threads, 1)
	var wait sync.WaitGroup
	for t := range threads {
		wait.Go(func() {
			h := cell.NewHasher(nil)
			var cells [hashChunk]cell.Cell
			for first := t * hashChunk; first < len(sums) && ctx.Err() == nil; first += threads * hashChunk {
				some := sums[first:min(first+hashChunk, len(sums))]
				for i := range some {
					cells[i] = s.codes[first+i].genes().cell()
				}
				h.Sums(cells[:len(some)], some)
			}
		})
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	slices.SortFunc(sums, func(a, b [cell.HashSize]byte) int { return bytes.Compare(a[:], b[:]) })
	return cell.Digest(sums), nil
}

// hashChunk is how many cells a thread hashes at a time.
const hashChunk = 256
