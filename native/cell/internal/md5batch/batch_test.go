package md5batch

import (
	"crypto/md5"
	"math/rand/v2"
	"testing"
)

// TestSum compares with crypto/md5, over batches of many sizes and messages of
// every length.
func TestSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var batch Batch
	for round := range MaxLength + 1 {
		n := round % 29
		messages, sums := make([][]byte, n), make([][Size]byte, n)
		batch.Reset()
		for i := range messages {
			messages[i] = make([]byte, rng.IntN(MaxLength+1))
			if i == 0 {
				messages[i] = make([]byte, round)
			}
			for k := range messages[i] {
				messages[i][k] = byte(rng.Uint32())
			}
			batch.Add(append(batch.Next(), messages[i]...))
		}
		check := func(path string) {
			t.Helper()
			for i, m := range messages {
				if want := md5.Sum(m); sums[i] != want {
					t.Fatalf("%s: message %d of %d, %d bytes: %x, want %x", path, i, n, len(m), sums[i], want)
				}
			}
		}
		batch.Sum(sums)
		check("Sum")
		clear(sums)
		batch.sumOneByOne(sums)
		check("sumOneByOne")
	}
}

func TestTooLong(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a message that is too long was taken")
		}
	}()
	var batch Batch
	batch.Add(append(batch.Next(), make([]byte, MaxLength+1)...))
}

// BenchmarkSum measures a message of 150 bytes, three blocks.
func BenchmarkSum(b *testing.B) {
	const n = 350
	var batch Batch
	sums := make([][Size]byte, n)
	message := make([]byte, 150)
	for b.Loop() {
		batch.Reset()
		for range n {
			batch.Add(append(batch.Next(), message...))
		}
		batch.Sum(sums)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/message")
}
