package f32

import (
	"math/rand/v2"
	"testing"
)

// The kernel does the operations that Peak counts: after enough rounds every one
// of its chains a = a/2 + 1 stands at 2, and after one at 1.
func TestPeak(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, _ *rand.Rand) {
		for turns, want := range map[int]float32{0: 0, 1: peakChains, 2: 1.5 * peakChains, 3: 1.75 * peakChains, 100: 2 * peakChains} {
			if got := k.peak(turns); got != want {
				t.Errorf("%d rounds end at %v, want %v", turns, got, want)
			}
			if got := k.Peak(turns); got != float64(2*turns*peakChains*k.lanes) {
				t.Errorf("%d rounds are %v operations", turns, got)
			}
		}
		if got := k.Peak(-1); got != 0 {
			t.Errorf("-1 rounds are %v operations", got)
		}
	})
}
